// Where the cells of a fine grid are too small for a finger: two sliders and a button choose one.
import { setting } from "./formats.js";
import { button, make, row, slider } from "./shared.js";

/** `look` hears of each cell that is pointed at, `open` of the one that is opened. */
export function picker(
  /** @type {{rates: number[], penalties: number[]}} */ { rates, penalties },
  /** @type {(cell: number) => void} */ look,
  /** @type {(cell: number) => void} */ open,
) {
  const at = { rate: Math.floor(rates.length / 2), l2: Math.floor(penalties.length / 2) };
  const cell = () => at.rate * penalties.length + at.l2;
  const knob = (/** @type {"rate" | "l2"} */ key, /** @type {string} */ label, /** @type {number[]} */ values) =>
    slider(label, { min: 0, max: values.length - 1, value: at[key] }, (k) => setting(values[k]), (k) => {
      at[key] = k;
      look(cell());
    }).element;
  return make("div", { class: "nn-picker" }, knob("rate", "Row: learning rate", rates), knob("l2", "Column: L2 strength", penalties),
    row(button("Open this cell", () => open(cell()))));
}
