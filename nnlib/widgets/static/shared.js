// Parts that every interactive has: elements, numbers, colours, a chart, a live region, goals,
// and the state as a link. Nothing here knows what a figure is about.

/** @typedef {Record<string, any>} Attributes */
/**
 * What the front-ends use of their host: a part of the interface that anywidget promises in every
 * notebook (its "front-end module"). On a page, where no kernel is, host.js has `get` alone.
 * @typedef {{get: (key: string) => any, send: (content: Record<string, any>) => void,
 *   on: (name: "msg:custom", listener: (message: any, buffers: any) => void) => void,
 *   off: (name: "msg:custom", listener: (message: any, buffers: any) => void) => void}} Model
 */

const SVG = "http://www.w3.org/2000/svg";

/** An element; `on...` attributes are listeners, the rest plain attributes. */
export function make(/** @type {string} */ tag, /** @type {Attributes} */ attributes = {}, /** @type {any[]} */ ...children) {
  const element = document.createElement(tag);
  adorn(element, attributes);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return /** @type {any} */ (element);
}

export function draw(/** @type {string} */ tag, /** @type {Attributes} */ attributes = {}, /** @type {any[]} */ ...children) {
  const element = document.createElementNS(SVG, tag);
  adorn(element, attributes);
  element.append(...children);
  return /** @type {any} */ (element);
}

function adorn(/** @type {Element} */ element, /** @type {Attributes} */ attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null && value !== undefined)
      element.setAttribute(name, value === true ? "" : String(value));
  }
}

/** The frame of a figure: keys pressed inside belong to it, not to the notebook around it. */
export function frame(/** @type {HTMLElement} */ el, /** @type {string} */ label) {
  // Of several figures with the same title each has a name of its own.
  const before = [...document.querySelectorAll("section.nn")].filter((one) => one.getAttribute("aria-label")?.startsWith(label));
  const name = before.length ? `${label} (${before.length + 1})` : label;
  const root = make("section", { class: "nn", "aria-label": name, "data-lm-suppress-shortcuts": "true" });
  root.addEventListener("keydown", (/** @type {Event} */ event) => event.stopPropagation());
  el.append(root);
  if (!el.closest(".nn-static")) new ResizeObserver(() => hideStill(root)).observe(root);
  return /** @type {HTMLElement} */ (root);
}

/** In a notebook the next output is the still, for the day when no kernel is there. */
function hideStill(/** @type {HTMLElement} */ root) {
  const all = [...document.querySelectorAll("section.nn, .nn-static")];
  const next = all[all.indexOf(root) + 1];
  if (root.isConnected && next instanceof HTMLElement && next.matches(".nn-static")) next.hidden = true;
}

/** Three decimals for what is near one, powers of ten for the rest; never a bare NaN. */
export function number(/** @type {number} */ value) {
  if (!Number.isFinite(value)) return "no longer a number";
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.0005 || size >= 1e5)) return value.toExponential(1).replace("e+", "e");
  return size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : value.toFixed(3);
}

export const percent = (/** @type {number} */ share) => `${(100 * share).toFixed(1)}\u00a0%`;

/** A setting as its author wrote it: 0.0003 or 3e-5, without trailing zeros. */
export const setting = (/** @type {number} */ value) =>
  value !== 0 && Math.abs(value) < 1e-4 ? value.toExponential() : String(value);

/** Keeps 2-8-8-1 in one line. */
export const unbroken = (/** @type {string} */ text) => text.replace(/(\d)-(?=\d)/g, "$1\u2011");

export const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Whether a reader who wants no motion was shown a picture of a training less than a second ago. */
export const tooSoon = (/** @type {number} */ shown) => calm() && performance.now() - shown < 1000;

/** Calls back whenever the page's background turns dark or light; tells at once, too. */
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
    root.dataset.dark = String(dark);
    changed();
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

/**
 * Says things to screen readers: politely, the last word only, at most one a second. What is
 * said to last (a goal reached) is not lost to the words that come after it.
 */
export function announcer(/** @type {HTMLElement} */ root) {
  const region = make("div", { class: "nn-hidden", role: "status", "aria-live": "polite" });
  root.append(region);
  let [waiting, last, word, lasting] = [/** @type {any} */ (null), 0, "", ""];
  return (/** @type {string} */ text, lasts = false) => {
    clearTimeout(waiting);
    if (lasts) lasting = `${lasting} ${text}`;
    else word = text;
    const speak = () => {
      last = performance.now();
      region.textContent = `${word}${lasting}`.trim();
      word = lasting = "";
    };
    waiting = setTimeout(speak, Math.max(0, last + 1000 - performance.now()));
  };
}

/** A button that says what it does. */
export const button = (/** @type {string} */ text, /** @type {() => void} */ onclick, /** @type {Attributes} */ more = {}) =>
  make("button", { type: "button", onclick, ...more }, text);

/** A drop-down list of values with their names. */
export function choice(
  /** @type {string} */ label,
  /** @type {[any, string][]} */ options,
  /** @type {any} */ chosen,
  /** @type {(value: any) => void} */ changed,
) {
  const select = make("select", { "aria-label": label, onchange: () => changed(options[select.selectedIndex][0]) });
  select.append(...options.map(([, name]) => make("option", {}, name)));
  const set = (/** @type {any} */ value) => {
    select.selectedIndex = options.findIndex(([one]) => one === value);
  };
  set(chosen);
  return { element: make("label", { class: "nn-field" }, label, select), set };
}

/** A number that may change many times a second: not every one is read aloud, `announcer` speaks. */
export const figure = (/** @type {string} */ text) => make("output", { "aria-live": "off" }, text);

/** A slider with its value beside it; `show` writes the value for readers. */
export function slider(
  /** @type {string} */ label,
  /** @type {{min: number, max: number, value: number}} */ range,
  /** @type {(value: number) => string} */ show,
  /** @type {(value: number) => void} */ changed,
) {
  const input = make("input", { type: "range", step: 1, "aria-label": label, ...range });
  const output = figure("");
  const write = () => {
    output.textContent = show(Number(input.value));
    input.setAttribute("aria-valuetext", output.textContent);
  };
  input.addEventListener("input", () => {
    write();
    changed(Number(input.value));
  });
  const set = (/** @type {number} */ value, max = Number(input.max)) => {
    input.max = String(max);
    input.value = String(value);
    write();
  };
  write();
  return { element: make("label", { class: "nn-slider" }, make("span", {}, label), input, output), input, set };
}

/** Which line is which. */
export const curveLegend = () =>
  make("p", { class: "nn-legend" }, make("span", { class: "nn-key nn-train" }), "training ", make("span", { class: "nn-key nn-check" }), "validation");

/** The caption; what follows its first sentence is the answer, which waits for the reader's bet. */
export function captionOf(/** @type {string} */ text) {
  const end = text.indexOf(". ") + 1 || text.length;
  return make("p", { class: "nn-caption" }, text.slice(0, end), make("span", { class: "nn-answer" }, text.slice(end)));
}

/** How a page's reader gets a kernel; a book built without a repository has no launch menu. */
export const wayToKernel = () =>
  `open the chapter as a notebook${document.querySelector(".dropdown-launch-buttons") ? ": with the launch menu at the top, or" : ""} on your own machine.`;

/** Goals that tick themselves off. */
export function goalList(/** @type {string[]} */ goals, /** @type {(text: string, lasts?: boolean) => void} */ say) {
  const items = goals.map((goal) => make("li", {}, make("span", { class: "nn-tick", "aria-hidden": "true" }, "○"), make("span", { class: "nn-hidden" }, "To do: "), goal));
  const done = goals.map(() => false);
  return {
    element: make("ul", { class: "nn-goals", "aria-label": "Goals" }, ...items),
    done,
    reach(/** @type {number} */ which) {
      if (done[which]) return;
      done[which] = true;
      items[which].dataset.done = "true";
      items[which].children[0].textContent = "✓";
      items[which].children[1].textContent = "Done: ";
      say(`Goal reached: ${goals[which]}`, true);
    },
  };
}

/** The state that a link carries for the figure of this name, or null. */
export function readLink(/** @type {string} */ name) {
  const parameters = new URLSearchParams(location.hash.slice(1));
  return parameters.get("figure") === name ? parameters : null;
}

/** Calls back now, and whenever another link is opened on this page. */
export function followLinks(/** @type {() => void} */ changed) {
  window.addEventListener("hashchange", changed);
  changed();
  return () => window.removeEventListener("hashchange", changed);
}

/** Puts the state into the address, and the address into the clipboard where that is allowed. */
export async function writeLink(/** @type {string} */ name, /** @type {Record<string, string>} */ state) {
  const hash = "#" + new URLSearchParams({ figure: name, ...state }).toString();
  history.replaceState(null, "", hash);
  try {
    await navigator.clipboard.writeText(location.href);
    return "The link is copied, and stands in the address bar.";
  } catch {
    return "The link stands in the address bar.";
  }
}

/**
 * Arrays out of one block of bytes: [offset, length, type] by name. The block comes as a DataView,
 * in Colab as a Uint8Array, and elsewhere as a bare buffer.
 */
export function unpack(
  /** @type {DataView | Uint8Array | ArrayBuffer} */ block,
  /** @type {Record<string, [number, number, string]>} */ layout,
) {
  /** @type {Record<string, any>} */
  const types = { float32: Float32Array, float64: Float64Array, uint8: Uint8Array, uint16: Uint16Array };
  /** @type {Record<string, any>} */
  const arrays = {};
  const view = ArrayBuffer.isView(block) ? block : new Uint8Array(block);
  const buffer = view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
  for (const [name, [offset, length, type]] of Object.entries(layout)) arrays[name] = new types[type](buffer, offset, length);
  return arrays;
}

const ticksUpTo = (/** @type {number} */ max, parts = 4) => {
  const rough = max / parts;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((one) => one >= rough) ?? rough;
  return Array.from({ length: Math.floor(max / step + 1e-9) + 1 }, (_, k) => Number((k * step).toPrecision(6)));
};

/**
 * @typedef {{points: [number, number][], kind: string, faint?: boolean}} Curve
 * @typedef {{x: number, label: string, kind: string, row?: number}} Mark
 * @typedef {{curves: Curve[], marks: Mark[], here: number | null, xMax: number, yMax: number}} View
 */

/** Curves over epochs, as wide as the place it is put in; a click or a drag picks an x. */
export class Chart {
  constructor(
    /** @type {{label: string, xLabel: string, yLabel: string, pick?: (x: number) => void}} */ options,
  ) {
    this.options = options;
    /** @type {View} */
    this.view = { curves: [], marks: [], here: null, xMax: 1, yMax: 1 };
    this.svg = draw("svg", { class: "nn-chart", role: "img", "aria-label": options.label });
    this.element = make("div", { class: "nn-chart-box" }, this.svg);
    this.width = this.left = this.right = 0;
    new ResizeObserver(() => {
      if (Math.abs(this.element.clientWidth - this.width) > 1) this.show(this.view);
    }).observe(this.element);
    if (options.pick) this.listen(options.pick);
  }

  listen(/** @type {(x: number) => void} */ pick) {
    const at = (/** @type {PointerEvent} */ event) => {
      const x = (event.clientX - this.svg.getBoundingClientRect().left - this.left) / (this.right - this.left);
      pick(Math.round(Math.max(0, Math.min(1, x)) * this.view.xMax));
    };
    this.svg.classList.add("nn-pick");
    this.svg.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => {
      this.svg.setPointerCapture(event.pointerId);
      at(event);
    });
    this.svg.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
      if (event.buttons) at(event);
    });
  }

  show(/** @type {View} */ view) {
    this.view = view;
    const width = (this.width = this.element.clientWidth || 480);
    const height = Math.round(Math.max(170, Math.min(320, width * 0.58)));
    [this.left, this.right] = [46, width - 12];
    const [top, bottom] = [26, height - 38];
    const { left, right } = this;
    const x = (/** @type {number} */ value) => left + (value / view.xMax) * (right - left);
    const y = (/** @type {number} */ value) => bottom - Math.min(value / view.yMax, 99) * (bottom - top);
    const parts = [];
    for (const tick of ticksUpTo(view.yMax)) {
      parts.push(draw("line", { class: "nn-grid", x1: left, x2: right, y1: y(tick), y2: y(tick) }));
      parts.push(draw("text", { x: left - 6, y: y(tick) + 4, "text-anchor": "end" }, String(tick)));
    }
    for (const tick of ticksUpTo(view.xMax, width < 260 ? 2 : 4))
      parts.push(draw("text", { x: x(tick), y: bottom + 17, "text-anchor": "middle" }, String(tick)));
    parts.push(draw("line", { class: "nn-axis", x1: left, x2: right, y1: bottom, y2: bottom }));
    parts.push(draw("text", { x: (left + right) / 2, y: height - 4, "text-anchor": "middle" }, this.options.xLabel));
    parts.push(draw("text", { x: 4, y: 12 }, this.options.yLabel));
    const labels = []; // over everything else
    for (const mark of view.marks) {
      const place = x(mark.x);
      const atEnd = place > (left + right) / 2;
      const line = top + 12 + 16 * (mark.row ?? 0);
      parts.push(draw("line", { class: `nn-mark nn-${mark.kind}`, x1: place, x2: place, y1: top, y2: bottom }));
      labels.push(
        draw("text", { class: `nn-mark-label nn-${mark.kind}`, x: place + (atEnd ? -5 : 5), y: line, "text-anchor": atEnd ? "end" : "start" }, mark.label),
      );
    }
    // A picture within the picture: what is above the axis leaves it at the top.
    const [wide, high] = [right - left + 4, bottom - top + 8];
    const plot = draw("svg", { x: left - 2, y: top - 6, width: wide, height: high, viewBox: `${left - 2} ${top - 6} ${wide} ${high}` });
    parts.push(plot);
    for (const curve of view.curves) {
      const points = curve.points.map(([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`).join(" ");
      plot.append(draw("polyline", { class: `nn-curve nn-${curve.kind}${curve.faint ? " nn-faint" : ""}`, points }));
      const last = curve.points[curve.points.length - 1];
      if (last && curve.points.length === 1) plot.append(draw("circle", { class: `nn-dot nn-${curve.kind}`, cx: x(last[0]), cy: y(last[1]), r: 3 }));
    }
    if (view.here !== null) parts.push(draw("line", { class: "nn-here", x1: x(view.here), x2: x(view.here), y1: top - 6, y2: bottom }));
    parts.push(...labels);
    this.svg.setAttribute("width", String(width));
    this.svg.setAttribute("height", String(height));
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.replaceChildren(...parts);
  }
}
