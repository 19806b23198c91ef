// What is recorded of the broken runs, and what a reader has found out. Draws nothing.

export const POINTS = 31; // of a curve, from epoch 0
export const TESTS = ["Gradients", "Weights", "Hidden units", "Twelve labels", "Twenty more steps"];
export const TARGET = 90; // per cent of the validation rows
/** Causes, changes, and the verdict of nnlib's doctor on each run: texts come as bytes. */
export function wordsOf(/** @type {any} */ data) {
  const lines = new TextDecoder().decode(data.words).split("\n");
  return { causes: lines.slice(0, 5), changes: lines.slice(5, 11), doctor: lines.slice(11) };
}

const [NONE, ZERO, NO_LAYER] = [255, -127, 127];

/** Losses by epoch: of a run, as it is (change -1) or after a change; `epochs` is how long it was to be. */
export function curves(/** @type {any} */ data, /** @type {number} */ run, change = -1) {
  const place = 7 * run + change + 1;
  const epochs = change === 5 ? 150 : 30;
  const of = (/** @type {Uint8Array} */ all, at = place) => Array.from(all.slice(POINTS * at, POINTS * (at + 1)))
    .flatMap((loss, k) => (loss === NONE ? [] : [/** @type {[number, number]} */ ([k * epochs / (POINTS - 1), loss / 50])]));
  const train = of(data.train);
  return { train, validation: of(data.validation), epochs, score: data.score[place], same: Boolean(data.same[place]), stopped: train.length < POINTS };
}

export const healthyCurve = (/** @type {any} */ data) => Array.from(data.healthy).slice(0, POINTS).map((loss, k) => /** @type {[number, number]} */ ([k, Number(loss) / 50]));

/** Decimal logarithms by layer; -Infinity where something is exactly 0. */
export function layersOf(/** @type {Int8Array} */ tenths, /** @type {number} */ run, size = 6) {
  return Array.from(tenths.slice(size * run, size * (run + 1))).filter((one) => one !== NO_LAYER).map((one) => (one === ZERO ? -Infinity : one / 10));
}

/** How much each of the 30 units of the last hidden layer differs from row to row. */
export const spreadOf = (/** @type {any} */ data, /** @type {number} */ run) => layersOf(data.spread, run, 30);
export const labelsOf = (/** @type {any} */ data, /** @type {number} */ run) => Array.from(data.labels.slice(12 * run, 12 * run + 12)).map(Number);
/** The loss after twenty more steps with a hundredth of the rate, with the rate, with a hundred times. */
export const trialsOf = (/** @type {any} */ data, /** @type {number} */ run) => Array.from(data.trials.slice(3 * run, 3 * run + 3)).map((loss) => Number(loss) / 50);

// What the reader knows: for each run a first guess, tests made, a diagnosis, the first change tried.
export const BLANK = { first: -1, tests: "", cause: -1, change: -1, shown: -1 }; // shown: the last change
export const casesOf = (/** @type {number} */ runs) => Array.from({ length: runs }, () => ({ ...BLANK }));
/** Whether a run's cause is named rightly, with at most so many tests. */
export const named = (/** @type {any} */ data, /** @type {any} */ one, /** @type {number} */ run, most = 2) => one.cause === data.causes[run] && one.tests.length <= most;
/** Whether the first change that was tried brought a run to the target. */
export const healed = (/** @type {any} */ data, /** @type {any} */ one, /** @type {number} */ run) => one.change >= 0 && curves(data, run, one.change).score >= TARGET;
/** In how many runs a change reaches the target. */
export const helps = (/** @type {any} */ data, /** @type {number} */ change) => Array.from(data.causes).filter((_, run) => curves(data, run, change).score >= TARGET).length;
