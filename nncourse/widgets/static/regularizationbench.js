// The regularization bench: five cures on one noisy problem, from the same start, on the same batches.
import { Plot, figureOf, make, number, paintValues, percent } from "./kit.js";

/** As in record_regularization.py, in this order. @type {Record<string, number[]>} */
export const STRENGTHS = {
  L2: [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3],
  L1: [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1],
  dropout: [0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9],
  early: [100, 50, 30, 20, 10, 5, 1],
  shifted: [0.03, 0.1, 0.2, 0.3, 0.5, 1, 2],
};
const CURES = Object.keys(STRENGTHS);
const [RUNS, POINTS, EVERY, GRID, RANGE] = [36, 31, 10, 20, 2.2];
/** @type {Record<string, (one: number) => string>} */
const NAMED = { none: () => "Without a cure", L2: (s) => `L2, λ = ${s}`, L1: (s) => `L1, λ = ${s}`, dropout: (s) => `Dropout of ${percent(s)} of the units`,
  early: (s) => `Early stopping, patience ${s}`, shifted: (s) => `Points shifted anew each epoch, deviation ${s}` };
const strengthOf = (/** @type {any} */ { cure, strength }) => (cure === "none" ? 0 : STRENGTHS[cure][strength - 1]);
const within = (/** @type {number} */ x) => Math.max(-RANGE + 0.1, Math.min(RANGE - 0.1, x));
const points = (/** @type {number} */ share) => `${(100 * share).toFixed(1)} points`;

/** What is recorded of a run: shares of rows, losses of the data alone, the penalty, the length of all weights. */
export function runOf(/** @type {any} */ data, /** @type {any} */ { cure, strength, draw }) {
  const k = RUNS * (draw - 1) + (cure === "none" ? 0 : 1 + 7 * CURES.indexOf(cure) + strength - 1);
  const curve = (/** @type {Uint8Array} */ all) => Array.from(all.slice(POINTS * k, POINTS * (k + 1)))
    .flatMap((loss, j) => (loss === 255 ? [] : [/** @type {[number, number]} */ ([EVERY * j, loss / 100])]));
  const [train, validation] = [data.losses[2 * k] / 1000, data.losses[2 * k + 1] / 1000];
  const [right, rightNew] = [data.scores[2 * k] / 1000, data.scores[2 * k + 1] / 1000];
  return { train, validation, right, rightNew, gap: right - rightNew, penalty: data.penalty[k] / 1000, norm: data.norm[k] / 100, small: data.small[k] / 200,
    epochs: data.epochs[k], curves: [curve(data.train), curve(data.validation)], surface: data.surface.slice(GRID * GRID * k, GRID * GRID * (k + 1)) };
}

const plain = (/** @type {any} */ state) => ({ ...state, cure: "none" });
/** What is reached: a small gap that costs nothing; chance; a better loss with the same accuracy. */
export const reached = (/** @type {any} */ data, /** @type {any} */ state) => {
  const [now, before] = [runOf(data, state), runOf(data, plain(state))];
  const cured = state.cure !== "none";
  return [cured && Math.abs(now.gap) < 0.03 && now.rightNew >= before.rightNew,
    (state.cure === "L2" || state.cure === "L1") && now.norm < 0.1,
    cured && now.validation <= 0.75 * before.validation && Math.abs(now.rightNew - before.rightNew) <= 0.015];
};

export default figureOf({
  controls: {
    cure: { label: "Cure", start: "none", options: [["none", "none"], ["L2", "L2 penalty"], ["L1", "L1 penalty"], ["dropout", "dropout"], ["early", "early stopping"], ["shifted", "shifted data"]] },
    strength: { label: "Strength", start: 3, min: 1, max: 7, step: 1, show: (k) => `${k} of 7` },
    draw: { label: "Draw of the data", start: 1, min: 1, max: 3, step: 1 },
  },
  build(figure) {
    const { parts } = figure;
    parts.loss = new Plot({ label: "Losses over the epochs.", x: [0, 300], y: [0, 1], xLabel: "epoch", yLabel: "loss of the data", tall: 0.7 });
    parts.plane = new Plot({ label: "What the network makes of the plane, and the 80 points that it learns from.", x: [-RANGE, RANGE], y: [-RANGE, RANGE], xLabel: "input x1", yLabel: "input x2", tall: 0.7 });
    parts.canvas = make("canvas", { width: GRID, height: GRID });
    parts.legend = make("p", { class: "nn-legend" }, "Solid: training. Dashed: validation. Grey and dotted: the same without a cure.");
    return [make("div", {}, parts.loss.element, parts.legend), make("div", {}, parts.plane.element)];
  },
  draw(state, figure) {
    const { parts, data, root, asking } = figure;
    const shown = asking ? plain(state) : state;
    const [now, before] = [runOf(data, shown), runOf(data, plain(state))];
    const change = now.rightNew - before.rightNew;
    const line = `${NAMED[state.cure](strengthOf(state))}: training loss ${number(now.train)}, validation loss ${number(now.validation)}` +
      `${state.cure === "none" ? "" : ` (without a cure ${number(before.train)} and ${number(before.validation)})`}; ${percent(now.rightNew)} of new rows right` +
      `${state.cure === "none" ? "" : `, ${change < 0 ? "−" : "+"}${points(Math.abs(change))}`}.`;
    // Of the bet's two runs only the first half is shown while the reader is asked.
    const part = (/** @type {[number, number][]} */ curve) => (asking ? curve.slice(0, 6) : curve);
    parts.loss.show({
      curves: [{ points: part(before.curves[0]), kind: "soft" }, { points: part(before.curves[1]), kind: "kept" },
        { points: part(now.curves[0]), kind: "train" }, { points: part(now.curves[1]), kind: "check", dashed: true }],
      words: asking ? "" : line,
    });
    paintValues(parts.canvas, root, Array.from(now.surface, (p) => 0.62 * (Number(p) / 50 - 1)), GRID);
    const [X, y] = [data.X.slice(160 * (state.draw - 1), 160 * state.draw), data.y.slice(80 * (state.draw - 1), 80 * state.draw)];
    parts.plane.show({ surface: asking ? undefined : parts.canvas, words: "Round: class 0; square: class 1.",
      points: Array.from(y, (kind, i) => ({ x: within(X[2 * i] / 50), y: within(X[2 * i + 1] / 50), kind: kind ? "check" : "train", square: Boolean(kind) })) });
    return { line, numbers: [
      ["training loss, data alone", number(now.train)], ["penalty", number(now.penalty)], ["cost: both together", number(now.train + now.penalty)],
      ["validation loss", number(now.validation)], ["training rows right", percent(now.right)], ["validation rows right", percent(now.rightNew)],
      ["gap", points(now.gap)], ["length of all weights", number(now.norm)], ["weights below 0.01 in size", percent(now.small)], ["epochs", String(now.epochs)]] };
  },
  goals: [0, 1, 2].map((k) => (state, { data }) => reached(data, state)[k]),
  verdict(bet, _, { data }) {
    const [without, with_] = [runOf(data, { cure: "none", strength: 3, draw: 1 }), runOf(data, { cure: "L2", strength: 3, draw: 1 })];
    const truth = without.train < with_.train ? 0 : without.train > with_.train ? 1 : 2;
    return `${bet === truth ? "Right" : "Not so"}: ${number(without.train)} without the penalty, ${number(with_.train)} with it.`;
  },
});
