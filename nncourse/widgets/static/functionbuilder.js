// A function built of bumps, each of two sigmoid units; then the same network is left to training.
import { BOUND, HALF, MOST, deviation, edges, goal, halved, lossOf, spread, thetaOf, training, unitsOf, valuesOf, within } from "./bumps.js";
import { Plot, calm, curveLegend, figureOf, make, number } from "./kit.js";

const EPOCHS = 500; // of one press

/** @typedef {import("./bumps.js").Run} Run */

const setUp = (/** @type {any} */ { bumps, steep, heights, rate, momentum, seed, from }) =>
  ({ bumps, rate, momentum, seed, from, steep, heights: [...heights] });
const key = (/** @type {any} */ run) => JSON.stringify(run.from === "bumps" ? setUp(run) : { ...setUp(run), steep: 0, heights: [] });
/** A link may say anything; what no press could have made was not trained. */
const possible = (/** @type {Run} */ run) =>
  run.epochs % EPOCHS === 0 && run.epochs > 0 && run.epochs <= 20 * EPOCHS && Number.isInteger(run.bumps) && run.bumps >= 1 && run.bumps <= MOST;

/** The state's training as far as it has come; it goes on in slices, and draws as it goes. */
function trained(/** @type {import("./kit.js").SimpleFigure} */ figure) {
  const { parts, state: { run } } = figure;
  if (!possible(run)) {
    parts.page = null;
    return null;
  }
  if (!parts.page || parts.of !== key(run) || parts.page.epoch > run.epochs) Object.assign(parts, { of: key(run), page: training(run) });
  const { page } = parts;
  const slice = () => {
    if (parts.page !== page) return;
    const until = performance.now() + 8;
    while (page.epoch < figure.state.run.epochs && performance.now() < until) page.step();
    const done = page.epoch >= figure.state.run.epochs;
    parts.waiting = done ? 0 : setTimeout(slice);
    if (done || !calm()) figure.draw();
    if (done) figure.say(figure.line.textContent);
  };
  if (page.epoch < run.epochs) parts.waiting ||= setTimeout(slice);
  return page.epoch ? page.network.theta : null;
}

const two = (/** @type {number} */ x) => (Number.isFinite(x) ? x.toFixed(Math.abs(x) < 100 ? 2 : 0).replace("-", "\u2212") : "no longer a number");
const from = (/** @type {Run} */ { from: way, seed }) => (way === "bumps" ? "from the bumps" : `from random start ${seed}`);

export default figureOf({
  controls: {
    bumps: { label: "Bumps", start: 5, min: 1, max: MOST, step: 1 },
    steep: { label: "Steepness of the edges", start: 8, values: [1, 2, 3, 4, 6, 8, 12, 16, 32, 64] },
    beyond: { label: "Show", start: false, options: [[false, "the interval"], [true, "beyond it, too"]] },
    from: { label: "Training begins with", start: "random", options: [["random", "random weights"], ["bumps", "the bumps"]] },
    seed: { label: "Random start", start: 1, min: 1, max: 20, step: 1 },
    rate: { label: "Learning rate", start: 0.1, values: [0.03, 0.1, 0.2, 0.3, 0.5, 1] },
    momentum: { label: "Momentum", start: 0, values: [0, 0.5, 0.9] },
  },
  more: {
    heights: Array(MOST).fill(0),
    run: { bumps: 5, rate: 0.1, momentum: 0, seed: 1, from: "random", steep: 8, heights: Array(MOST).fill(0), epochs: 0 },
  },
  build(figure) {
    const { parts } = figure;
    const move = (/** @type {number} */ k, /** @type {number} */ _, /** @type {number} */ y) =>
      figure.set({ heights: figure.state.heights.map((/** @type {number} */ one, /** @type {number} */ j) => (j === k ? Math.round(10 * y) / 10 : one)) });
    parts.plot = new Plot({ label: "The curve |sin x|, and the sum of the bumps.", x: [-HALF, HALF], y: [-0.5, 1.5], xLabel: "x", yLabel: "value", step: 0.1, move });
    parts.pieces = new Plot({ label: "What each bump, or each unit of the trained network, adds.", x: [-HALF, HALF], y: [-0.5, 1.5], xLabel: "x", yLabel: "what each adds" });
    parts.legend = curveLegend([["soft", "|sin x|"], ["train", "the bumps"], ["check", "the trained network"]]);
    return [make("div", {}, parts.plot.element, parts.legend), parts.pieces.element];
  },
  draw(state, figure) {
    const { parts } = figure;
    const half = state.beyond ? 2 * HALF : HALF;
    const x = spread(half, 241);
    const line = (/** @type {ArrayLike<number>} */ values) => Array.from(x, (at, k) => /** @type {[number, number]} */ ([at, values[k]]));
    const ours = thetaOf(/** @type {any} */ (state));
    const theirs = figure.asking ? null : trained(figure);
    const off = (parts.ours = deviation(ours));
    const learned = (parts.theirs = theirs && deviation(theirs));
    const found = Boolean(learned && Number.isFinite(learned.size));
    const bumps = Array.from({ length: state.bumps }, (_, k) => k);
    const middle = (/** @type {number} */ k) => (edges(k, state.bumps)[0] + edges(k, state.bumps)[1]) / 2;
    const byHand = `The bumps' largest deviation is ${two(off.size)}, at x = ${two(off.x)}.`;
    const { run } = state;
    const epochs = parts.page?.epoch ?? 0;
    const byTraining = !learned ? "" : found
      ? ` Training ${from(run)}, ${epochs} epochs: ${two(learned.size)}.` : ` Training ${from(run)} diverged.`;
    parts.plot.limit([-half, half], [-0.5, 1.5]);
    parts.plot.show({
      curves: [
        { kind: "soft", points: line(x.map(goal)) },
        { kind: "kept", points: [[off.x, goal(off.x)], [off.x, off.value]] },
        { points: line(valuesOf(ours, x)) },
        ...(theirs && found ? [{ kind: "check", dashed: true, points: line(valuesOf(theirs, x)) }] : []),
      ],
      points: bumps.map((k) => ({ x: middle(k), y: state.heights[k], hollow: true, ...(state.beyond || figure.asking ? {} : { name: `Height of bump ${k + 1}` }) })),
      words: byHand + byTraining,
    });
    const pieces = bumps.map((k) => ({ points: line(valuesOf(thetaOf({ bumps: 1, steep: state.steep, heights: [1] }), x.map((at) => (at - middle(k)) * state.bumps))
      .map((value) => value * state.heights[k])) }));
    const units = theirs && found ? unitsOf(theirs, x) : [];
    const largest = Math.max(1, ...bumps.map((k) => Math.abs(state.heights[k])), ...units.flatMap((one) => Array.from(one, Math.abs)));
    parts.pieces.limit([-half, half], units.length ? [-1.1 * largest, 1.1 * largest] : [-0.5, 1.5]);
    parts.pieces.show({ curves: [...pieces, ...units.map((one) => ({ kind: "check", dashed: true, points: line(one) }))] });
    return { line: byHand + byTraining, numbers: [
      ["units", `${2 * state.bumps} sigmoid units, two for each bump`], ["heights", bumps.map((k) => two(state.heights[k])).join(", ")],
      ["steps at x =", [0, ...bumps.map((k) => k + 1)].map((k) => two(HALF * ((2 * k) / state.bumps - 1))).join(", ")],
      ["deviation of the bumps", two(off.size)], ["beyond the interval, up to ±2π", two(deviation(ours, 2 * HALF, HALF).size)],
      ["the training", learned ? `${2 * run.bumps} units, ${from(run)}, learning rate ${run.rate}, momentum ${run.momentum}, ${epochs} epochs` : "none yet"],
      ...(theirs && learned ? /** @type {[string, string][]} */ ([["its deviation", two(learned.size)], ["beyond the interval", two(deviation(theirs, 2 * HALF, HALF).size)],
        ["its loss, the mean squared error", number(lossOf(theirs))]]) : []),
      ["the 20 starts of the bet, by nnlib", `${tally(figure.data.deviations)} within 0.40; the nearest ${two(Math.min(...figure.data.deviations) / 100)}`],
    ] };
  },
  goals: [
    (_, { parts }) => within(parts.ours.size),
    ({ run }, { parts }) => Boolean(parts.theirs) && run.from === "random" && within(parts.theirs.size),
    ({ run }, { parts }) => Boolean(parts.theirs) && run.from === "bumps" && halved(run, parts.theirs.size),
  ],
  verdict(bet, _, figure) {
    const count = tally(figure.data.deviations);
    return `${bet === count ? "Right" : Math.abs(bet - count) < 3 ? "Nearly" : "Not so"}: ${count} of 20 came within 0.40; the nearest stopped at ${two(Math.min(...figure.data.deviations) / 100)}. Good weights exist, and these runs do not reach them. Can you?`;
  },
  main: `Train ${EPOCHS} epochs`,
  buttons: {
    [`Train ${EPOCHS} epochs`]: (figure) => {
      const { state } = figure;
      const on = possible(state.run) && key(state.run) === key(setUp(state));
      figure.set({ run: { ...setUp(state), epochs: on ? Math.min(20 * EPOCHS, state.run.epochs + EPOCHS) : EPOCHS } });
    },
  },
});

/** How many of these hundredths are within the bound. */
const tally = (/** @type {ArrayLike<number>} */ hundredths) => Array.from(hundredths).filter((one) => one <= 100 * BOUND).length;
