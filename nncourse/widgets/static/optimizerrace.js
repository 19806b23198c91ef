// Four optimizers race downhill: the same start, the same batches, a learning rate for each.
import { Plot, calm, draw as svg, figureOf, make, number, setting } from "./kit.js";
import { RUNNERS, STEPS, SURFACES, arrives, bearsMore, contours, diverges, lostAt, ownStart, race, startOf } from "./race.js";

const RATES = [0.001, 0.0015, 0.002, 0.003, 0.005, 0.007, 0.01, 0.015, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1];
const LOWEST = 1e-6; // of the losses that are drawn
/** Colour, dashes and mark of each runner. @type {Record<string, {kind: string, dashed?: boolean, hollow?: boolean, square?: boolean}>} */
const LOOKS = { plain: { kind: "train" }, momentum: { kind: "check", square: true }, RMSprop: { kind: "bet", dashed: true, hollow: true }, Adam: { kind: "good", square: true, hollow: true } };
const rate = (/** @type {string} */ name) => ({ label: `Rate, ${name}`, start: 0.02, values: RATES });
const minus = (/** @type {string} */ text) => text.replaceAll("-0.00", "0.00").replaceAll("-", "\u2212");
/** A loss in words; what is smaller is decided by rounding. */
const said = (/** @type {number} */ loss) => (loss < LOWEST ? "below 1e-6" : number(loss));
const round = (/** @type {number} */ x) => Math.round(20 * x) / 20;

/** Which line is which. */
const legend = () => make("p", { class: "nn-legend" }, ...RUNNERS.map((name) => {
  const { kind, dashed, hollow, square } = LOOKS[name];
  const mark = `nn-point nn-${kind}${hollow ? " nn-hollow" : ""}`;
  return make("span", { class: "nn-together" }, svg("svg", { class: "nn-runner", width: 34, height: 14, "aria-hidden": "true" },
    svg("line", { class: `nn-curve nn-${kind}${dashed ? " nn-dashed" : ""}`, x1: 0, x2: 34, y1: 7, y2: 7 }),
    square ? svg("rect", { class: mark, x: 12, y: 2, width: 10, height: 10 }) : svg("circle", { class: mark, cx: 17, cy: 7, r: 5 })), name);
}));

/** @type {Record<string, number[][]>} */
const drawn = {};
const stop = (/** @type {any} */ figure) => clearInterval(figure.parts.running);

export default figureOf({
  controls: {
    surface: { label: "Surface", start: "straight", options: [["straight", "straight valley"], ["turned", "the same, turned by 45°"], ["bent", "bent valley"]] },
    batch: { label: "Rows in a batch", start: 0, options: [[0, "all: no noise"], [100, "100"], [10, "10"], [1, "1"]] },
    step: { label: "Steps taken", start: STEPS, min: 0, max: STEPS, step: 1 },
    plain: rate("plain"), momentum: rate("momentum"), RMSprop: rate("RMSprop"), Adam: rate("Adam"),
    mu: { label: "Momentum μ", start: 0.9, values: [0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99] },
  },
  more: { from: ["", 0, 0] },
  build(figure) {
    const { parts } = figure;
    const move = (/** @type {number} */ x, /** @type {number} */ y) => !figure.asking && figure.set({ from: [figure.state.surface, round(x), round(y)] });
    parts.map = new Plot({ label: "Map of the loss over two weights, with contour lines.", x: [0, 1], y: [0, 1], xLabel: "weight 1", yLabel: "weight 2",
      tall: 0.85, step: 0.05, move: (_, x, y) => move(x, y), pick: move });
    parts.curves = new Plot({ label: "The loss of each runner by step, in powers of ten.", x: [0, STEPS], y: [-6, 2], xLabel: "step", yLabel: "loss, as power of ten", tall: 0.72 });
    return [parts.map.element, make("div", {}, parts.curves.element, legend())];
  },
  draw(state, figure) {
    const { parts } = figure;
    const { surface } = state;
    const { x, y, low, loss } = SURFACES[surface];
    const start = startOf(state);
    const runs = race(state);
    const shown = figure.asking ? 0 : state.step;
    const words = Object.fromEntries(RUNNERS.map((name) => {
      const losses = runs[name].losses.slice(0, shown + 1);
      const lost = lostAt(losses);
      return [name, lost >= 0 ? `diverged at step ${lost}` : `${said(losses[shown])}${shown && diverges(losses) ? ", higher than at the start" : ""}`];
    }));
    const ahead = RUNNERS.filter((name) => lostAt(runs[name].losses.slice(0, shown + 1)) < 0)
      .sort((a, b) => runs[a].losses[shown] - runs[b].losses[shown]);
    const line = shown === 0 ? `All stand at the start, where the loss is ${number(loss(start))}.`
      : ahead.length ? `After ${shown} step${shown > 1 ? "s" : ""} ${ahead[0]} is lowest (${said(runs[ahead[0]].losses[shown])}); ${RUNNERS.filter((name) => name !== ahead[0]).map((name) => `${name} ${words[name]}`).join(", ")}.`
        : `After ${shown} steps all four have diverged.`;
    parts.map.limit(x, y);
    parts.map.show({
      pieces: (drawn[surface] ??= contours(surface)),
      curves: RUNNERS.map((name) => ({ ...LOOKS[name], points: runs[name].places.slice(0, shown + 1).filter((p) => Math.abs(p[0]) + Math.abs(p[1]) < 1e3) })),
      points: [{ x: low[0], y: low[1], kind: "soft", label: "lowest" }, ...RUNNERS.flatMap((name) => {
        const [px, py] = runs[name].places[shown];
        return shown && px >= x[0] && px <= x[1] && py >= y[0] && py <= y[1] ? [{ x: px, y: py, ...LOOKS[name] }] : [];
      }), { x: start[0], y: start[1], kind: "soft", square: true, hollow: true, label: "start", name: "Start" }],
      words: line,
    });
    const height = (/** @type {number} */ one) => Math.log10(Math.max(LOWEST, Math.min(1e6, one)));
    parts.curves.show({
      curves: [{ kind: "soft", dashed: true, points: [[0, -3], [STEPS, -3]] },
        ...RUNNERS.map((name) => ({ ...LOOKS[name], points: runs[name].losses.slice(0, shown + 1).flatMap((one, k) => (Number.isNaN(one) ? [] : [/** @type {[number, number]} */ ([k, height(one)])])) }))],
      points: RUNNERS.flatMap((name) => (shown && runs[name].losses[shown] < 100 ? [{ x: shown, y: height(runs[name].losses[shown]), ...LOOKS[name] }] : [])),
      words: line,
    });
    return {
      line: minus(line),
      numbers: [["start", minus(`(${setting(Number(start[0].toFixed(2)))}, ${setting(Number(start[1].toFixed(2)))})${ownStart(state) ? "" : ", your own"}`)],
        ...RUNNERS.map((name) => /** @type {[string, string]} */ ([`${name} at ${setting(state[name])}, step ${shown}`,
          minus(words[name].startsWith("div") ? words[name] : `(${runs[name].places[shown].map((one) => one.toFixed(2)).join(", ")}), loss ${words[name]}`)]))],
    };
  },
  goals: [arrives, bearsMore],
  verdict(bet, state) {
    const runs = race({ ...state, surface: "straight", batch: 0, mu: 0.9, from: ["", 0, 0], plain: 0.02, momentum: 0.02, RMSprop: 0.02, Adam: 0.02 });
    const order = [...RUNNERS].sort((a, b) => runs[a].losses[STEPS] - runs[b].losses[STEPS]);
    return `${RUNNERS[bet] === order[0] ? "Right" : "Not so"}: at 0.02 it is ${order[0]}, with ${said(runs[order[0]].losses[STEPS])}. Give each a rate of its own, and the order changes.`;
  },
  main: "Race",
  buttons: {
    "Race": (figure) => {
      stop(figure);
      if (calm()) return figure.set({ step: STEPS });
      figure.set({ step: 0 });
      figure.parts.running = setInterval(() => {
        if (figure.state.step >= STEPS || !figure.root.isConnected) return stop(figure);
        figure.set({ step: figure.state.step + 1 });
      }, 100);
    },
    "One step back": (figure) => (stop(figure), figure.set({ step: Math.max(0, figure.state.step - 1) })),
    "One step on": (figure) => (stop(figure), figure.set({ step: Math.min(STEPS, figure.state.step + 1) })),
    "Reset the starting point": (figure) => figure.set({ from: ["", 0, 0] }),
  },
});
