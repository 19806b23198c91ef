// Gradient descent on the valley w^2 / 2, where one number decides everything: the learning rate.
import { Plot, figureOf, number } from "./kit.js";

const STEPS = 20;
const minus = (/** @type {number} */ x) => number(x).replaceAll("-", "\u2212");
const cost = (/** @type {number} */ w) => (w * w) / 2;

/** Every w from the start on; the gradient of w^2 / 2 is w. */
export function walk(/** @type {number} */ rate, start = -4) {
  const ws = [start];
  for (let k = 0; k < STEPS; k++) ws.push(ws[k] - rate * ws[k]);
  return ws;
}

const valley = Array.from({ length: 81 }, (_, k) => /** @type {[number, number]} */ ([k / 8 - 5, cost(k / 8 - 5)]));
const last = (/** @type {number} */ rate) => cost(walk(rate)[STEPS]);

export default figureOf({
  controls: { rate: { label: "Learning rate", start: 0.1, min: 0.05, max: 2.5, step: 0.05 } },
  build(figure) {
    const label = "The cost over the weight, and twenty steps of gradient descent.";
    figure.parts.plot = new Plot({ label, x: [-5, 5], y: [0, 13], xLabel: "weight w", yLabel: "cost" });
    return figure.parts.plot.element;
  },
  draw({ rate }, figure) {
    const ws = figure.asking ? [-4] : walk(rate);
    const path = ws.map((w) => /** @type {[number, number]} */ ([w, cost(w)]));
    const away = last(rate) > cost(-4);
    const line = rate === 2 ? "It jumps to and fro for ever, and the cost stays what it was: 8." : away
      ? `It diverges: each step ends farther from the lowest point than it began (factor ${minus(1 - rate)}).`
      : `After ${STEPS} steps the cost is ${number(last(rate))}.`;
    figure.parts.plot.show({
      curves: [{ points: valley, kind: "soft" }, { points: path, kind: "check", dashed: true }],
      points: path.map(([x, y], k) => ({ x, y, kind: "check", hollow: k > 0 })),
      words: figure.asking ? "" : line,
    });
    return {
      line,
      numbers: [["w after one step", minus(ws[1] ?? -4)], [`w after ${STEPS} steps`, minus(ws[STEPS] ?? -4)],
        [`cost after ${STEPS} steps`, number(last(rate))]],
    };
  },
  goals: [({ rate }) => last(rate) < 1e-3 && rate < 1, ({ rate }) => rate === 1, ({ rate }) => rate === 2],
  verdict: (bet) => `${bet === 2 ? "Right" : "Not so"}: it diverges beyond 2. At 2 itself it jumps to and fro for ever.`,
});
