// The hyperparameter heatmap: bet on a cell, open few, then see the whole and compare.
import {
  Chart, announcer, button, calm, captionOf, choice, curveLegend, figure, followLinks, followTheme, frame, goalList, inkOn, make, percent,
  readLink, setting, slider, tooSoon, unbroken, unpack, wayToKernel, writeLink,
} from "./shared.js";
import { Kernel, SILENT } from "./kernel.js";
import { paintMatrix, paintValues } from "./pictures.js";

/** @typedef {import("./shared.js").Model} Model */
/**
 * @typedef {{epochs: number[], train: number[][], validation: number[][], last: {train: number[],
 *   validation: number[]}, diverged: number[], pictures: (Uint8Array | null)[]}} Scores
 * Curves are [cell][k] at epochs[k]; diverged holds the epoch, or 0.
 */

const VIEWS = /** @type {[string, string][]} */ ([["validation", "validation score"], ["train", "training score"], ["gap", "gap: training minus validation"]]);
const PRESETS = /** @type {[string, string][]} */ ([["", "choose …"], ["end", "how it ended"], ["first", "after the first epoch"], ["gap", "the largest gap"], ["pair", "best against most L2"]]);
const CAN = "nnlib can train this sweep live in the kernel; other cells can run meanwhile.";
const OPENINGS = 5;
const SAME = 0.01;
const APART = 0.05;
const LADDER = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]]; // viridis

/** Colour of a score between 0 and 1: dark to bright. */
export function shade(/** @type {number} */ value) {
  const place = Math.max(0, Math.min(1, value)) * (LADDER.length - 1);
  const k = Math.min(Math.floor(place), LADDER.length - 2);
  return LADDER[k].map((from, c) => Math.round(from + (LADDER[k + 1][c] - from) * (place - k)));
}

/** Two cells with the same validation score whose training scores are far apart. */
export const samePair = (/** @type {Scores["last"]} */ last, /** @type {number} */ a, /** @type {number} */ b) =>
  Math.abs(last.validation[a] - last.validation[b]) <= SAME + 1e-9 && Math.abs(last.train[a] - last.train[b]) >= APART - 1e-9;

/** The scores of a recording. */
export function readScores(/** @type {Record<string, any>} */ data, /** @type {string} */ prefix, /** @type {number[]} */ epochs) {
  const cells = data[prefix + "diverged"].length;
  const table = (/** @type {Uint8Array} */ bytes) =>
    Array.from({ length: cells }, (_, cell) => Array.from(bytes.subarray(cell * epochs.length, (cell + 1) * epochs.length), (v) => v / 255));
  const last = (/** @type {string} */ part) => Array.from(data[prefix + part + "_last"], (v) => v / 10000);
  const pictures = data[prefix + "pictures"];
  const size = pictures.length / cells;
  return /** @type {Scores} */ ({
    epochs,
    train: table(data[prefix + "train"]),
    validation: table(data[prefix + "validation"]),
    last: { train: last("train"), validation: last("validation") },
    diverged: Array.from(data[prefix + "diverged"]),
    pictures: Array.from({ length: cells }, (_, cell) => pictures.subarray(cell * size, (cell + 1) * size)),
  });
}

class Heatmap {
  /** @type {HTMLButtonElement[]} */ cells;
  /** @type {HTMLElement} */ told;
  /** @type {HTMLElement} */ panel;
  /** @type {HTMLElement[]} */ scaleEnds;
  /** @type {HTMLButtonElement} */ liveButton;
  /** @type {HTMLElement} */ who;
  /** @type {ReturnType<typeof choice>} */ views;
  /** @type {ReturnType<typeof choice>} */ sources;
  /** @type {ReturnType<typeof choice>} */ presets;
  /** @type {ReturnType<typeof goalList>} */ goals;
  /** @type {ReturnType<typeof slider>} */ time;

  constructor(/** @type {Model} */ model, /** @type {HTMLElement} */ el) {
    this.model = model;
    this.settings = model.get("settings");
    this.page = Boolean(model.get("page"));
    this.root = frame(el, this.settings.title);
    this.say = announcer(this.root);
    this.data = unpack(model.get("recording"), this.settings.layout);
    this.size = this.settings.rates.length;
    this.view = "validation";
    this.source = "";
    this.scores = readScores(this.data, "", this.settings.epochs);
    this.at = this.settings.epochs.length - 1;
    /** @type {"bet" | "hunt" | "all"} */
    this.phase = "bet";
    this.bet = -1;
    /** @type {number[]} */
    this.opened = [];
    this.focused = Math.floor((this.size * this.size) / 2);
    this.looked = -1; // the cell that the line below the grid tells of
    this.chosen = -1;
    this.kept = -1;
    this.live = /** @type {null | "ready" | "training" | "paused" | "done"} */ (null);
    /** @type {string[]} */
    this.looks = [];
    this.drawn = 0;
    this.build();
    this.listen();
    this.stopTheme = followTheme(this.root, () => this.redraw());
    this.stopLinks = this.page ? followLinks(() => this.restoreLink()) : null;
    this.redraw();
  }

  // -- the parts of the figure -------------------------------------------------------------

  build() {
    const { settings, size } = this;
    this.cells = Array.from({ length: size * size }, (_, cell) =>
      make("button", {
        type: "button", role: "gridcell", class: "nn-cell", tabindex: -1,
        onclick: () => this.open(cell), onfocus: () => this.look(cell), onpointerenter: () => this.look(cell, false),
      }));
    const rows = settings.rates.map((/** @type {number} */ rate, /** @type {number} */ i) =>
      make("div", { role: "row", class: "nn-cells" },
        make("span", { role: "rowheader", class: "nn-head" }, setting(rate)), ...this.cells.slice(i * size, (i + 1) * size)));
    const heads = make("div", { role: "row", class: "nn-cells" },
      make("span", { role: "columnheader", class: "nn-head" }, make("span", { class: "nn-hidden" }, "learning rate")),
      ...settings.penalties.map((/** @type {number} */ l2) => make("span", { role: "columnheader", class: "nn-head" }, setting(l2))));
    this.grid = make("div", { role: "grid", class: "nn-heat", "aria-label": `${settings.title} Rows: learning rates, columns: L2 strengths.`, onkeydown: (/** @type {KeyboardEvent} */ event) => this.key(event) }, ...rows.reverse(), heads);
    this.grid.style.setProperty("--cells", String(size));
    this.grid.classList.toggle("nn-fine", size > 9);
    this.told = make("p", { class: "nn-line" });
    this.tally = make("p", { class: "nn-tally" });
    this.askBox = make("div", { class: "nn-bet" },
      make("p", {}, make("strong", {}, "Bet first. "), unbroken(settings.question)),
      make("div", { class: "nn-row" }, button("Skip the hunt", () => this.uncover())));
    this.buildControls();
    this.panel = make("div", { class: "nn-panel" });
    this.goals = goalList([
      `Find the best validation score with at most ${OPENINGS} cells opened.`,
      "Compare two cells with the same validation score (within 1 %) whose training scores are 5 % or more apart.",
    ], this.say);
    this.who = make("p", { class: "nn-who" });
    this.root.append(
      make("p", { class: "nn-title" }, settings.title),
      make("div", { class: "nn-stage nn-even" },
        make("div", { class: "nn-left" },
          make("p", { class: "nn-legend nn-start" }, "learning rate"), this.grid,
          make("p", { class: "nn-legend" }, "L2 strength"), this.legend(),
          this.told),
        this.controls,
        make("div", { class: "nn-right" }, this.askBox, this.panel)),
      (this.pairBox = make("div", { class: "nn-pair" })),
      this.goals.element, this.who,
      captionOf(this.model.get("caption")));
  }

  legend() {
    this.scale = make("span", { class: "nn-scale", "aria-hidden": "true" });
    this.scaleEnds = [make("span"), make("span")];
    return make("p", { class: "nn-legend" }, this.scaleEnds[0], " ", this.scale, " ", this.scaleEnds[1], make("span", { class: "nn-hatch nn-swatch" }), "diverged");
  }

  buildControls() {
    const { settings } = this;
    this.views = choice("Show", VIEWS, this.view, (view) => {
      this.view = view;
      this.redraw();
      this.say(`Showing the ${VIEWS.find(([name]) => name === view)?.[1]}.`);
    });
    this.sources = choice("Trained by", [["", "nnlib"], ["sklearn_", "scikit-learn (recorded)"]], "", (source) => this.choose(source));
    this.sources.element.hidden = !settings.theirs;
    this.presets = choice("Preset", PRESETS, "", (name) => this.arrange(name));
    this.uncoverButton = button("Uncover all", () => this.uncover());
    this.keepButton = button("Keep for comparison", () => this.keep());
    this.time = slider("Epoch", { min: 0, max: this.at, value: this.at }, (k) => String(this.scores.epochs[k]), (k) => {
      this.stopPlaying();
      this.at = k;
      this.redraw();
    });
    this.playButton = button("Play", () => this.togglePlay());
    this.liveButton = button("Train them all live", () => this.toggleLive(), { class: "nn-main" });
    this.again = button("Start over", () => this.restart());
    this.controls = make("div", { class: "nn-controls" }, this.tally,
      make("div", { class: "nn-row" }, this.uncoverButton, this.liveButton, this.keepButton, this.again, this.presets.element, this.views.element, this.sources.element),
      (this.timeRow = make("div", { class: "nn-row" }, this.playButton, this.time.element)));
    if (this.page) {
      const note = make("output");
      this.controls.append(make("div", { class: "nn-row" },
        button("Link to this state", async () => (note.textContent = await writeLink(this.settings.name, this.state()))), note));
    }
  }

  // -- what the reader does --------------------------------------------------------------------

  key(/** @type {KeyboardEvent} */ event) {
    const { size } = this;
    const [row, column] = [Math.floor(this.focused / size), this.focused % size];
    /** @type {Record<string, [number, number]>} */
    const moves = { ArrowUp: [row + 1, column], ArrowDown: [row - 1, column], ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1], Home: [row, 0], End: [row, size - 1] };
    const to = moves[event.key];
    if (!to || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (to[0] < 0 || to[0] >= size || to[1] < 0 || to[1] >= size) return;
    this.cells[to[0] * size + to[1]].focus();
  }

  look(/** @type {number} */ cell, take = true) {
    if (take) {
      this.cells[this.focused].tabIndex = -1;
      this.cells[cell].tabIndex = 0;
      this.focused = cell;
    }
    this.tell(cell);
  }

  /** What the numbers of a cell are now; nothing of none. */
  tell(/** @type {number} */ cell) {
    this.looked = cell;
    this.told.textContent = cell < 0 ? "" : this.describe(cell);
  }

  open(/** @type {number} */ cell) {
    this.look(cell);
    if (this.phase === "bet") {
      this.phase = "hunt";
      this.bet = cell;
      this.say(`You bet on ${this.name(cell)}. It is the first cell you open.`);
    }
    if (!this.opened.includes(cell)) this.opened.push(cell);
    this.chosen = cell;
    this.askPictures();
    const hunting = this.phase === "hunt";
    this.redraw();
    this.say(`${this.describe(cell)} ${hunting ? this.tally.textContent : ""}`);
  }

  uncover() {
    this.takeFocus();
    this.phase = "all";
    this.looked = this.chosen < 0 ? this.focused : this.chosen;
    this.redraw();
    this.say(this.verdict());
  }

  /** For the keyboard, when the button that was pressed goes out of sight. */
  takeFocus() {
    this.cells[this.focused].focus({ preventScroll: true });
  }

  /** How the hunt stands, or how it ended. */
  standing() {
    if (this.phase === "all") return this.source === "live" && this.live !== "done" ? "" : this.verdict();
    const { last, diverged } = this.scores;
    const alive = this.opened.filter((cell) => !diverged[cell]);
    const best = Math.max(...alive.map((cell) => last.validation[cell]));
    const count = `${this.opened.length} of ${OPENINGS} cells opened`;
    if (this.opened.length > OPENINGS) return `${this.opened.length} cells opened, more than ${OPENINGS}: look on, uncover all, or start over.`;
    if (!alive.length) return `${count}.`;
    if (this.opened.length < OPENINGS) return `${count}. The best of them: ${percent(best)}. Another one is better.`;
    return `${count}. The best of them: ${percent(best)}; the best of all: ${percent(this.best())}.`;
  }

  keep() {
    this.kept = this.kept === this.chosen ? -1 : this.chosen;
    this.redraw();
  }

  /** A view worth seeing, put together at once. */
  arrange(/** @type {string} */ name) {
    if (!name) return;
    this.stopPlaying();
    const { last, diverged, epochs } = this.scores;
    const top = (/** @type {(cell: number) => number} */ score) =>
      this.cells.reduce((best, _, cell) => (!diverged[cell] && (best < 0 || score(cell) > score(best)) ? cell : best), -1);
    this.at = name === "first" ? 0 : epochs.length - 1;
    this.view = name === "gap" ? "gap" : "validation";
    this.views.set(this.view);
    const best = top((cell) => last.validation[cell]);
    const widest = top((cell) => last.train[cell] - last.validation[cell]);
    this.kept = name === "pair" ? best : -1;
    this.chosen = name === "pair" ? best - (best % this.size) + this.size - 1 : name === "gap" ? widest : best;
    this.askPictures();
    this.arranged = this.sight();
    this.looked = this.chosen;
    this.redraw();
    this.say(this.describe(this.chosen));
  }

  /** What is looked at: a preset holds until this changes. */
  sight() {
    return [this.view, this.source, this.at, this.kept, this.chosen].join();
  }

  choose(/** @type {string} */ source) {
    this.stopPlaying();
    // What was trained here, if anything was, is shown in place of the recording.
    if (source === "" && this.liveScores && this.live && this.live !== "ready") source = "live";
    this.source = source;
    this.scores = source === "live" ? /** @type {Scores} */ (this.liveScores) : readScores(this.data, source, this.settings.epochs);
    this.at = Math.max(0, this.scores.epochs.length - 1);
    this.askPictures();
    this.redraw();
  }

  restart() {
    this.stopPlaying();
    if (this.live === "training") this.kernel?.ask({ do: "pause" });
    if (this.live) this.live = "ready";
    this.liveScores = null; // reports that are still under way count no more
    this.takeFocus();
    this.phase = "bet";
    this.bet = this.chosen = this.kept = this.looked = -1;
    this.opened = [];
    this.view = "validation";
    this.views.set("validation");
    this.sources.set("");
    this.choose("");
    this.say("Started over: bet on a cell.");
  }

  togglePlay() {
    if (this.playing) return this.stopPlaying(true);
    if (this.at >= this.scores.epochs.length - 1) this.at = 0;
    // A reader who wants no motion gets one step a second in place of a film.
    this.playing = setInterval(() => {
      this.at += 1;
      if (this.at >= this.scores.epochs.length - 1) this.stopPlaying();
      this.redraw();
    }, calm() ? 1000 : 120);
    this.redraw();
  }

  stopPlaying(draw = false) {
    clearInterval(this.playing);
    this.playing = 0;
    if (draw) this.redraw();
  }

  // -- training live, in a kernel -------------------------------------------------------------------

  listen() {
    this.liveButton.hidden = true;
    this.who.textContent = this.page
      ? `These sweeps were recorded. To train them live, ${wayToKernel()}`
      : "These sweeps were recorded; the kernel has not answered yet.";
    if (this.page) return;
    this.kernel = new Kernel(this.model, {
      here: () => {
        this.live = "ready";
        this.root.dataset.engine = "kernel";
        this.who.textContent = CAN;
        this.redraw();
      },
      message: (message, buffers) => (message.kind === "picture" ? this.take(message, buffers) : this.hear(message)),
      // It may go on; if it does not, a pause that stays unanswered brings the recording back.
      silent: () => {
        this.who.textContent = `${SILENT} Wait, or press Pause to see the recorded sweep.`;
        this.say(this.who.textContent);
      },
      lost: () => this.loseKernel(),
    });
  }

  /** The kernel was restarted, or is busy for long: the recording is shown instead. */
  loseKernel() {
    this.kernel?.close();
    this.live = null;
    this.root.dataset.engine = "page";
    this.who.textContent = "The kernel does not answer: this is the recorded sweep. Run the cell again to train live.";
    this.choose("");
    this.say(this.who.textContent);
  }

  toggleLive() {
    if (this.live === "training") {
      this.live = "paused";
      this.kernel?.ask({ do: "pause" });
    } else {
      const again = this.live === "paused";
      if (!again) {
        const cells = this.size * this.size;
        const none = () => Array.from({ length: cells }, () => /** @type {number[]} */ ([]));
        this.liveScores = /** @type {Scores} */ ({ epochs: [], train: none(), validation: none(), last: { train: [], validation: [] }, diverged: new Array(cells).fill(0), pictures: new Array(cells).fill(null) });
        this.phase = "all";
      }
      if (this.source !== "live") {
        this.sources.set("");
        this.choose("live");
      }
      this.live = "training";
      this.kernel?.ask({ do: again ? "go" : "train" });
    }
    this.redraw();
  }

  hear(/** @type {any} */ message) {
    const scores = this.liveScores;
    if (!scores) return;
    this.who.textContent = CAN;
    for (const row of message.rows) {
      if (row.epoch !== scores.epochs.length + 1) continue; // of a sweep before this one
      scores.epochs.push(row.epoch);
      scores.pictures.fill(null); // they showed the epoch before
      for (const part of /** @type {const} */ (["train", "validation"])) {
        scores[part].forEach((curve, cell) => curve.push(row[part][cell] ?? 0));
        scores.last[part] = row[part].map((/** @type {number | null} */ value) => value ?? 0);
      }
      for (const cell of row.diverged) scores.diverged[cell] = row.epoch;
    }
    this.root.dataset.state = message.stopped ?? "training";
    if (message.stopped) this.live = message.stopped;
    if (this.source === "live") {
      this.at = Math.max(0, scores.epochs.length - 1);
      if (message.stopped || !tooSoon(this.drawn)) this.redraw();
    }
    if (message.stopped) this.askPictures();
    if (message.stopped === "done") this.say(this.verdict());
  }

  /** What the network of a cell does, if it was not trained on meanwhile. */
  take(/** @type {any} */ message, /** @type {any[]} */ buffers) {
    const scores = this.liveScores;
    if (!scores || message.epoch !== scores.epochs.length) return;
    scores.pictures[message.cell] = unpack(buffers[0], { picture: [0, buffers[0].byteLength, "uint8"] }).picture;
    this.redraw();
  }

  /** Only a kernel is asked, and only where it stands still. */
  askPictures() {
    if (this.source !== "live" || this.live === "training") return;
    for (const cell of [this.kept, this.chosen])
      if (cell >= 0 && !this.scores.diverged[cell]) this.kernel?.tell({ do: "picture", cell });
  }

  // -- what is seen ----------------------------------------------------------------------------------

  name(/** @type {number} */ cell) {
    const { rates, penalties } = this.settings;
    return `learning rate ${setting(rates[Math.floor(cell / this.size)])}, L2 ${setting(penalties[cell % this.size])}`;
  }

  atEnd() {
    return this.at >= this.scores.epochs.length - 1;
  }

  score(/** @type {number} */ cell, /** @type {string} */ part) {
    const of = (/** @type {"train" | "validation"} */ which) =>
      this.atEnd() ? this.scores.last[which][cell] ?? 0 : this.scores[which][cell][this.at] ?? 0;
    return part === "gap" ? of("train") - of("validation") : of(/** @type {"train" | "validation"} */ (part));
  }

  gone(/** @type {number} */ cell) {
    const when = this.scores.diverged[cell];
    return when > 0 && this.scores.epochs[this.at] >= when;
  }

  visible(/** @type {number} */ cell) {
    return this.scores.epochs.length > 0 && (this.phase === "all" || this.opened.includes(cell));
  }

  describe(/** @type {number} */ cell) {
    if (!this.visible(cell)) return `${this.name(cell)}: not opened.`;
    if (this.gone(cell)) return `${this.name(cell)}: diverged in epoch ${this.scores.diverged[cell]}.`;
    const [train, validation] = [this.score(cell, "train"), this.score(cell, "validation")];
    return `${this.name(cell)}: validation ${percent(validation)}, training ${percent(train)}, gap ${percent(train - validation)}.`;
  }

  best() {
    return Math.max(...this.scores.last.validation.filter((_, cell) => !this.scores.diverged[cell]));
  }

  verdict() {
    const { last, diverged } = this.scores;
    const best = this.best();
    const all = last.validation.flatMap((score, cell) => (score === best && !diverged[cell] ? [cell] : []));
    const tied = all.length > 1 ? ` (and ${all.length - 1} more)` : "";
    const bet = this.bet < 0 ? "" : this.scores.diverged[this.bet] ? ` You bet on ${this.name(this.bet)}, which diverged.` : ` You bet on ${this.name(this.bet)}: ${percent(this.scores.last.validation[this.bet])}.`;
    return `Best on the validation data: ${this.name(all[0])}, ${percent(best)}${tied}.${bet}`;
  }

  checkGoals() {
    const { last, diverged } = this.scores;
    if (this.phase === "hunt" && this.opened.length <= OPENINGS && this.opened.some((cell) => !diverged[cell] && last.validation[cell] === this.best())) {
      this.goals.reach(0);
      this.phase = "all";
    }
    const pair = this.kept >= 0 && this.chosen >= 0 && this.atEnd() && !diverged[this.kept] && !diverged[this.chosen];
    if (pair && samePair(last, this.kept, this.chosen)) this.goals.reach(1);
  }

  redraw() {
    if (!this.cells || !this.panel) return;
    this.drawn = performance.now();
    this.checkGoals();
    this.tell(this.looked);
    const most = this.view === "gap" ? 0.3 : 1;
    this.scaleEnds.forEach((end, k) => (end.textContent = `${100 * (k ? most : 0)} %`));
    this.cells.forEach((cell, k) => {
      cell.tabIndex = k === this.focused ? 0 : -1;
      const seen = this.visible(k);
      const gone = seen && this.gone(k);
      const value = this.score(k, this.view);
      const look = [seen, gone, k === this.chosen, k === this.kept, k === this.bet, value, this.view, this.source, this.at].join();
      if (look === this.looks[k]) return; // of 169 cells a click changes two
      this.looks[k] = look;
      cell.classList.toggle("nn-hatch", gone);
      cell.classList.toggle("nn-covered", !seen);
      cell.classList.toggle("nn-chosen", k === this.chosen);
      cell.classList.toggle("nn-kept", k === this.kept);
      cell.classList.toggle("nn-betted", k === this.bet);
      const marks = `${k === this.bet ? " Your bet." : ""}${k === this.kept ? " Kept for comparison." : ""}`;
      cell.setAttribute("aria-label", this.describe(k) + marks);
      cell.setAttribute("aria-selected", String(k === this.chosen));
      const colour = shade(value / most);
      cell.style.background = seen && !gone ? `rgb(${colour.join()})` : "";
      cell.style.color = seen && !gone ? inkOn(colour) : "";
      cell.textContent = !seen ? (k === this.bet ? "?" : "") : gone ? "×" : (100 * value).toFixed(this.size > 9 ? 0 : 1);
    });
    const open = this.phase !== "bet";
    this.askBox.hidden = open;
    this.controls.hidden = !open;
    this.uncoverButton.hidden = this.phase !== "hunt";
    this.keepButton.hidden = this.chosen < 0;
    this.keepButton.textContent = this.kept >= 0 && this.kept === this.chosen ? "Do not compare" : "Keep for comparison";
    this.timeRow.hidden = this.phase !== "all" || this.scores.epochs.length < 2;
    this.playButton.textContent = this.playing ? "Pause" : "Play";
    this.playButton.hidden = this.live === "training";
    this.views.element.hidden = this.phase === "hunt";
    if (this.arranged !== this.sight()) this.presets.set("");
    this.presets.element.hidden = this.phase === "hunt" || this.live === "training";
    this.sources.element.hidden = !this.settings.theirs || this.phase === "hunt";
    this.liveButton.hidden = !this.live || this.phase === "hunt";
    this.liveButton.textContent = this.live === "training" ? "Pause" : this.live === "paused" ? "Continue" : "Train them all live";
    this.time.set(this.at, Math.max(0, this.scores.epochs.length - 1));
    this.tally.textContent = open ? this.standing() : "";
    this.root.dataset.phase = this.phase;
    this.root.dataset.asking = String(this.phase !== "all");
    this.root.dataset.opened = String(this.opened.length);
    this.root.dataset.epoch = String(this.scores.epochs[this.at] ?? 0);
    this.showPanel();
  }

  /** The cell that is open, and beside it the one kept for comparison. */
  showPanel() {
    const shown = [this.kept, this.chosen].filter((cell, k, all) => cell >= 0 && all.indexOf(cell) === k && this.visible(cell));
    if (!shown.length) {
      const text = this.phase === "bet" ? "Each cell is one network, trained with its own learning rate and L2 strength. They wait to be opened." : "Open a cell: a click, a tap, or the arrow keys and Enter.";
      this.panel.replaceChildren(make("p", { class: "nn-legend nn-start" }, text));
      this.pairBox.replaceChildren();
      this.root.dataset.pair = "false";
      return;
    }
    const table = make("table", { class: "nn-numbers" },
      make("caption", {}, `After epoch ${this.scores.epochs[this.at]}`),
      make("tr", {}, ...["learning rate", "L2", "training", "validation", "gap"].map((name) => make("th", { scope: "col" }, name))),
      ...shown.map((cell) => {
        const { rates, penalties } = this.settings;
        const knobs = [rates[Math.floor(cell / this.size)], penalties[cell % this.size]].map(setting);
        const values = ["train", "validation", "gap"].map((part) => percent(this.score(cell, part)));
        const data = (/** @type {string} */ text, columns = 1) => make("td", { colspan: columns }, figure(text));
        return make("tr", {}, ...knobs.map((knob) => data(knob)),
          ...(this.gone(cell) ? [data(`diverged in epoch ${this.scores.diverged[cell]}`, 3)] : values.map((value) => data(value))));
      }));
    const views = shown.map((cell) => this.closeUp(cell));
    // One close-up stands beside the grid, two stand side by side below it.
    const elements = views.map((view) => view.element);
    this.panel.replaceChildren(table, ...(elements.length === 1 ? elements : []), curveLegend());
    this.pairBox.replaceChildren(...(elements.length === 1 ? [] : elements));
    this.root.dataset.pair = String(elements.length === 2);
    for (const view of views) view.draw();
  }

  /** One cell's curves and what its network does. */
  closeUp(/** @type {number} */ cell) {
    const { epochs, train, validation } = this.scores;
    const until = this.gone(cell) ? epochs.filter((epoch) => epoch < this.scores.diverged[cell]).length : this.at + 1;
    const chart = new Chart({ label: `Curves of ${this.describe(cell)}`, xLabel: "epoch", yLabel: "share right" });
    const points = (/** @type {number[]} */ curve) => curve.slice(0, until).map((value, k) => /** @type {[number, number]} */ ([epochs[k], value]));
    const picture = this.scores.pictures[cell];
    const canvas = /** @type {HTMLCanvasElement} */ (make("canvas", { width: 320, height: 320, role: "img" }));
    const matrix = this.settings.picture === "matrix";
    const what = matrix ? "Confusion matrix (true digit down, answer across)" : "Decision surface (blue: class 0, orange: class 1)";
    canvas.setAttribute("aria-label", `${what} of ${this.describe(cell)}`);
    const withPicture = picture && this.atEnd() && !this.gone(cell);
    return {
      element: make("div", { class: "nn-closeup" }, make("p", { class: "nn-legend" }, this.name(cell)), chart.element,
        withPicture ? canvas : make("p", { class: "nn-legend" }, this.gone(cell) ? `Diverged in epoch ${this.scores.diverged[cell]}: the cost was no longer a number.` : ""),
        withPicture ? make("p", { class: "nn-legend" }, what) : null),
      draw: () => {
        chart.show({ curves: [{ points: points(train[cell]), kind: "train" }, { points: points(validation[cell]), kind: "check" }], marks: [], here: null, xMax: this.settings.epochs[this.settings.epochs.length - 1], yMax: 1 });
        if (!withPicture) return;
        if (matrix) paintMatrix(canvas, this.root, picture, 10);
        else paintValues(canvas, this.root, Array.from(picture, (byte) => 0.62 * ((2 * byte) / 255 - 1)), Math.sqrt(picture.length));
      },
    };
  }

  // -- the state as a link -------------------------------------------------------------------------------

  state() {
    return { phase: this.phase, bet: `${this.bet}`, opened: this.opened.join("."), cell: `${this.chosen}`, kept: `${this.kept}`, view: this.view, source: this.source, at: `${this.at}` };
  }

  restoreLink() {
    const link = readLink(this.settings.name);
    if (!link) return;
    this.stopPlaying();
    const cell = (/** @type {string | null} */ text) => (/^\d+$/.test(text ?? "") && Number(text) < this.size * this.size ? Number(text) : -1);
    const phase = link.get("phase");
    this.phase = phase === "hunt" || phase === "all" ? phase : "bet";
    this.bet = cell(link.get("bet"));
    this.opened = [...new Set((link.get("opened") ?? "").split(".").map(cell))].filter((one) => one >= 0);
    const source = this.settings.theirs && link.get("source") === "sklearn_" ? "sklearn_" : "";
    this.sources.set(source);
    const view = VIEWS.find(([name]) => name === link.get("view"));
    this.views.set((this.view = view?.[0] ?? "validation"));
    this.chosen = cell(link.get("cell"));
    this.kept = cell(link.get("kept"));
    this.choose(source); // to its last epoch
    const at = Number(link.get("at") ?? NaN);
    if (Number.isInteger(at) && at >= 0 && at <= this.at) this.at = at;
    if (this.chosen >= 0) this.focused = this.chosen;
    this.looked = this.chosen;
    this.redraw();
    this.root.dataset.restored = "true";
  }

  close() {
    this.stopPlaying();
    this.stopTheme?.();
    this.stopLinks?.();
    this.kernel?.close();
  }
}

export default {
  render(/** @type {{model: Model, el: HTMLElement}} */ { model, el }) {
    const heatmap = new Heatmap(model, el);
    return () => heatmap.close();
  },
};
