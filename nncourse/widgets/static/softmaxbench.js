// Softmax on a bench: logits one can drag, and the same formula computed in two ways, in short numbers.
import { Plot, figureOf, make, number } from "./kit.js";

/** The nearest number of 16 bits (IEEE 754 binary16), as NumPy's float16 has it. */
export function half(/** @type {number} */ x) {
  if (!Number.isFinite(x) || x === 0) return x;
  const step = 2 ** Math.max(-24, Math.floor(Math.log2(Math.abs(x))) - 10);
  const [low, part] = [Math.floor(x / step), x / step - Math.floor(x / step)];
  const near = (part > 0.5 || (part === 0.5 && low % 2 !== 0) ? low + 1 : low) * step;
  return Math.abs(near) >= 65520 ? Math.sign(near) * Infinity : near;
}
/** @type {Record<string, (x: number) => number>} */
const KINDS = { float64: (x) => x, float32: Math.fround, float16: half };

/** What softmax gets: the logits by the temperature, then all shifted. */
export const scores = (/** @type {any} */ { logits, temperature, shift }) => logits.map((/** @type {number} */ z) => z / temperature + shift);

/** Probabilities and loss, every result rounded; `stable`: largest logit subtracted, loss from logits. */
export function softmax(/** @type {number[]} */ z, /** @type {number} */ t, kind = "float64", stable = true) {
  const r = KINDS[kind];
  const given = z.map(r);
  const top = stable ? Math.max(...given) : 0;
  const low = given.map((one) => r(one - top));
  const e = low.map((one) => r(Math.exp(one)));
  const sum = r(e.reduce((a, b) => a + b, 0));
  const p = e.map((one) => r(one / sum));
  const loss = stable ? r(r(Math.log(sum)) - low[t]) : r(-r(Math.log(p[t])));
  return { e, sum, p, loss, gradient: p.map((one, k) => r(one - (k === t ? 1 : 0))) };
}

const finite = (/** @type {number[]} */ ones) => ones.every(Number.isFinite);
const right = (/** @type {any} */ s, kind = "float32") => finite(softmax(scores(s), s.t, kind).p) && Number.isFinite(softmax(scores(s), s.t, kind).loss);
const naive = (/** @type {any} */ s, kind = "float32") => softmax(scores(s), s.t, kind, false);
const said = (/** @type {number} */ x) => (Number.isNaN(x) ? "NaN" : Number.isFinite(x) ? number(x).replaceAll("-", "\u2212") : "infinite");
const three = (/** @type {number[]} */ ones) => ones.map(said).join(", ");
const asWritten = (/** @type {any} */ s, /** @type {string} */ kind) => {
  const { e, p, loss } = naive(s, kind);
  return finite(p) ? `${three(p)}; loss ${said(loss)}` : `no probabilities: ${e.some((one) => one === Infinity) ? "an exponential is infinite" : "the sum is 0"}`;
};
const fromLogits = (/** @type {any} */ s, /** @type {string} */ kind) => {
  const { p, loss } = softmax(scores(s), s.t, kind);
  return `${three(p)}; loss ${said(loss)}`;
};

export default figureOf({
  controls: {
    temperature: { label: "Temperature", start: 1, values: [0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10] },
    shift: { label: "Added to all", start: 0, values: [-1000, -100, -20, -10, -5, -1, 0, 1, 5, 10, 20, 80, 85, 90, 100, 1000] },
    t: { label: "True class", start: 1, options: [[0, "1"], [1, "2"], [2, "3"]] },
  },
  more: { logits: [2, 1, -1] },
  build(figure) {
    const move = (/** @type {number} */ k, /** @type {number} */ _, /** @type {number} */ z) =>
      !figure.asking && figure.set({ logits: figure.state.logits.map((/** @type {number} */ one, /** @type {number} */ j) => (j === k ? Math.round(2 * z) / 2 : one)) });
    figure.parts.logits = new Plot({ label: "Three logits to drag up and down.", x: [0.4, 3.6], y: [-8, 8], yLabel: "logit", xLabel: "class", step: 0.5, move });
    figure.parts.shares = new Plot({ label: "Bars for each class: its probability p, and p minus its target.", x: [0.4, 3.6], y: [-1, 1], yLabel: "p (blue), p − t (orange)" });
    return [figure.parts.logits.element, make("div", {}, figure.parts.shares.element)];
  },
  draw(state, figure) {
    const { e, sum, p, loss, gradient } = softmax(scores(state), state.t);
    const line = `Now p is ${three(p)}; class ${state.t + 1} is true, and the loss is ${said(loss)}.`;
    figure.parts.logits.show({
      curves: state.logits.map((/** @type {number} */ z, /** @type {number} */ k) => ({ kind: "soft", points: [[k + 1, 0], [k + 1, z]] })),
      points: state.logits.map((/** @type {number} */ z, /** @type {number} */ k) => ({ x: k + 1, y: z, square: k === state.t, name: `Logit of class ${k + 1}${k === state.t ? ", the true class" : ""}` })),
    });
    figure.parts.shares.show({
      bars: p.flatMap((one, k) => [{ x: k + 0.78, height: one, label: `p${k + 1}` }, { x: k + 1.22, height: gradient[k], kind: "check", label: k === state.t ? `p${k + 1}−1` : `p${k + 1}−0` }]),
      words: line,
    });
    return { line, numbers: [
      ["what softmax gets", three(scores(state))], ["exponentials, the largest logit subtracted", three(e)], ["their sum", said(sum)], ["probabilities p", three(p)], ["loss, −ln p of the true class", said(loss)],
      ["gradient p − t", three(gradient)], ["float32, as written", asWritten(state, "float32")], ["float32, from logits", fromLogits(state, "float32")],
      ["float16, as written", asWritten(state, "float16")], ["float16, from logits", fromLogits(state, "float16")]] };
  },
  goals: [
    ({ logits, temperature }) => softmax(logits.map((/** @type {number} */ z) => z / temperature), 0).p.every((p, k) => Math.abs(p - [0.5, 0.5, 0][k]) <= 0.01),
    (s) => s.shift === 0 && naive(s, "float16").e.includes(Infinity) && right(s, "float16"),
    (s) => s.shift === 0 && naive(s).loss === Infinity && right(s),
  ],
  verdict(bet) {
    const before = { logits: [2, 1, -1], temperature: 1, shift: 0, t: 1 };
    const after = { ...before, shift: 100 };
    const truth = finite(naive(after).p) ? (Math.abs(naive(after).p[0] - naive(before).p[0]) < 1e-3 ? 0 : 1) : 2;
    return `${bet === truth ? "Right" : "Not so"}. On paper nothing changes: only differences count. As written, float32 gives ${asWritten(after, "float32")}. From logits it gives ${fromLogits(after, "float32")}, as before.`;
  },
});
