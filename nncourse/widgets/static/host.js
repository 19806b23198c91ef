// Shows interactives on a page without Jupyter: over http and from file:// alike. Each figure is a
// classic script beside this one, loaded when the figure comes near (browsers refuse to import
// modules from file://). `?figure=NAME` shows one figure alone: for a projector, or another page.
import { readLink } from "./kit.js";

const here = new URL(".", /** @type {HTMLScriptElement} */ (document.currentScript).src);
/** @type {Record<string, Promise<any>>} */
const loaded = {};
const load = (/** @type {string} */ name) =>
  (loaded[name] ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL(`${name}.js`, here).href;
    script.onload = () => resolve(/** @type {any} */ (window).nnFigures[name].default);
    script.onerror = () => reject(new Error(`${name}.js could not be loaded`));
    document.head.append(script);
  }));

function bytes(/** @type {string} */ text) {
  const { fromBase64 } = /** @type {any} */ (Uint8Array);
  if (fromBase64) return new DataView(fromBase64.call(Uint8Array, text).buffer);
  const letters = atob(text); // for browsers of before 2025
  const all = new Uint8Array(letters.length);
  for (let k = 0; k < all.length; k++) all[k] = letters.charCodeAt(k);
  return new DataView(all.buffer);
}
const read = (/** @type {Element} */ element) =>
  JSON.parse(element.querySelector("script[type='application/json']")?.textContent ?? "");
const nameOf = (/** @type {Element} */ element) => {
  try {
    return read(element).state.settings.name;
  } catch {
    return null; // what is wrong is told when it is started
  }
};

const all = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".nn-static[data-module]")]);
// Of several figures with one name on a page each has links of its own: the second's is name-2.
const names = all.map(nameOf).map((name, k, every) => {
  const before = every.slice(0, k).filter((one) => one === name).length;
  return before ? `${name}-${before + 1}` : name;
});

async function begin(/** @type {HTMLElement} */ element) {
  const box = document.createElement("div");
  try {
    const data = read(element);
    data.state.settings.name = names[all.indexOf(element)];
    for (const [key, value] of Object.entries(data.buffers || {})) data.state[key] = bytes(value);
    const state = { ...data.state, page: true };
    const front = await load(data.module);
    element.append(box);
    // Of a Jupyter widget model there is the state alone: no kernel answers here.
    await front.render({ model: { get: (/** @type {string} */ key) => state[key] }, el: box });
    standFor(element);
    element.dataset.ready = "1"; // the still picture is hidden, and kept for paper
  } catch (error) {
    // The still picture stays; the reader is told, and the console has the cause.
    box.remove();
    element.dataset.error = String(error);
    const note = document.createElement("p");
    note.textContent = "This figure could not be made interactive here; the still picture remains.";
    element.append(note);
    console.error(error);
  }
}
/** When the page has nothing else to do. */
const idle = (/** @type {() => void} */ call) => ("requestIdleCallback" in window ? requestIdleCallback(call) : setTimeout(call, 200));

/** @type {Map<HTMLElement, Promise<void>>} */
const started = new Map();
const start = (/** @type {HTMLElement} */ element) => {
  if (!started.has(element)) started.set(element, begin(element));
  return started.get(element);
};

/** The pictures that a figure with knobs replaces, an output each, are shown no more. */
function standFor(/** @type {HTMLElement} */ element) {
  let output = element.closest(".output") ?? element;
  for (let k = Number(element.dataset.standsFor ?? 0); k > 0 && output.nextElementSibling; k--) {
    output = output.nextElementSibling;
    output.classList.add("nn-stood-for");
  }
}

/** Nothing of the page but this figure: what stands beside it, at every level, is taken away. */
function showAlone(/** @type {HTMLElement} */ element) {
  document.documentElement.classList.add("nn-alone");
  for (let one = element; one !== document.body && one.parentElement; one = one.parentElement) {
    for (const other of one.parentElement.children)
      if (other !== one && !/^(SCRIPT|STYLE|LINK)$/.test(other.tagName)) other.setAttribute("hidden", "");
    one.classList.add("nn-alone-path");
  }
}

// A link to a figure's state leads to the figure, wherever on the page that is.
async function follow() {
  const wanted = all[names.findIndex((name) => name && readLink(name))];
  if (!wanted) return;
  await start(wanted);
  wanted.scrollIntoView();
}

const only = new URLSearchParams(location.search).get("figure");
const alone = only && all[names.indexOf(only)];
if (alone) {
  showAlone(alone);
  start(alone);
} else {
  addEventListener("hashchange", follow);
  // Formulas and figures above move it until all is loaded.
  follow().then(() => document.readyState === "complete" || addEventListener("load", follow));
  // What is on the screen starts at once; what is near, once that is drawn and nothing else is to do.
  whenWithin("0px", start);
  whenWithin("600px", (element) => idle(() => start(element)));
  if (document.readyState === "complete") fetchAhead();
  else addEventListener("load", fetchAhead);
}

/** Calls for each figure, once, when it is so far from the screen. */
function whenWithin(/** @type {string} */ rootMargin, /** @type {(element: HTMLElement) => void} */ call) {
  const seen = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      seen.unobserve(target);
      call(/** @type {HTMLElement} */ (target));
    }
  }, { rootMargin });
  all.forEach((element) => seen.observe(element));
}

/** Scripts of figures further down are fetched while the page has nothing else to do, one by one. */
function fetchAhead() {
  if (/** @type {any} */ (navigator).connection?.saveData) return;
  const names = [...new Set(all.map((element) => element.dataset.module ?? ""))];
  const next = () => {
    const name = names.shift();
    // What is missing is told at the figure, once a reader comes to it.
    if (name) idle(() => load(name).catch(() => {}).then(next));
  };
  next();
}
