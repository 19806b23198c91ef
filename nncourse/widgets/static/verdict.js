// What a player's runs come to, in words: the bet beside the truth, a branch beside the first run.
import { number } from "./formats.js";
import { bestRecord, lastEpoch } from "./runs.js";

/** @typedef {import("./runs.js").Runs} Runs */
/** @typedef {number | "skipped" | null} Bet */

/** Once trained, the bet beside the truth. */
export function verdict(/** @type {Runs} */ runs, /** @type {string} */ target, /** @type {Bet} */ bet) {
  const first = runs.current === 0;
  if (runs.training || (first && runs.run.records.length < 3)) return "";
  if (target === "solved") return solvedWhen(runs, first ? bet : null);
  return first ? stoppedWhen(runs, bet) : besideFirst(runs);
}

function solvedWhen(/** @type {Runs} */ runs, /** @type {Bet} */ bet) {
  const solved = runs.solved();
  const betted = typeof bet === "number" ? `You bet on epoch ${bet}. ` : "";
  return betted + (solved ? `All corners are right from epoch ${solved.epoch}.` : "Not all corners are right yet.");
}

function stoppedWhen(/** @type {Runs} */ runs, /** @type {Bet} */ bet) {
  const { run } = runs;
  const best = bestRecord(run);
  const betted = typeof bet === "number" ? run.records[bet] : best;
  const known = betted && runs.settled(run);
  const lowest = `lowest at epoch ${best.epoch} (${number(best.validation)})`;
  const truth = `The validation loss ${known ? "was" : "is so far"} ${lowest}.`;
  if (typeof bet !== "number") return truth;
  if (!betted) return `You bet on epoch ${bet}, which is still to come. ${truth}`;
  if (betted.validation === best.validation)
    return `You bet on epoch ${bet}${known ? ": the best there is." : `. ${truth}`}`;
  const fell = betted.epoch > best.epoch && betted.train < best.train;
  const though = fell ? `, although the training loss fell from ${number(best.train)} to ${number(betted.train)}` : "";
  return `You bet on epoch ${bet}. ${truth} Your epoch: ${number(betted.validation)}${though}.`;
}

function besideFirst(/** @type {Runs} */ runs) {
  const [first, here] = [runs.all[0], runs.run].map(bestRecord);
  const early = " But the first run ended before its loss could rise: give it more epochs, then branch.";
  return (
    `Best validation loss: ${number(here.validation)} on this branch (epoch ${here.epoch}), ` +
    `${number(first.validation)} on the first run (epoch ${first.epoch}).${runs.settled(runs.all[0]) ? "" : early}`
  );
}

/** Why a training was halted where it was. */
export function whyHalted(
  /** @type {{epoch: number, times: number | null}} */ { epoch, times },
  /** @type {number} */ patience,
) {
  if (times === null) return `Early stopping stops here: ${patience} epochs without a better validation loss.`;
  const loss = Number.isFinite(times) ? `${number(times)} times what it was at the start` : number(times);
  return `Training diverges: at epoch ${epoch} the loss is ${loss}. Lower the learning rate, or step back and branch.`;
}

const NEAR = 2; // epochs: nobody's finger is surer, and the loss there is the same

/**
 * Whether what is shown reaches a goal: `best`, to stand at the best epoch; `solve`, all training
 * rows right by an epoch; `end`, the last epoch no worse than a loss.
 */
export function reaches(
  /** @type {Runs} */ runs,
  /** @type {{kind: string, epoch?: number, below?: number}} */ { kind, epoch = 0, below = 0 },
) {
  const { run, shown } = runs;
  if (runs.training || !run.records.length) return false;
  if (kind === "solve") return run.records.some((one) => one.trainAccuracy === 1 && one.epoch <= epoch);
  if (kind === "end") return lastEpoch(run) >= runs.epochs && run.records[run.records.length - 1].validation <= below;
  const best = bestRecord(run).epoch;
  return Math.abs(shown - best) <= NEAR && shown > 0 && best < lastEpoch(run) && shown < lastEpoch(run) && runs.settled(run);
}
