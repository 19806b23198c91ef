// What the player knows: its runs, which of them branches from which, and where in them it is.
// Who trains reports here; nothing here draws or says anything.

/** @typedef {import("./engines.js").EpochRecord} EpochRecord */
/** @typedef {import("./engines.js").Report} Report */
/** @typedef {{parent: number, from: number, records: EpochRecord[]}} Run */

export const MOST_RUNS = 4;
const RUNAWAY = 5; // times the loss at the start
const SURE = 10; // epochs without a better one after which the best epoch counts as known

/** Index of the record with the lowest validation loss. */
export const bestOf = (/** @type {EpochRecord[]} */ records) =>
  records.reduce((best, record, k) => (record.validation < records[best].validation ? k : best), 0);

/** The record with the lowest validation loss. */
export const bestRecord = (/** @type {Run} */ run) => run.records[bestOf(run.records)];

/** Epoch at which early stopping would have stopped, or null; counted as nnlib does, from epoch 1. */
export function stopEpoch(/** @type {EpochRecord[]} */ records, /** @type {number} */ patience) {
  let best = /** @type {EpochRecord | null} */ (null);
  if (!patience) return null;
  for (const record of records) {
    if (record.epoch === 0) continue;
    if (best === null || record.validation < best.validation) best = record;
    else if (record.epoch - best.epoch >= patience) return record.epoch;
  }
  return null;
}

/** The last epoch that a run has come to. */
export const lastEpoch = (/** @type {Run} */ run) => run.from + Math.max(0, run.records.length - 1);

export class Runs {
  /** @type {Run[]} */ all;
  /** @type {number} */ current; // the run that is shown
  /** @type {number} */ trained; // the one that who trains has at hand
  /** @type {number} */ shown; // the epoch
  /** @type {boolean} */ training;
  /** @type {number} */ end; // where it was halted: reports from beyond come late
  /** @type {{batch: number, batches: number}} */ position; // within the epoch under way

  constructor(/** @type {number} */ epochs, /** @type {number} */ patience) {
    this.epochs = epochs;
    this.patience = patience; // of early stopping, or 0
    this.since = 0; // the epoch behind which a training that is under way may be halted
    this.clear();
  }

  /** One run, without a record. */
  clear() {
    this.all = [{ parent: 0, from: 0, records: [] }];
    this.current = this.trained = this.shown = 0;
    this.training = false;
    this.end = Infinity;
    this.position = { batch: 0, batches: 1 };
  }

  /** The run that is shown. */
  get run() {
    return this.all[this.current];
  }

  /** The last epoch of the run that is shown. */
  get last() {
    return lastEpoch(this.run);
  }

  /** What is shown; nothing before the first report. */
  get record() {
    return /** @type {EpochRecord | undefined} */ (this.run.records[this.shown - this.run.from]);
  }

  // -- what is reported ------------------------------------------------------------------

  /** False for a run that there is no more. */
  takeIn(/** @type {Report} */ report) {
    const run = this.all[report.run];
    if (!run) return false;
    const follows = this.training || this.shown >= lastEpoch(run) || !run.records.length;
    // A report says where it continues: a late one neither doubles an epoch nor leaves a gap.
    for (const record of report.records) {
      if (record.epoch - run.from > run.records.length || record.epoch > this.end) continue;
      run.records.length = Math.max(0, record.epoch - run.from);
      run.records.push(record);
    }
    const { batch, batches } = report;
    if (report.run === this.trained && report.epoch <= this.end) this.position = { batch, batches };
    if (report.run === this.current && follows) this.shown = lastEpoch(run);
    return true;
  }

  /**
   * Where a training that is under way must halt, each place once: by early stopping, or because
   * the loss is so many times what it was at the start.
   */
  halt() {
    if (!this.training || !this.run.records.length) return null;
    const { records } = this.run;
    const start = this.all[0].records[0].train;
    const stop = stopEpoch(records, this.patience) ?? Infinity;
    const away = records.find((record) => !(record.train <= RUNAWAY * start));
    const end = Math.min(...[stop, away?.epoch ?? Infinity].filter((epoch) => epoch > this.since));
    if (end === Infinity) return null;
    this.end = end; // a report may hold several epochs, and so go too far
    return { epoch: end, times: away?.epoch === end ? away.train / start : null };
  }

  // -- what the reader does --------------------------------------------------------------

  /** Training begins at what is shown. */
  go() {
    this.end = Infinity;
    this.since = this.shown;
    this.training = true;
  }

  /** Whether what is shown is what who trains has at hand. */
  get atHand() {
    return this.shown >= this.last && this.current === this.trained;
  }

  /** Whether a branch begins on this run behind what is shown. */
  get needed() {
    return this.all.some((one, which) => which > 0 && one.parent === this.current && one.from > this.shown);
  }

  /** Forgets what lies behind what is shown. */
  cut() {
    this.run.records.length = this.shown - this.run.from + 1;
  }

  /** Training goes on as this run. */
  takeUp(/** @type {number} */ into) {
    this.current = this.trained = into;
    this.position = { batch: 0, batches: 1 };
  }

  /** A new run from what is shown; its number. */
  branch() {
    this.end = Infinity;
    const first = /** @type {EpochRecord} */ (this.record);
    return this.all.push({ parent: this.current, from: this.shown, records: [first] }) - 1;
  }

  has(/** @type {number} */ which, /** @type {number} */ epoch) {
    const run = this.all[which];
    return run !== undefined && epoch >= run.from && epoch <= lastEpoch(run);
  }

  /** Shows an epoch; what lies before a branch is the run that it comes from. */
  scrub(/** @type {number} */ epoch) {
    while (epoch < this.run.from) this.current = this.run.parent;
    this.shown = Math.min(epoch, this.last);
  }

  /** Shows another run, if there is one, at the epoch that is nearest. */
  turn(/** @type {number} */ which, epoch = Infinity) {
    if (this.all[which]) this.current = which;
    this.shown = Math.max(this.run.from, Math.min(epoch, this.last));
  }

  // -- what is known ---------------------------------------------------------------------

  /** A run from epoch 0: with what lies before it if it is a branch. */
  whole(/** @type {number} */ which) {
    const { parent, from, records } = this.all[which];
    /** @type {EpochRecord[]} */
    const before = which > 0 ? this.whole(parent).slice(0, from) : [];
    return [...before, ...records];
  }

  /** The first record, on the way to what is shown, with all training rows right. */
  solved() {
    return this.whole(this.current).find((record) => record.trainAccuracy === 1);
  }

  /** Whether a run went on for so long that its best epoch is known. */
  settled(/** @type {Run} */ run) {
    const sure = Math.min(bestRecord(run).epoch + SURE, this.epochs);
    return lastEpoch(run) >= sure || stopEpoch(run.records, this.patience) !== null;
  }
}
