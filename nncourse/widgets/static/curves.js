// The player's runs as its chart shows them: curves, marks, and how much of them.
import { bestRecord, stopEpoch } from "./runs.js";

/** @typedef {import("./engines.js").EpochRecord} EpochRecord */
/** @typedef {import("./chart.js").Mark} Mark */
/** @typedef {import("./runs.js").Runs} Runs */

/** Both curves of each run; those that are not shown are faint. */
export function curvesOf(/** @type {Runs} */ runs) {
  const parts = /** @type {const} */ ([["train", "train"], ["validation", "check"]]);
  return runs.all.flatMap((run, which) =>
    parts.map(([part, kind]) => ({
      points: run.records
        .filter((record) => Number.isFinite(record[part]))
        .map((record) => /** @type {[number, number]} */ ([record.epoch, record[part]])),
      kind,
      faint: which !== runs.current,
    })));
}

/** @typedef {{name: string, records: EpochRecord[]}} Kept */

/** The validation loss of what was trained with other settings before. */
export const keptCurves = (/** @type {Kept[]} */ kept) =>
  kept.map(({ records }) => ({
    points: records.filter((one) => Number.isFinite(one.validation)).map((one) => /** @type {[number, number]} */ ([one.epoch, one.validation])),
    kind: "kept",
  }));

/** The bet, the best epoch or the one that solves it, and where early stopping would stop. */
export function marksOf(/** @type {Runs} */ runs, /** @type {string} */ target, /** @type {number | "skipped"} */ bet) {
  /** @type {Mark[]} */
  const marks = [];
  const { records } = runs.run;
  if (bet !== "skipped") marks.push({ x: bet, label: "your bet", kind: "bet", row: 0 });
  if (target === "best" && !runs.training && records.length > 2) {
    const { epoch } = bestRecord(runs.run);
    marks.push({ x: epoch, label: `best: ${epoch}`, kind: "best", row: 1 });
  }
  const solved = target === "solved" && runs.solved();
  if (solved) marks.push({ x: solved.epoch, label: `solved: ${solved.epoch}`, kind: "best", row: 1 });
  const stop = stopEpoch(records, runs.patience);
  if (stop !== null) marks.push({ x: stop, label: `early stop: ${stop}`, kind: "stop", row: 2 });
  return marks;
}

/** The loss at the top of the chart; nearer to `top`, where given, once the curve that falls has come so far. */
export function topOf(/** @type {Runs} */ runs, /** @type {number | null} */ top) {
  const losses = runs.all.flatMap((run) => run.records.map((one) => Math.max(one.train, one.validation)));
  const highest = Math.max(...losses.filter(Number.isFinite), 0.1);
  const { records } = runs.run;
  const near = top && records.length > 1 && records[records.length - 1].train < top;
  return Math.min(highest, near ? top : 3 * (runs.all[0].records[0]?.train ?? 1)) * 1.05;
}
