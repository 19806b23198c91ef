// Formulas are set when the page's words are on the screen: those near it first, the others as soon as
// the reader does anything, or after a while; and so few at a time that a finger or a key never
// waits. (MathJax by itself sets all of them at once, before the first paint where it can: on a
// telephone that takes a second.)
(() => {
  "use strict";
  const SLICE = 10; // milliseconds
  const NEAR = 2; // screens
  const WHILE = 10_000; // milliseconds
  const MARKED = ".math, .tex2jax_process, .mathjax_process, .output_area";
  const DEEDS = ["scroll", "pointerdown", "keydown", "focusin", "wheel"];
  // The program's parts one by one: as one file they would be one long task. (The menu is what a right
  // click on a formula opens, with its TeX, a magnifier, and more for screen readers.)
  const PARTS = ["input/tex", "output/chtml", "a11y/assistive-mml", "ui/menu"];
  const program = new URL("../mathjax/startup.js", document.currentScript.src).href;
  const anchored = CSS.supports("overflow-anchor", "auto");

  const idle = () =>
    new Promise((resolve) =>
      window.requestIdleCallback ? requestIdleCallback(resolve, { timeout: 60 }) : setTimeout(resolve, 16),
    );
  /** Until something is on the screen; no time at all where nothing will be. */
  const painted = new Promise((resolve) => {
    if (document.hidden || !window.PerformanceObserver?.supportedEntryTypes?.includes("paint")) return resolve();
    new PerformanceObserver((_, observer) => {
      observer.disconnect();
      resolve();
    }).observe({ type: "paint", buffered: true });
  });
  const touched = new Promise((resolve) => {
    for (const deed of DEEDS) addEventListener(deed, resolve, { once: true, passive: true });
    setTimeout(resolve, WHILE);
  });

  let rest = [];
  function collect() {
    const marked = [...document.querySelectorAll(MARKED)].filter((one) =>
      /\\[([]|\\begin|\$/.test(one.textContent),
    );
    return marked.filter((one) => !marked.some((other) => other !== one && other.contains(one)));
  }

  /** How far a formula is from the screen; what is folded away comes last. */
  function distance(one) {
    const { top, bottom, height } = one.getBoundingClientRect();
    return height === 0 ? Infinity : Math.max(0, -bottom, top - innerHeight);
  }

  /** Sets the nearest ones, a slice at a time, until none is left within this distance. */
  async function setWithin(most, least = 1) {
    let many = least;
    for (;;) {
      await idle();
      const far = new Map(rest.map((one) => [one, distance(one)]));
      rest.sort((a, b) => far.get(a) - far.get(b) || 0);
      const chosen = rest.slice(0, many).filter((one) => far.get(one) <= most);
      if (!chosen.length) return;
      rest = rest.filter((one) => !chosen.includes(one));
      const kept = anchored ? null : document.elementFromPoint(innerWidth / 2, innerHeight / 4);
      const before = kept?.getBoundingClientRect().top;
      const begun = performance.now();
      await MathJax.typesetPromise(chosen);
      // What is read stays where it is when a formula above it takes another room than its TeX.
      const moved = kept ? kept.getBoundingClientRect().top - before : 0;
      if (moved) scrollBy({ top: moved, behavior: "instant" });
      const took = Math.max(0.5, performance.now() - begun);
      many = Math.min(2 * many, Math.max(least, Math.round((many * SLICE) / took)));
    }
  }

  async function setNear() {
    rest = collect();
    addEventListener("beforeprint", () => rest.splice(0).forEach((one) => MathJax.typeset([one])));
    await setWithin(NEAR * innerHeight);
    touched.then(() => setWithin(Infinity, 4)); // a slow machine comes to an end, too
  }

  let settled;
  const config = (window.MathJax = window.MathJax || {});
  config.loader = { load: PARTS };
  config.startup = {
    // Whoever waits for the formulas finds a promise where MathJax will have its own.
    promise: new Promise((resolve) => (settled = resolve)),
    ready: () => idle().then(() => MathJax.startup.defaultReady()),
    pageReady: () => setNear().then(settled),
  };
  painted.then(() =>
    setTimeout(() => {
      const script = document.createElement("script");
      script.src = program;
      script.onerror = settled;
      document.head.append(script);
    }),
  );
})();
