// A drawing with knobs, at recorded settings: each combination of their values is a frame.
import { figureOf, make } from "./kit.js";

/**
 * @typedef {{name: string, label: string, values: any[], start: any}} Knob
 * @typedef {{controls: Knob[], lines: string[], frames: number[][], words: string[]}} Recorded
 */

/** Which frame shows these settings: the last knob turns fastest. */
export const frameAt = (/** @type {Knob[]} */ knobs, /** @type {Record<string, any>} */ state) =>
  knobs.reduce((place, { name, values }) => place * values.length + values.indexOf(state[name]), 0);

const numeric = (/** @type {any[]} */ values) => values.every((value) => typeof value === "number");
const control = (/** @type {Knob} */ { label, values, start }) =>
  numeric(values) ? { label, start, values } : { label, start, options: values.map((value) => /** @type {[any, string]} */ ([value, String(value)])) };

export default figureOf((/** @type {any} */ settings) => {
  const { controls, lines, frames, words } = /** @type {Recorded} */ (settings.recorded);
  return {
    controls: Object.fromEntries(controls.map((knob) => [knob.name, control(knob)])),
    build(figure) {
      return (figure.parts.picture = make("div", { class: "nn-frame", role: "img", tabindex: -1 }));
    },
    draw(state, figure) {
      const which = frameAt(controls, state);
      if (figure.parts.shown !== which) figure.parts.picture.innerHTML = frames[which].map((line) => lines[line]).join("\n");
      figure.parts.shown = which;
      const { picture } = figure.parts;
      const { width = 1, height = 1 } = picture.firstElementChild?.viewBox?.baseVal ?? {};
      // Two drawings side by side: on a narrow screen one looks at them one after the other.
      picture.classList.toggle("nn-broad", width > 2 * height);
      picture.tabIndex = width > 2 * height ? 0 : -1; // the arrow keys scroll it
      picture.firstElementChild?.setAttribute("aria-hidden", "true");
      figure.parts.picture.setAttribute("aria-label", words[which]);
      return { line: words[which] };
    },
  };
});
