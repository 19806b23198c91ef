// What the reader's page and system ask for: dark or light, motion or none; and colours for both.

export const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Whether a reader who wants no motion was shown a picture of a training less than a second ago. */
export const tooSoon = (/** @type {number} */ shown) => calm() && performance.now() - shown < 1000;

/**
 * Notes on `root` whether the page is dark, now and whenever its background turns dark or light; then
 * calls back, but not at first: who draws for the first time asks before.
 */
export function followTheme(/** @type {HTMLElement} */ root, /** @type {() => void} */ changed) {
  const media = window.matchMedia("(prefers-color-scheme: dark)");
  const bright = (/** @type {string} */ colour) => {
    const [red, green, blue, opacity = 1] = colour.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0, 0];
    return opacity < 0.5 ? null : 0.3 * red + 0.6 * green + 0.1 * blue >= 128;
  };
  const look = () => {
    const around = root.parentElement ?? document.body;
    // Where nothing around has a background of its own, light text tells of a dark page.
    let dark = bright(getComputedStyle(around).color) ?? media.matches;
    for (let one = /** @type {HTMLElement | null} */ (around); one; one = one.parentElement) {
      const light = bright(getComputedStyle(one).backgroundColor);
      if (light === null) continue;
      dark = !light;
      break;
    }
    if (printing) dark = false;
    if (root.dataset.dark === String(dark)) return;
    const first = root.dataset.dark === undefined;
    root.dataset.dark = String(dark);
    if (!first) changed();
  };
  let printing = false;
  const later = () => setTimeout(look, 60);
  const watch = new MutationObserver(later);
  const options = { attributes: true, attributeFilter: ["class", "data-theme", "data-jp-theme-light", "style"] };
  for (const one of [document.documentElement, document.body]) watch.observe(one, options);
  const paper = (/** @type {Event} */ event) => {
    printing = event.type === "beforeprint";
    look();
  };
  // A notebook may put the figure on its page only after it has started, and a theme's colours may
  // arrive after its name.
  const placed = new ResizeObserver(look);
  placed.observe(root);
  document.addEventListener("load", later, true);
  media.addEventListener("change", later);
  for (const name of ["beforeprint", "afterprint"]) window.addEventListener(name, paper);
  look();
  return () => {
    watch.disconnect();
    placed.disconnect();
    document.removeEventListener("load", later, true);
    media.removeEventListener("change", later);
    for (const name of ["beforeprint", "afterprint"]) window.removeEventListener(name, paper);
  };
}

/** Colours for canvases: blue for low or class 0, orange for high or class 1. */
export function palette(/** @type {HTMLElement} */ root) {
  const dark = root.dataset.dark === "true";
  return {
    low: dark ? [86, 180, 233] : [0, 114, 178],
    middle: dark ? [30, 32, 36] : [255, 255, 255],
    high: dark ? [240, 140, 50] : [213, 94, 0],
    ink: dark ? "#e8eaed" : "#1c1f23",
    paper: dark ? "#1e2024" : "#ffffff",
  };
}

/** Mixes low-middle-high, for a value from -1 to 1. */
export function mix(/** @type {ReturnType<typeof palette>} */ colours, /** @type {number} */ value) {
  const end = value < 0 ? colours.low : colours.high;
  const much = Math.min(1, Math.abs(value));
  return colours.middle.map((middle, k) => Math.round(middle + (end[k] - middle) * much));
}

/** Black or white, whichever stands out more (WCAG's relative luminance). */
export function inkOn(/** @type {number[]} */ colour) {
  const [red, green, blue] = colour.map((one) => (one <= 10 ? one / 3294 : ((one / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000" : "#fff";
}
