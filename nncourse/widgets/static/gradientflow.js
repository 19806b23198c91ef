// Gradient flow: what depth, activation and first weights make of the gradient, before anything is learned.
import { SATURATED, flow } from "./flow.js";
import { Plot, figureOf, make, number, percent } from "./kit.js";

const START = { activation: "sigmoid", depth: 8, times: 1, seed: 1 };
const HE = 1.414;
const ONE = 7.071; // for layers of 50 units a deviation of 1
/** @type {[string, string][]} */
const ACTIVATIONS = [["sigmoid", "sigmoid"], ["tanh", "tanh"], ["relu", "ReLU"], ["elu", "ELU"], ["identity", "none (identity)"]];
/** Where activations can lie. @type {Record<string, [number, number]>} */
const BOUNDS = { sigmoid: [0, 1], tanh: [-1, 1] };
const named = (/** @type {number} */ times) => `${times}${times === HE ? " (He)" : ""}`;

/** Rows of the page's digits, standardised: they come as whole numbers of twentieths. */
export const rowsOf = (/** @type {any} */ data) => Float64Array.from(data.X, (one) => one / 20);
/** Shares as one says them: 0.4, 1/30,000, 2,000 times. */
export function times(/** @type {number} */ ratio) {
  const round = (/** @type {number} */ x) => (x < 1e6 ? Number(x.toPrecision(1 + Number(x > 10))).toLocaleString("en-GB") : `10^${Math.round(Math.log10(x))}`);
  return ratio >= 0.1 && ratio < 10 ? number(ratio) : ratio < 1 ? `1/${round(1 / ratio)}` : round(ratio);
}

/** Whether the gradient arrives with about the size that it set out with. */
export const level = (/** @type {{ratio: number}} */ { ratio }) => ratio >= 0.3 && ratio <= 3;

/** A histogram that stands at `x` and grows to the right, as places of a line. */
function histogram(/** @type {Float64Array} */ values, /** @type {number} */ x, /** @type {[number, number]} */ [low, high], bins = 32) {
  const counts = new Float64Array(bins);
  for (const one of values) {
    if (one < low || one > high) continue;
    counts[Math.min(bins - 1, Math.floor(((one - low) / (high - low)) * bins))] += 1;
  }
  const most = counts.reduce((a, b) => Math.max(a, b), 0);
  let [first, last] = [0, bins - 1];
  while (first < last && !counts[first]) first += 1;
  while (last > first && !counts[last]) last -= 1;
  /** @type {[number, number][]} */
  const line = [];
  for (let k = first; most && k <= last; k++) {
    const right = x + (0.8 * counts[k]) / most;
    const [from, to] = [k, k + 1].map((edge) => low + (edge / bins) * (high - low));
    line.push(...(k === first ? [/** @type {[number, number]} */ ([x, from])] : []), [right, from], [right, to], ...(k === last ? [/** @type {[number, number]} */ ([x, to])] : []));
  }
  return line;
}

export default figureOf({
  controls: {
    activation: { label: "Activation", start: START.activation, options: ACTIVATIONS },
    depth: { label: "Hidden layers", start: START.depth, min: 2, max: 20, step: 1 },
    times: { label: "First weights, times Glorot's", start: START.times, values: [0.5, 0.7, 1, 1.2, HE, 1.6, 2, 3, 4, 5, 6, ONE, 8, 10, 14, 20], show: named },
    seed: { label: "Draw of the weights", start: START.seed, min: 1, max: 5, step: 1 },
  },
  build(figure) {
    const { parts } = figure;
    [parts.X, parts.y] = [rowsOf(figure.data), figure.data.y];
    parts.of = (/** @type {any} */ state) => {
      const name = JSON.stringify([state.activation, state.depth, state.times, state.seed]);
      if (parts.name !== name) [parts.name, parts.found] = [name, flow(state, parts.X, parts.y)];
      return parts.found;
    };
    const axes = { xLabel: "hidden layer (1: the first)", tall: 0.66 };
    parts.forwards = new Plot({ ...axes, label: "Histograms of the activations, one for each hidden layer.", x: [0.5, 9], y: [0, 1], yLabel: "activations a" });
    parts.backwards = new Plot({ ...axes, label: "Histograms of the size of the gradient dC/dz, one for each hidden layer.", x: [0.5, 9], y: [-10, 0], yLabel: "power of ten of |dC/dz|; line: rms" });
    return [parts.forwards.element, make("div", {}, parts.backwards.element)];
  },
  draw(state, figure) {
    const { forwards, backwards, of } = figure.parts;
    const { layers, ratio, factor, saturated, dead } = of(state);
    const sizes = layers.map((/** @type {any} */ one) => one.delta.map((/** @type {number} */ d) => Math.log10(Math.abs(d))));
    const means = layers.map((/** @type {any} */ one) => Math.log10(one.backwards));
    /** @type {[number, number]} */
    const x = [0.5, state.depth + 1];
    const reach = Math.max(...layers.map((/** @type {any} */ one) => 2.5 * one.forwards));
    forwards.limit(x, BOUNDS[state.activation] ?? [state.activation === "identity" ? -reach : state.activation === "elu" ? -1 : 0, Math.max(reach, 1)]);
    const middle = means.filter(Number.isFinite);
    for (const plot of [forwards, backwards]) plot.options.ticks = layers.map((/** @type {any} */ _, /** @type {number} */ l) => l + 1).filter((/** @type {number} */ l) => state.depth < 11 || l % 5 === 0 || l === 1);
    backwards.limit(x, figure.asking ? [-12, 0] : [Math.floor(Math.min(...middle)) - 2, Math.ceil(Math.max(...middle)) + 1]);
    const seen = (/** @type {number} */ l) => !figure.asking || l === state.depth - 1;
    const back = ratio < 0.3 ? "shrinks" : ratio > 3 ? "grows" : "keeps its size";
    const line = `On its way back from layer ${state.depth} to layer 1 the gradient ${back}: the ratio is ${times(ratio)}, a factor of ${number(factor)} at each of ${state.depth - 1} steps.`;
    forwards.show({ curves: layers.map((/** @type {any} */ one, /** @type {number} */ l) => ({ points: histogram(one.a, l + 1, forwards.options.y) })),
      words: `Rms ${number(layers[0].forwards)} in the first, ${number(layers[state.depth - 1].forwards)} in the last.` });
    backwards.show({
      curves: [...sizes.map((/** @type {Float64Array} */ one, /** @type {number} */ l) => ({ points: seen(l) ? histogram(one, l + 1, backwards.options.y) : [], kind: "check", solid: true })),
        { points: means.map((/** @type {number} */ one, /** @type {number} */ l) => [l + 1, one]).filter((/** @type {any} */ _, /** @type {number} */ l) => seen(l)), kind: "good", dashed: true }],
      points: means.flatMap((/** @type {number} */ one, /** @type {number} */ l) => (seen(l) && Number.isFinite(one) ? [{ x: l + 1, y: one, kind: "good", square: true }] : [])),
      words: figure.asking ? "" : line,
    });
    const kinds = state.activation in SATURATED;
    return { line, numbers: [
      ["ratio of the gradients, first layer / last", number(ratio)], [`factor per layer, measured over ${state.depth - 1} steps`, number(factor)],
      ["of it: weights, √(d v)", number(state.times)], ["of it: derivatives, rms f′(z) in the middle layer", number(layers[Math.floor((state.depth - 1) / 2)].derivative)],
      ["saturated, of all units and rows", kinds ? percent(saturated) : "does not saturate"], ["dead units", state.activation === "relu" ? percent(dead) : "cannot die"],
      ...layers.map((/** @type {any} */ one, /** @type {number} */ l) => /** @type {[string, string]} */ ([`layer ${l + 1}, rms: a; dC/dz`,
        `${number(one.forwards)}; ${number(one.backwards)}`]))] };
  },
  goals: [
    (s, f) => s.activation === "sigmoid" && s.depth === 8 && level(f.parts.of(s)),
    (s, f) => f.parts.of(s).ratio > 1000 && f.parts.of(s).saturated > 0.5,
    (s, f) => s.activation === "relu" && s.depth === 20 && level(f.parts.of(s)),
  ],
  verdict(bet, _, figure) {
    const { ratio } = flow(START, figure.parts.X, figure.parts.y);
    const truth = ratio < 1e-4 ? 3 : Math.max(0, Math.min(2, Math.round(-Math.log10(ratio)) - 1));
    return `${bet === truth ? "Right" : "Not so"}: it is ${times(ratio)}, the product of seven factors.`;
  },
});
