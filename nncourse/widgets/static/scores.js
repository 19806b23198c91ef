// The scores of a sweep's cells over its epochs, recorded or still growing, and what is in them.

/** @typedef {"train" | "validation"} Part */
/** @typedef {{epoch: number, train: (number | null)[], validation: (number | null)[], diverged: number[]}} Row */

const APART = 0.3;
const LADDER = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]]; // viridis

/** Colour of a score between 0 and 1: dark to bright. */
export function shade(/** @type {number} */ value) {
  const place = Math.max(0, Math.min(1, value)) * (LADDER.length - 1);
  const k = Math.min(Math.floor(place), LADDER.length - 2);
  return LADDER[k].map((from, c) => Math.round(from + (LADDER[k + 1][c] - from) * (place - k)));
}

export class Scores {
  /** No epoch yet. Curves are [cell][k] at epochs[k]; diverged holds the epoch, or 0: 1 of what is chaotic. */
  constructor(/** @type {number} */ cells) {
    const curves = () => Array.from({ length: cells }, () => /** @type {number[]} */ ([]));
    this.epochs = /** @type {number[]} */ ([]);
    this.train = curves();
    this.validation = curves();
    this.last = { train: /** @type {number[]} */ ([]), validation: /** @type {number[]} */ ([]) };
    this.diverged = /** @type {number[]} */ (new Array(cells).fill(0));
    this.chaotic = /** @type {number[]} */ (new Array(cells).fill(0));
    this.pictures = /** @type {(Uint8Array | null)[]} */ (new Array(cells).fill(null));
  }

  /** The next epoch of all cells; none of a sweep before this one. */
  grow(/** @type {Row} */ row) {
    if (row.epoch !== this.epochs.length + 1) return;
    this.epochs.push(row.epoch);
    this.pictures.fill(null); // they showed the epoch before
    for (const part of /** @type {Part[]} */ (["train", "validation"])) {
      this[part].forEach((curve, cell) => curve.push(row[part][cell] ?? 0));
      this.last[part] = row[part].map((value) => value ?? 0);
    }
    for (const cell of row.diverged) this.diverged[cell] = row.epoch;
  }

  /** Where the last epoch stands. */
  get end() {
    return Math.max(0, this.epochs.length - 1);
  }

  /** A cell's score of one part, or the gap between both, where epochs[at] ends. */
  of(/** @type {number} */ cell, /** @type {string} */ part, /** @type {number} */ at) {
    const score = (/** @type {Part} */ which) =>
      (at >= this.end ? this.last[which][cell] : this[which][cell][at]) ?? 0;
    return part === "gap" ? score("train") - score("validation") : score(/** @type {Part} */ (part));
  }

  /** Why a cell has no score. */
  fate(/** @type {number} */ cell) {
    if (this.chaotic[cell]) return "chaotic: rounding decides where it ends";
    return `diverged in epoch ${this.diverged[cell]}`;
  }

  /** Whether a cell has diverged by then, or is chaotic. */
  gone(/** @type {number} */ cell, /** @type {number} */ at) {
    return this.diverged[cell] > 0 && this.epochs[at] >= this.diverged[cell];
  }

  /** The best validation score of all that lasted. */
  best() {
    return Math.max(...this.last.validation.filter((_, cell) => !this.diverged[cell]));
  }

  /** The cells with the best validation score. */
  bestCells() {
    const best = this.best();
    return this.last.validation.flatMap((score, cell) => (score === best && !this.diverged[cell] ? [cell] : []));
  }

  /** The standard error of the best score, that of so many validation rows drawn by chance. */
  error(/** @type {number} */ rows) {
    const best = this.best();
    return Math.sqrt((best * (1 - best)) / rows);
  }

  /** The cells whose score is as good as the best, within one standard error. */
  asGood(/** @type {number} */ rows) {
    const least = this.best() - this.error(rows);
    return this.last.validation.flatMap((score, cell) => (score >= least && !this.diverged[cell] ? [cell] : []));
  }

  /** The first of the cells that lasted for which a value is largest, or -1. */
  top(/** @type {(cell: number) => number} */ value) {
    return this.diverged.reduce(
      (best, lost, cell) => (!lost && (best < 0 || value(cell) > value(best)) ? cell : best), -1);
  }

  /** Whether one step in a map of that size leads over a cliff: to a validation score that is far off. */
  cliff(/** @type {number} */ a, /** @type {number} */ b, /** @type {number} */ size) {
    const { validation } = this.last;
    if (this.diverged[a] || this.diverged[b]) return false;
    const steps = Math.abs(Math.floor(a / size) - Math.floor(b / size)) + Math.abs((a % size) - (b % size));
    return steps === 1 && Math.abs(validation[a] - validation[b]) >= APART - 1e-9;
  }
}

/** The scores of a recording. */
export function readScores(
  /** @type {Record<string, any>} */ data,
  /** @type {string} */ prefix,
  /** @type {number[]} */ epochs,
) {
  const cells = data[prefix + "diverged"].length;
  const scores = new Scores(cells);
  const each = (/** @type {Uint8Array} */ bytes) => {
    const size = bytes.length / cells;
    return Array.from({ length: cells }, (_, cell) => bytes.subarray(cell * size, (cell + 1) * size));
  };
  for (const part of /** @type {Part[]} */ (["train", "validation"])) {
    scores[part] = each(data[prefix + part]).map((bytes) => Array.from(bytes, (v) => v / 255));
    scores.last[part] = Array.from(data[`${prefix}${part}_last`], (v) => v / 10000);
  }
  scores.epochs = epochs;
  scores.diverged = Array.from(data[prefix + "diverged"]);
  scores.chaotic = Array.from(data[prefix + "chaotic"]);
  scores.pictures = each(data[prefix + "pictures"]);
  return scores;
}
