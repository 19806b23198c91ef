// Parts that every interactive has: elements, controls, a live region, the bet, goals.
// Nothing here knows what a figure is about.
import { unbroken } from "./formats.js";

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

/** What stands side by side where there is room. */
export const row = (/** @type {any[]} */ ...children) => make("div", { class: "nn-row" }, ...children);

/** A button that says what it does. One that can do nothing now keeps its focus: see `able`. */
export const button = (/** @type {string} */ text, /** @type {() => void} */ onclick, /** @type {Attributes} */ more = {}) => {
  const press = () => element.getAttribute("aria-disabled") !== "true" && onclick();
  const element = make("button", { type: "button", onclick: press, ...more }, text);
  return element;
};

/** Whether a button can do something now; `disabled` would lose the focus of who has just pressed it. */
export function able(/** @type {HTMLElement} */ element, /** @type {boolean} */ can) {
  if (can) element.removeAttribute("aria-disabled");
  else element.setAttribute("aria-disabled", "true");
}

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
    const index = options.findIndex(([one]) => one === value);
    if (select.selectedIndex !== index) select.selectedIndex = index; // an open list is left alone
  };
  set(chosen);
  return { element: make("label", { class: "nn-field" }, label, select), set };
}

/** A number that may change many times a second: not every one is read aloud, `announcer` speaks. */
export const figure = (/** @type {string} */ text) => make("output", { "aria-live": "off" }, text);

/**
 * A slider with its value beside it; `show` writes the value for readers. The buttons at its ends
 * are for fingers, for which a step is narrower than a slider can tell; keys have the arrows.
 */
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
  const heard = () => {
    write();
    changed(Number(input.value));
  };
  const nudge = (/** @type {number} */ by, /** @type {string} */ sign, /** @type {string} */ words) =>
    button(sign, () => {
      input.value = String(Number(input.value) + by);
      heard();
    }, { class: "nn-nudge", tabindex: -1, "aria-label": `${label}: ${words}` });
  input.addEventListener("input", heard);
  const set = (/** @type {number} */ value, max = Number(input.max)) => {
    input.max = String(max);
    input.value = String(value);
    write();
  };
  write();
  const element = make("div", { class: "nn-slider" }, make("span", {}, label),
    nudge(-1, "\u2212", "one step down"), input, nudge(1, "+", "one step up"), output);
  return { element, input, set };
}

/** What is asked before anything is shown, and below it how to answer. */
export const betBox = (/** @type {string} */ question, /** @type {any[]} */ ...answers) =>
  make("div", { class: "nn-bet" }, make("p", {}, make("strong", {}, "Bet first. "), unbroken(question)), ...answers);

/** The caption; what follows its first sentence is the answer, which waits for the reader's bet. */
export function captionOf(/** @type {string} */ text) {
  const end = text.indexOf(". ") + 1 || text.length;
  return make("p", { class: "nn-caption" }, text.slice(0, end), make("span", { class: "nn-answer" }, text.slice(end)));
}

/** How a page's reader gets a kernel; a book built without a repository has no launch menu. */
export const wayToKernel = () => {
  const menu = document.querySelector(".dropdown-launch-buttons");
  return `open the chapter as a notebook${menu ? ": with the launch menu at the top, or" : ""} on your own machine.`;
};

/** Goals that tick themselves off. */
export function goalList(/** @type {string[]} */ goals, /** @type {(text: string, lasts?: boolean) => void} */ say) {
  const items = goals.map((goal) => make("li", {},
    make("span", { class: "nn-tick", "aria-hidden": "true" }, "○"), make("span", { class: "nn-hidden" }, "To do: "), goal));
  const done = goals.map(() => false);
  const marks = make("p", { class: "nn-marks", "aria-hidden": "true" }); // the list may be out of sight
  return {
    marks,
    element: make("ul", { class: "nn-goals", "aria-label": "Goals" }, ...items),
    done,
    reach(/** @type {number} */ which) {
      if (done[which]) return;
      done[which] = true;
      items[which].dataset.done = "true";
      marks.textContent = `✓ ${done.filter(Boolean).length} of ${done.length} goals`;
      items[which].children[0].textContent = "✓";
      items[which].children[1].textContent = "Done: ";
      say(`Goal reached: ${goals[which]}`, true);
    },
  };
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
  const types = { int8: Int8Array, float32: Float32Array, float64: Float64Array, uint8: Uint8Array, uint16: Uint16Array };
  /** @type {Record<string, any>} */
  const arrays = {};
  const view = ArrayBuffer.isView(block) ? block : new Uint8Array(block);
  const buffer = view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
  for (const [name, [offset, length, type]] of Object.entries(layout)) arrays[name] = new types[type](buffer, offset, length);
  return arrays;
}
