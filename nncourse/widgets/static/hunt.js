// What the heatmap knows: which cells the reader has opened, bet on and compares, what is looked at,
// and what can be said of it. Nothing here draws.
import { percent, setting } from "./formats.js";
import { Scores } from "./scores.js";

/** `rows`: how many validation rows a score is the share of. @typedef {{rates: number[], penalties: number[], theirs: boolean, rows: number}} Grid */

export const VIEWS = /** @type {[string, string][]} */ ([
  ["validation", "validation score"], ["train", "training score"], ["gap", "gap: training minus validation"],
]);
export const PRESETS = /** @type {[string, string][]} */ ([
  ["", "choose …"], ["end", "how it ended"], ["first", "after the first epoch"], ["gap", "the largest gap"],
  ["pair", "best against most L2"],
]);

export class Hunt {
  /** @type {"bet" | "hunt" | "all"} */ phase;
  /** @type {number} */ bet; // cells, or -1
  /** @type {number} */ chosen;
  /** @type {number} */ kept;
  /** @type {number[]} */ opened;
  /** @type {string} */ view;
  /** @type {string} */ source; // whose scores: "" for ours, "sklearn_", or "live"
  /** @type {Scores} */ scores;
  /** @type {number} */ at; // of their epochs

  constructor(/** @type {Grid} */ grid, /** @type {(source: string) => Scores} */ recorded) {
    this.grid = grid;
    this.recorded = recorded;
    this.size = grid.rates.length;
    this.openings = this.size > 9 ? 8 : 5; // what somebody needs who halves what is left
    this.live = /** @type {null | "ready" | "training" | "paused" | "done"} */ (null);
    this.liveScores = /** @type {Scores | null} */ (null);
    this.clear();
  }

  /** Nothing opened, nothing trained live. */
  clear() {
    this.phase = "bet";
    this.bet = this.chosen = this.kept = -1;
    this.opened = [];
    this.view = "validation";
    if (this.live) this.live = "ready";
    this.liveScores = null; // reports that are still under way count no more
    this.choose("");
  }

  // -- what the reader does --------------------------------------------------------------

  /** Opens a cell; whether that is the bet. */
  open(/** @type {number} */ cell) {
    const betting = this.phase === "bet";
    if (betting) {
      this.phase = "hunt";
      this.bet = cell;
    }
    if (!this.opened.includes(cell)) this.opened.push(cell);
    this.chosen = cell;
    return betting;
  }

  keep() {
    this.kept = this.kept === this.chosen ? -1 : this.chosen;
  }

  /** Scores of somebody else, at their last epoch. */
  choose(/** @type {string} */ source) {
    // What was trained here, if anything was, is shown in place of the recording.
    if (source === "" && this.liveScores && this.live && this.live !== "ready") source = "live";
    this.source = source;
    this.scores = source === "live" ? /** @type {Scores} */ (this.liveScores) : this.recorded(source);
    this.at = this.scores.end;
  }

  /** A view worth seeing, put together at once. */
  arrange(/** @type {string} */ name) {
    const { scores, size } = this;
    const { train, validation } = scores.last;
    this.at = name === "first" ? 0 : scores.end;
    this.view = name === "gap" ? "gap" : "validation";
    const best = scores.top((cell) => validation[cell]);
    this.kept = name === "pair" ? best : -1;
    this.chosen = best;
    if (name === "pair") this.chosen = best - (best % size) + size - 1;
    if (name === "gap") this.chosen = scores.top((cell) => train[cell] - validation[cell]);
  }

  /** What is looked at: a preset holds until this changes. */
  sight() {
    return [this.view, this.source, this.at, this.kept, this.chosen].join();
  }

  // -- training live ---------------------------------------------------------------------

  /** A sweep from the start. */
  train() {
    this.liveScores = new Scores(this.size * this.size);
    this.phase = "all";
  }

  // -- what is known ---------------------------------------------------------------------

  name(/** @type {number} */ cell) {
    const [rate, l2] = this.knobs(cell);
    return `learning rate ${rate}, L2 ${l2}`;
  }

  knobs(/** @type {number} */ cell) {
    const { rates, penalties } = this.grid;
    return [rates[Math.floor(cell / this.size)], penalties[cell % this.size]].map(setting);
  }

  atEnd() {
    return this.at >= this.scores.end;
  }

  score(/** @type {number} */ cell, /** @type {string} */ part) {
    return this.scores.of(cell, part, this.at);
  }

  gone(/** @type {number} */ cell) {
    return this.scores.gone(cell, this.at);
  }

  visible(/** @type {number} */ cell) {
    return this.scores.epochs.length > 0 && (this.phase === "all" || this.opened.includes(cell));
  }

  /** The cell that is open, and before it the one kept for comparison. */
  compared() {
    const cells = this.kept === this.chosen ? [this.chosen] : [this.kept, this.chosen];
    return cells.filter((cell) => cell >= 0 && this.visible(cell));
  }

  /**
   * The strongest penalty that costs nothing: of the cells as good as the best, within one standard
   * error, those of the largest L2. Which cell is the very best is decided by noise.
   */
  sought() {
    const good = this.scores.asGood(this.grid.rows);
    const strongest = Math.max(...good.map((cell) => cell % this.size));
    return good.filter((cell) => cell % this.size === strongest);
  }

  /** Whether such a cell was found with few openings. */
  found() {
    const few = this.phase === "hunt" && this.opened.length <= this.openings;
    return few && this.sought().some((cell) => this.opened.includes(cell));
  }

  /** Whether the two cells compared are as good on the validation data, but not in training. */
  paired() {
    return this.kept >= 0 && this.chosen >= 0 && this.atEnd() && this.scores.cliff(this.kept, this.chosen, this.size);
  }

  describe(/** @type {number} */ cell) {
    if (!this.visible(cell)) return `${this.name(cell)}: not opened.`;
    if (this.gone(cell)) return `${this.name(cell)}: ${this.scores.fate(cell)}.`;
    const [validation, train, gap] = ["validation", "train", "gap"].map((part) => percent(this.score(cell, part)));
    return `${this.name(cell)}: validation ${validation}, training ${train}, gap ${gap}.`;
  }

  /** How the hunt stands, or how it ended. */
  standing() {
    if (this.phase === "all") return this.source === "live" && this.live !== "done" ? "" : this.verdict();
    const { scores, opened, openings } = this;
    if (opened.length > openings)
      return `${opened.length} cells opened, more than ${openings}: look on, uncover all, or start over.`;
    const count = `${opened.length} of ${openings} cells opened`;
    const alive = opened.filter((cell) => !scores.diverged[cell]);
    if (!alive.length) return `${count}.`;
    const best = percent(Math.max(...alive.map((cell) => scores.last.validation[cell])));
    if (opened.length === openings) return `${count}. The best of them: ${best}; the best of all: ${percent(scores.best())}.`;
    const good = scores.asGood(this.grid.rows);
    const left = alive.some((cell) => good.includes(cell)) ? "A stronger penalty does as well." : "Others are clearly better.";
    return `${count}. The best of them: ${best}. ${left}`;
  }

  verdict() {
    const { scores, bet } = this;
    const [first, ...others] = scores.bestCells();
    const tied = others.length ? ` (and ${others.length} more)` : "";
    const sought = this.sought();
    const best = `Best on the validation data: ${this.name(first)}, ${percent(scores.best())}${tied}.` +
      (sought.length ? ` As good up to L2 ${this.knobs(sought[0])[1]}.` : "");
    if (bet < 0) return best;
    const betted = scores.diverged[bet] ? `, which ${scores.chaotic[bet] ? "is chaotic" : "diverged"}` : `: ${percent(scores.last.validation[bet])}`;
    return `${best} You bet on ${this.name(bet)}${betted}.`;
  }

  // -- the state as a link ---------------------------------------------------------------

  state() {
    return {
      phase: this.phase, bet: `${this.bet}`, opened: this.opened.join("."), cell: `${this.chosen}`,
      kept: `${this.kept}`, view: this.view, source: this.source, at: `${this.at}`,
    };
  }

  /** What a link says counts only if a control could have said it. */
  restore(/** @type {URLSearchParams} */ link) {
    const cell = (/** @type {string | null} */ text) =>
      /^\d+$/.test(text ?? "") && Number(text) < this.size * this.size ? Number(text) : -1;
    const phase = link.get("phase");
    this.phase = phase === "hunt" || phase === "all" ? phase : "bet";
    this.bet = cell(link.get("bet"));
    this.opened = [...new Set((link.get("opened") ?? "").split(".").map(cell))].filter((one) => one >= 0);
    this.view = VIEWS.find(([name]) => name === link.get("view"))?.[0] ?? "validation";
    this.chosen = cell(link.get("cell"));
    this.kept = cell(link.get("kept"));
    this.choose(this.grid.theirs && link.get("source") === "sklearn_" ? "sklearn_" : "");
    const at = Number(link.get("at") ?? NaN);
    if (Number.isInteger(at) && at >= 0 && at <= this.at) this.at = at;
  }
}
