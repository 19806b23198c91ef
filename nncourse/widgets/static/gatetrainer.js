// Gates to train: points one can move and add, one unit or a few, what they answer where, and 200 starts.
import { Plot, figureOf, make, number, paintValues, setting } from "./kit.js";
import { HIGH, LOW, MOST, across, bridged, learn, quick, read, snap, train, written } from "./gates.js";

const CELLS = 40;
const NAMES = ["the perceptron", "one sigmoid unit", "two hidden units", "three hidden units", "four hidden units"];
const grid = Float64Array.from({ length: 2 * CELLS * CELLS }, (_, k) => {
  const cell = k >> 1;
  const share = ((k % 2 ? CELLS - 1 - Math.floor(cell / CELLS) : cell % CELLS) + 0.5) / CELLS;
  return LOW + share * (HIGH - LOW);
});
const minus = (/** @type {string} */ text) => text.replaceAll("-", "\u2212");

/** A line in words: "5.21 x1 + 5.19 x2 - 2.30 = 0". */
export function equation(/** @type {number[]} */ [w1, w2, b]) {
  const sum = [`${w1.toFixed(2)} x1`, `${w2.toFixed(2)} x2`, b.toFixed(2)].join(" + ").replaceAll("+ -", "- ");
  return minus(`${sum} = 0`);
}

/** What starts stop at: of all, how many are right, and how many are left at each loss. */
export function tally(/** @type {number[][]} */ ends, /** @type {number} */ points) {
  const lost = ends.filter(([right]) => right < points);
  const near = (/** @type {number} */ level) => lost.filter(([, loss]) => Math.abs(loss - level) < 0.005).length;
  const levels = [["1/8", near(1 / 8)], ["1/6", near(1 / 6)], ["1/4", near(1 / 4)]].filter(([, count]) => count);
  return { solved: ends.length - lost.length, levels };
}

/** Which of a state's settings the count of 200 starts depends on. */
const asked = (/** @type {any} */ { gate, points, hidden, rate, momentum, epochs }) => JSON.stringify([gate, points, hidden, rate, momentum, epochs]);

/** Trains 200 starts in slices of 8 ms, so that the page stays awake; what is asked anew ends it. */
function tryStarts(/** @type {any} */ figure) {
  const { parts, state } = figure;
  if (state.hidden === 0) return figure.say("The perceptron always starts with weights of 0.");
  const key = asked(state);
  const run = (parts.starts = { key, ends: /** @type {number[][]} */ ([]) });
  const points = read(state);
  const slice = () => {
    if (parts.starts !== run || asked(figure.state) !== key || !figure.root.isConnected) return;
    const end = performance.now() + 8;
    while (run.ends.length < 200 && performance.now() < end) {
      const { right, losses } = train(points, { ...state, seed: run.ends.length + 1 });
      run.ends.push([right[state.epochs], losses[state.epochs]]);
    }
    figure.draw();
    if (run.ends.length < 200) setTimeout(slice);
    else figure.say(parts.counted);
  };
  slice();
}

export default figureOf({
  controls: {
    gate: { label: "Points", start: "xor", options: [["or", "OR"], ["and", "AND"], ["xor", "XOR"], ["noisy", "noisy XOR"]] },
    hidden: { label: "What learns", start: 1, options: NAMES.map((name, k) => [k, name]) },
    epochs: { label: "Epochs", start: 200, values: [0, 1, 2, 5, 10, 20, 50, 100, 150, 200, 300, 500, 700, 1000] },
    rate: { label: "Learning rate", start: 1, values: [0.1, 0.2, 0.5, 1, 2, 5, 10, 20] },
    momentum: { label: "Momentum", start: 0, values: [0, 0.5, 0.8, 0.9, 0.95] },
    seed: { label: "Start", start: 1, min: 1, max: 200, step: 1 },
    adds: { label: "A click adds", start: 1, options: [[0, "a point of class 0"], [1, "a point of class 1"]] },
  },
  more: { points: "" },
  build(figure) {
    const { parts } = figure;
    parts.canvas = make("canvas", { width: CELLS, height: CELLS });
    const put = (/** @type {any[]} */ points) => figure.set({ points: written(figure.state.gate, points) });
    parts.add = (/** @type {number} */ x, /** @type {number} */ y) => {
      const points = read(figure.state);
      if (figure.asking || points.length >= MOST) return figure.say(`There is room for ${MOST} points.`);
      put([...points, { x: snap(x), y: snap(y), t: figure.state.adds }]);
    };
    parts.drop = () => read(figure.state).length > 1 && put(read(figure.state).slice(0, -1));
    const move = (/** @type {number} */ which, /** @type {number} */ x, /** @type {number} */ y) =>
      !figure.asking && put(read(figure.state).map((one, k) => (k === which ? { ...one, x: snap(x), y: snap(y) } : one)));
    parts.plane = new Plot({ label: "The plane of two inputs: points to move, and what is answered where.", x: [LOW, HIGH], y: [LOW, HIGH], xLabel: "input x1", yLabel: "input x2", tall: 0.85, step: 0.05, move, pick: parts.add });
    parts.curve = new Plot({ label: "The loss over the epochs.", x: [0, 200], y: [0, 0.35], xLabel: "epoch", yLabel: "loss", tall: 0.6 });
    parts.tally = make("p", { class: "nn-who" });
    return [make("div", {}, parts.plane.element, make("p", { class: "nn-legend" }, "● class 0, ■ class 1; hollow: answered wrongly")), make("div", {}, parts.curve.element, parts.tally)];
  },
  draw(state, figure) {
    const { parts } = figure;
    const found = (parts.found = learn(figure.asking ? { ...state, epochs: 0 } : state));
    const { points, output, right, loss, lines, losses, network } = found;
    const values = network ? network.forward(grid, CELLS * CELLS).map((a) => 0.75 * (2 * a - 1)) : Float64Array.from({ length: CELLS * CELLS }, (_, k) => 0.75 * (2 * Number(found.grid?.(grid[2 * k], grid[2 * k + 1])) - 1));
    paintValues(parts.canvas, figure.root, values, CELLS);
    const perceptron = state.hidden === 0;
    const name = (/** @type {number} */ k) => (state.hidden > 1 ? `h${k + 1}` : "z = 0");
    const done = perceptron ? losses.length : state.epochs;
    const last = losses.at(-1) ?? 0;
    const fate = perceptron
      ? `${losses.length && last === 0 ? `it has stopped after ${done} epochs` : `${last} corrections in epoch ${done}`}`
      : `loss ${number(loss)}`;
    const line = figure.asking ? "" : `${NAMES[state.hidden][0].toUpperCase()}${NAMES[state.hidden].slice(1)}, ${state.epochs} epochs: ${right} of ${points.length} right, ${fate}.`;
    parts.plane.show({
      surface: figure.asking ? undefined : parts.canvas,
      curves: figure.asking ? [] : lines.map((one, k) => ({ points: k % 2 ? across(one).reverse() : across(one), kind: "soft", dashed: k % 2 === 1, label: name(k) })),
      points: points.map(({ x, y, t }, k) => ({ x, y, kind: t ? "check" : "train", square: t === 1, hollow: !figure.asking && output[k] > 0.5 !== t > 0.5, name: `Point ${k + 1}, class ${t}` })),
      words: line,
    });
    const top = figure.asking ? state.epochs : Math.max(1, losses.length - 1);
    parts.curve.limit([0, top], perceptron ? [0, Math.max(4, ...losses)] : [0, Math.max(0.35, Math.min(1, Math.max(...losses)))]);
    parts.curve.options.yLabel = perceptron ? "corrections in an epoch" : "loss (mean squared error)";
    const every = Math.max(1, Math.floor(losses.length / 250));
    parts.curve.show({
      curves: figure.asking ? [] : [...(perceptron ? [] : [["1/4", 0.25], ["1/8", 0.125]]).map(([label, at]) => ({ kind: "soft", dashed: true, label: String(label), points: /** @type {[number, number][]} */ ([[0, Number(at)], [top, Number(at)]]) })),
        { points: losses.flatMap((one, k) => (k % every && k < losses.length - 1 ? [] : [/** @type {[number, number]} */ ([k, one])])) }],
      words: line,
    });
    const { starts } = parts;
    const current = starts && starts.key === asked(state) ? tally(starts.ends, points.length) : null;
    parts.counted = !current ? "" : `${current.solved} of ${starts.ends.length} starts get all points right in ${state.epochs} epochs${current.levels.length ? `; of the others, at a loss of ${current.levels.map(([level, count]) => `${level}: ${count}`).join(", ")}` : ""}.`;
    parts.tally.textContent = figure.asking ? "" : parts.counted || "How many of 200 starts learn it? Try them.";
    const outputs = (/** @type {number} */ t) => points.flatMap((one, k) => (one.t === t ? [`${points.length <= 6 ? `(${setting(one.x)}, ${setting(one.y)}) ` : ""}${output[k].toFixed(2)}`] : [])).join(points.length <= 6 ? "; " : ", ") || "none";
    return {
      line,
      numbers: [["right", `${right} of ${points.length}`], [perceptron ? "corrections, last epoch" : "loss, mean squared error", perceptron ? String(last) : number(loss)],
        ["outputs, class 0", minus(outputs(0))], ["outputs, class 1", minus(outputs(1))],
        ...lines.map((one, k) => /** @type {[string, string]} */ ([state.hidden > 1 ? `line of h${k + 1}` : "its line", equation(one)])),
        ["starts", parts.counted || "not tried"]],
    };
  },
  goals: [(state, { parts }) => bridged(state, parts.found), (state, { parts }) => quick(state, parts.found)],
  verdict(bet) {
    return `${bet === 2 ? "Right" : "Not so"}: no straight line parts the two classes, so no number of epochs helps.`;
  },
  buttons: {
    "Try 200 starts": tryStarts,
    "Add a point": (figure) => figure.parts.add(0.5, 0.5),
    "Remove the last point": (figure) => figure.parts.drop(),
  },
});
