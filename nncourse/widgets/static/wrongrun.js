// What is wrong with this run? Six recorded runs that do not learn, five causes, tests, and one change.
import { TARGET, TESTS, casesOf, curves, healed, healthyCurve, helps, labelsOf, layersOf, named, spreadOf, trialsOf, wordsOf } from "./cases.js";
import { Plot, able, button, figureOf, make, number, palette } from "./kit.js";

const LETTERS = ["A", "B", "C", "D", "E", "F"];
const TRIALS = ["a hundredth", "the same", "a hundred times"];
const GUESSING = Math.log(10);
/** @typedef {[number, number]} Pair */
const many = (/** @type {number} */ n, /** @type {string} */ what) => `${n} ${what}${n === 1 ? "" : "s"}`;
const power = (/** @type {number} */ x) => String(Number((10 ** x).toPrecision(1))).replace("-", "\u2212");
const points = (/** @type {number[]} */ ys) => ys.flatMap((y, k) => (Number.isFinite(y) ? [/** @type {Pair} */ ([k + 1, y])] : []));

/** What a test says, in words: the same for eyes and ears. @type {((data: any, run: number) => string)[]} */
const SAID = [
  (data, run) => `rms of the loss's gradient by layer: ${layersOf(data.gradients, run).map(power).join(", ")}`,
  (data, run) => `size by layer, 1 is Glorot's: first ${layersOf(data.first_sizes, run).map(power).join(", ")}; now ${layersOf(data.last_sizes, run).map(power).join(", ")}`,
  (data, run) => `${spreadOf(data, run).filter((one) => one < -2).length} of 30 units in the last hidden layer say (nearly) the same for every row`,
  (data, run) => `pictures of ${Array.from(data.digits).join(", ")}; labels ${labelsOf(data, run).join(", ")}`,
  (data, run) => `loss after 20 steps: ${trialsOf(data, run).map((loss, k) => `${TRIALS[k]} of the rate ${loss >= 5 ? "over 5" : number(loss)}`.replace("the same of the rate", "the same rate").replace("times of the rate", "times the rate")).join(", ")}`,
];

export default figureOf({
  controls: { run: { label: "Run", start: 0, min: 0, max: 5, step: 1, show: (k) => LETTERS[k] } },
  more: { cases: casesOf(6), test: -1 },
  build(figure) {
    const { parts, data } = figure;
    parts.words = wordsOf(data);
    parts.loss = new Plot({ label: "Losses over the epochs.", x: [0, 30], y: [0, 3], xLabel: "epoch", yLabel: "loss", tall: 0.66 });
    parts.legend = make("p", { class: "nn-legend" });
    parts.test = new Plot({ label: "What the test shows.", x: [0.5, 6.5], y: [-12, 0], tall: 0.66 });
    parts.canvases = Array.from({ length: 12 }, () => make("canvas", { width: 40, height: 40, role: "img" }));
    parts.names = parts.canvases.map(() => make("span"));
    parts.rows = make("div", { class: "nn-examples" }, ...parts.canvases.map((/** @type {HTMLElement} */ one, /** @type {number} */ k) => make("div", {}, one, parts.names[k])));
    parts.said = make("p", { class: "nn-legend" });
    const change = (/** @type {any} */ values) => figure.set({
      cases: figure.state.cases.map((/** @type {any} */ one, /** @type {number} */ k) => (k === figure.state.run ? { ...one, ...values } : one)), ...("test" in values ? { test: values.test } : {}) });
    const now = () => figure.state.cases[figure.state.run];
    const list = (/** @type {string[]} */ texts, /** @type {(k: number) => void} */ press) => texts.map((text, k) => button(text, () => press(k), { class: "nn-option" }));
    parts.causes = list(parts.words.causes, (k) => change(now().first < 0 ? { first: k } : { cause: k }));
    parts.tests = list(TESTS, (k) => {
      figure.state.test = k;
      change({ tests: now().tests.includes(String(k)) ? now().tests : now().tests + k });
    });
    parts.changes = list(parts.words.changes, (k) => change({ change: now().change < 0 ? k : now().change, shown: k }));
    parts.ask = make("p", {});
    const box = (/** @type {any[]} */ ...what) => make("div", { class: "nn-presses nn-row" }, ...what);
    parts.testBox = box(make("span", {}, "Tests:"), ...parts.tests);
    [parts.causeBox, parts.changeBox] = [box(...parts.causes), box(...parts.changes)];
    return [make("div", {}, parts.loss.element, parts.legend), make("div", {}, parts.test.element, parts.rows, parts.said),
      parts.panel = make("div", { class: "nn-wide" }, parts.ask, parts.testBox, parts.causeBox, parts.changeBox)];
  },
  draw(state, figure) {
    const { parts, data, asking } = figure;
    const { run } = state;
    const one = state.cases[run];
    const { causes, changes, doctor } = parts.words;
    const [stage, letter] = [one.first < 0 ? 0 : one.cause < 0 ? 1 : 2, LETTERS[run]];
    const [before, after] = [curves(data, run), one.shown < 0 ? null : curves(data, run, one.shown)];
    const seen = after ?? before;
    parts.loss.limit([0, seen.epochs], [0, 3]);
    const truth = causes[data.causes[run]];
    const ended = after?.stopped ? "it diverges and is stopped" : `it ends with ${seen.score} % of the validation rows right`;
    const outcome = !after ? "" : after.same ? "that changes nothing here, the run had it already." : `${ended}${after.score >= TARGET ? ": the target" : ""}.`;
    const line = stage === 0 ? `Run ${letter} ends with ${before.score} % of the validation rows right; the target is ${TARGET} %.`
      : stage === 1 ? `Run ${letter}: your first guess is “${causes[one.first]}”. ${many(one.tests.length, "test")} made.`
        : `Run ${letter}: ${one.cause === data.causes[run] ? "right" : "not so"}, ${truth.toLowerCase()}. ${one.shown < 0 ? "" : `${changes[one.shown]}: ${outcome}`}`;
    parts.loss.show({
      curves: [after ? { points: before.train, kind: "kept" } : { points: healthyCurve(data), kind: "soft" }, { points: [[0, GUESSING], [seen.epochs, GUESSING]], kind: "kept" },
        { points: seen.train, kind: "train" }, { points: seen.validation, kind: "check", dashed: true }],
      words: asking ? "" : line,
    });
    parts.legend.textContent = `Solid: training. Dashed: validation. Grey: ${after ? "the run before the change" : "a healthy run"}. Dotted: guessing, 2.30.`;
    parts.panel.hidden = parts.said.hidden = asking;
    const test = asking || stage === 0 || !one.tests.includes(String(state.test)) ? -1 : state.test;
    showTest(test, run, figure);
    parts.said.textContent = test < 0 ? (stage === 0 ? "Tests open once you have guessed." : "No test is shown.") : `${TESTS[test]}: ${SAID[test](data, run)}.`;
    parts.ask.textContent = [`What is wrong with run ${letter}? Guess from the curves alone; then the tests open.`,
      `Make as few tests as you need (two should do), then give your diagnosis of run ${letter}.`, `One change to run ${letter}. The first that you try counts.`][stage];
    parts.testBox.hidden = parts.causeBox.hidden = false;
    parts.tests.forEach((/** @type {HTMLElement} */ element, /** @type {number} */ k) => {
      able(element, stage > 0);
      element.setAttribute("aria-pressed", String(k === test));
    });
    parts.causeBox.hidden = stage === 2;
    parts.changeBox.hidden = stage < 2;
    const told = (/** @type {any} */ who, /** @type {number} */ k) => (who.cause < 0 ? "open" : `${named(data, who, k) ? "right" : who.cause === data.causes[k] ? "right, with more than two tests" : "not right"}${who.change < 0 ? "" : healed(data, who, k) ? "; healed" : "; first change missed"}`);
    return { line, numbers: [
      ["training loss, first and last", `${number(seen.train[0][1])}; ${number(seen.train.at(-1)?.[1] ?? NaN)}`],
      ["validation loss, first and last", `${number(seen.validation[0][1])}; ${number(seen.validation.at(-1)?.[1] ?? NaN)}`],
      ["tests made", String(one.tests.length)],
      ...[...one.tests].map((k) => /** @type {Pair & any} */ ([TESTS[Number(k)], SAID[Number(k)](data, run)])),
      ...(stage < 2 ? [] : [/** @type {any} */ (["the doctor, nnlib.diagnose", doctor[run]])]),
      ...state.cases.map((/** @type {any} */ who, /** @type {number} */ k) => [`run ${LETTERS[k]}`, told(who, k)])] };
  },
  goals: [
    ({ cases }, { data }) => cases.filter((/** @type {any} */ one, /** @type {number} */ run) => named(data, one, run)).length >= 4,
    ({ cases }, { data }) => cases.filter((/** @type {any} */ one, /** @type {number} */ run) => healed(data, one, run)).length >= 4,
  ],
  verdict(bet, _, { data }) {
    const count = helps(data, 0);
    return `${bet === Math.min(count, 4) - 1 ? "Right" : "Not so"}: it brings ${many(count, "run")} of six to the target.`;
  },
});

/** Draws one of the tests; none while `test` is -1. */
function showTest(/** @type {number} */ test, /** @type {number} */ run, /** @type {any} */ figure) {
  const { parts, data, root } = figure;
  const { test: plot } = parts;
  parts.rows.hidden = test !== 3;
  plot.element.hidden = test === 3 || test < 0;
  const layers = layersOf(data.last_sizes, run).length;
  const words = test < 0 ? "No test is shown." : SAID[test](data, run);
  const set = (/** @type {string} */ yLabel, /** @type {string} */ xLabel, /** @type {Pair} */ x, /** @type {Pair} */ y, /** @type {number[]} */ ticks) => {
    Object.assign(plot.options, { yLabel, xLabel, ticks });
    plot.limit(x, y);
  };
  const places = Array.from({ length: layers }, (_, k) => k + 1);
  const line = (/** @type {number[]} */ ys, kind = "train", hollow = false) => ({ curves: [{ points: points(ys), kind, dashed: hollow }], points: points(ys).map(([x, y]) => ({ x, y, kind, hollow })) });
  if (test <= 0) {
    set("gradient, power of ten", "layer (grey: healthy)", [0.5, layers + 0.5], [-12, 0], places);
    const [ours, healthy] = [line(test < 0 ? [] : layersOf(data.gradients, run)), line(test < 0 ? [] : layersOf(data.gradients, 6), "soft", true)];
    plot.show({ curves: [...healthy.curves, ...ours.curves], points: [...healthy.points, ...ours.points], words });
  } else if (test === 1) {
    set("weights, power of ten", "layer (hollow: at first)", [0.5, layers + 0.5], [-12, 6], places);
    const [first, last] = [line(layersOf(data.first_sizes, run), "train", true), line(layersOf(data.last_sizes, run))];
    plot.show({ curves: [...first.curves, ...last.curves], points: [...first.points, ...last.points], words });
  } else if (test === 2) {
    set("spread over the rows, power of ten", "unit (grey: healthy)", [0, 31], [-5, 1], [1, 10, 20, 30]);
    const sorted = (/** @type {number[]} */ ys) => ys.map((y) => Math.max(y, -5)).sort((a, b) => b - a);
    plot.show({ curves: [{ points: points(sorted(spreadOf(data, 6))), kind: "soft" }, { points: points(sorted(spreadOf(data, run))), kind: "train" }], words });
  } else if (test === 4) {
    set("loss after 20 steps", "learning rate", [0.5, 3.5], [0, 3], [1, 2, 3]);
    plot.show({ bars: trialsOf(data, run).map((loss, k) => ({ x: k + 1, height: loss, label: ["× 1/100", "× 1", "× 100"][k] })), words });
  }
  if (test !== 3) return;
  const { middle, ink } = palette(root);
  parts.canvases.forEach((/** @type {HTMLCanvasElement} */ canvas, /** @type {number} */ k) => {
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    pen.globalAlpha = 1;
    pen.fillStyle = `rgb(${middle.join()})`;
    pen.fillRect(0, 0, 40, 40);
    pen.fillStyle = ink;
    for (let p = 0; p < 64; p++) {
      pen.globalAlpha = data.images[64 * k + p] / 16;
      pen.fillRect(5 * (p % 8), 5 * Math.floor(p / 8), 5, 5);
    }
    const label = labelsOf(data, run)[k];
    canvas.setAttribute("aria-label", `Picture ${k + 1}, of a handwritten ${data.digits[k]}, labelled ${label}.`);
    parts.names[k].textContent = String(label);
  });
}
