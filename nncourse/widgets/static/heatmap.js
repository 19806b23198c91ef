// The hyperparameter heatmap: bet on a cell, open few, then see the whole and compare.
import { curveLegend } from "./chart.js";
import { cellTable, closeUp } from "./closeup.js";
import { Grid } from "./grid.js";
import { Hunt, OPENINGS, PRESETS, VIEWS } from "./hunt.js";
import { Kernel, SILENT } from "./kernel.js";
import { picker } from "./picker.js";
import { followLinks, readLink } from "./links.js";
import { recall, remember } from "./remember.js";
import { shareRow } from "./share.js";
import { readScores } from "./scores.js";
import {
  announcer, betBox, button, captionOf, choice, frame, goalList, make, row, slider, unpack, wayToKernel,
} from "./shared.js";
import { calm, followTheme, tooSoon } from "./theme.js";

/** @typedef {import("./shared.js").Model} Model */

const CAN = "nnlib can train this sweep live in the kernel; other cells can run meanwhile.";
const SOURCES = /** @type {[string, string][]} */ ([["", "nnlib"], ["sklearn_", "scikit-learn (recorded)"]]);
const GOALS = [
  `Find the best validation score with at most ${OPENINGS} cells opened.`,
  "Compare two neighbouring cells whose validation scores are 30 % or more apart.",
];

class Heatmap {
  /** @type {Grid} */ grid;
  /** @type {HTMLElement[]} */ scaleEnds;
  /** @type {ReturnType<typeof choice>} */ views;
  /** @type {ReturnType<typeof choice>} */ sources;
  /** @type {ReturnType<typeof choice>} */ presets;
  /** @type {ReturnType<typeof goalList>} */ goals;
  /** @type {ReturnType<typeof slider>} */ time;

  constructor(/** @type {Model} */ model, /** @type {HTMLElement} */ el) {
    this.model = model;
    this.settings = model.get("settings");
    const { settings } = this;
    this.page = Boolean(model.get("page"));
    this.root = frame(el, settings.title);
    this.say = announcer(this.root);
    const data = unpack(model.get("recording"), settings.layout);
    this.hunt = new Hunt(settings, (source) => readScores(data, source, settings.epochs));
    this.looked = -1; // the cell that the line below the grid tells of
    this.drawn = 0;
    this.build();
    this.recallBet();
    this.listen();
    this.stopTheme = followTheme(this.root, () => this.redraw());
    this.stopLinks = this.page ? followLinks(() => this.restoreLink()) : null;
    this.redraw();
  }

  // -- the parts of the figure -----------------------------------------------------------

  build() {
    const { settings } = this;
    this.grid = new Grid(this.hunt, settings.title, {
      open: (cell) => this.open(cell),
      tell: (cell) => this.tell(cell),
    });
    this.told = make("p", { class: "nn-line" });
    this.picker = picker(settings, (cell) => this.grid.focusOn(cell), (cell) => this.open(cell));
    this.tally = make("p", { class: "nn-tally" });
    this.askBox = betBox(settings.question, row(button("Skip the hunt", () => this.uncover(), { "data-skip": true })));
    this.buildControls();
    this.panel = make("div", { class: "nn-panel" });
    this.pairBox = make("div", { class: "nn-pair" });
    this.goals = goalList(GOALS, this.say);
    this.who = make("p", { class: "nn-who" });
    this.root.append(
      make("p", { class: "nn-title" }, settings.title),
      make("div", { class: "nn-stage nn-even" },
        make("div", { class: "nn-left" },
          make("p", { class: "nn-legend nn-start" }, "learning rate"), this.grid.element,
          make("p", { class: "nn-legend" }, "L2 strength"), this.buildLegend(),
          this.picker, this.told),
        this.controls,
        make("div", { class: "nn-right" }, this.askBox, this.panel)),
      this.pairBox, this.goals.element, this.who,
      captionOf(this.model.get("caption")));
  }

  buildLegend() {
    const scale = make("span", { class: "nn-scale", "aria-hidden": "true" });
    this.scaleEnds = [make("span"), make("span")];
    const hatched = make("span", { class: "nn-hatch nn-swatch" });
    return make("p", { class: "nn-legend" }, this.scaleEnds[0], " ", scale, " ", this.scaleEnds[1], hatched, "diverged or chaotic");
  }

  buildControls() {
    const { hunt } = this;
    this.views = choice("Show", VIEWS, hunt.view, (view) => {
      hunt.view = view;
      this.redraw();
      this.say(`Showing the ${VIEWS.find(([name]) => name === view)?.[1]}.`);
    });
    this.sources = choice("Trained by", SOURCES, "", (source) => this.choose(source));
    this.presets = choice("Preset", PRESETS, "", (name) => this.arrange(name));
    this.uncoverButton = button("Uncover all", () => this.uncover());
    this.keepButton = button("Keep for comparison", () => this.keep());
    this.time = slider("Epoch", { min: 0, max: hunt.at, value: hunt.at }, (k) => String(hunt.scores.epochs[k]), (k) => {
      this.stopPlaying();
      hunt.at = k;
      this.redraw();
    });
    this.playButton = button("Play", () => this.togglePlay());
    this.liveButton = button("Train them all live", () => this.toggleLive(), { class: "nn-main" });
    const again = button("Start over", () => this.restart());
    this.timeRow = row(this.playButton, this.time.element);
    this.controls = make("div", { class: "nn-controls" }, this.tally,
      row(this.uncoverButton, this.liveButton, this.keepButton, again,
        this.presets.element, this.views.element, this.sources.element),
      this.timeRow, shareRow(this.settings.name, this.root, this.page, () => hunt.state()));
  }

  // -- what the reader does --------------------------------------------------------------

  /** What the numbers of a cell are now; nothing of none. */
  tell(/** @type {number} */ cell) {
    this.looked = cell;
    this.told.textContent = cell < 0 ? "" : this.hunt.describe(cell);
  }

  open(/** @type {number} */ cell) {
    const { hunt } = this;
    this.grid.focusOn(cell);
    if (hunt.open(cell)) {
      this.keepBet(cell);
      this.say(`You bet on ${hunt.name(cell)}. It is the first cell you open.`);
    }
    this.askPictures();
    const hunting = hunt.phase === "hunt";
    this.redraw();
    this.say(`${hunt.describe(cell)} ${hunting ? this.tally.textContent : ""}`);
  }

  uncover() {
    this.grid.takeFocus();
    if (this.hunt.phase === "bet") this.keepBet("skipped");
    this.hunt.phase = "all";
    this.looked = this.hunt.chosen < 0 ? this.grid.focused : this.hunt.chosen;
    this.redraw();
    this.say(this.hunt.verdict());
  }

  /** The bet stays over a reload of the page; null asks again. */
  keepBet(/** @type {number | "skipped" | null} */ bet) {
    if (this.page) remember(`bet:${this.settings.name}`, bet);
  }

  recallBet() {
    const bet = this.page ? recall(`bet:${this.settings.name}`) : null;
    if (bet === "skipped") this.hunt.phase = "all";
    else if (Number.isInteger(bet) && this.grid.cells[bet]) {
      this.hunt.open(bet);
      this.grid.focused = this.looked = bet;
    }
  }

  keep() {
    this.hunt.keep();
    this.redraw();
  }

  arrange(/** @type {string} */ name) {
    if (!name) return;
    const { hunt } = this;
    this.stopPlaying();
    hunt.arrange(name);
    this.askPictures();
    this.arranged = hunt.sight();
    this.looked = hunt.chosen;
    this.redraw();
    this.say(hunt.describe(hunt.chosen));
  }

  choose(/** @type {string} */ source) {
    this.stopPlaying();
    this.hunt.choose(source);
    this.askPictures();
    this.redraw();
  }

  restart() {
    this.stopPlaying();
    if (this.hunt.live === "training") this.kernel?.ask({ do: "pause" });
    this.grid.takeFocus();
    this.hunt.clear();
    this.keepBet(null);
    this.looked = -1;
    this.redraw();
    this.say("Started over: bet on a cell.");
  }

  togglePlay() {
    if (this.playing) return this.stopPlaying(true);
    const { hunt } = this;
    if (hunt.atEnd()) hunt.at = 0;
    // A reader who wants no motion gets one step a second in place of a film.
    this.playing = setInterval(() => {
      hunt.at += 1;
      if (hunt.atEnd()) this.stopPlaying();
      this.redraw();
    }, calm() ? 1000 : 120);
    this.redraw();
  }

  stopPlaying(draw = false) {
    clearInterval(this.playing);
    this.playing = 0;
    if (draw) this.redraw();
  }

  // -- training live, in a kernel --------------------------------------------------------

  listen() {
    this.who.textContent = this.page
      ? `These sweeps were recorded. To train them live, ${wayToKernel()}`
      : "These sweeps were recorded; the kernel has not answered yet.";
    if (this.page) return;
    this.kernel = new Kernel(this.model, {
      here: () => {
        this.hunt.live = "ready";
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
    this.hunt.live = null;
    this.root.dataset.engine = "page";
    this.who.textContent = "The kernel does not answer: this is the recorded sweep. Run the cell again to train live.";
    this.choose("");
    this.say(this.who.textContent);
  }

  toggleLive() {
    const { hunt } = this;
    if (hunt.live === "training") {
      hunt.live = "paused";
      this.kernel?.ask({ do: "pause" });
    } else {
      const again = hunt.live === "paused";
      if (!again) hunt.train();
      if (hunt.source !== "live") this.choose("live");
      hunt.live = "training";
      this.kernel?.ask({ do: again ? "go" : "train" });
    }
    this.redraw();
  }

  hear(/** @type {any} */ message) {
    const { hunt } = this;
    const { liveScores: scores } = hunt;
    if (!scores) return;
    this.who.textContent = CAN;
    for (const one of message.rows) scores.grow(one);
    this.root.dataset.state = message.stopped ?? "training";
    if (message.stopped) hunt.live = message.stopped;
    if (hunt.source === "live") {
      hunt.at = scores.end;
      if (message.stopped || !tooSoon(this.drawn)) this.redraw();
    }
    if (message.stopped) this.askPictures();
    if (message.stopped === "done") this.say(hunt.verdict());
  }

  /** What the network of a cell does, if it was not trained on meanwhile. */
  take(/** @type {any} */ message, /** @type {any[]} */ buffers) {
    const scores = this.hunt.liveScores;
    if (!scores || message.epoch !== scores.epochs.length) return;
    scores.pictures[message.cell] = unpack(buffers[0], { picture: [0, buffers[0].byteLength, "uint8"] }).picture;
    this.redraw();
  }

  /** Only a kernel is asked, and only where it stands still. */
  askPictures() {
    const { source, live, kept, chosen, scores } = this.hunt;
    if (source !== "live" || live === "training") return;
    for (const cell of [kept, chosen])
      if (cell >= 0 && !scores.diverged[cell]) this.kernel?.tell({ do: "picture", cell });
  }

  // -- what is seen ----------------------------------------------------------------------

  redraw() {
    const { hunt } = this;
    this.drawn = performance.now();
    if (hunt.found()) {
      this.goals.reach(0);
      hunt.phase = "all";
    }
    if (hunt.paired()) this.goals.reach(1);
    this.tell(this.looked);
    const most = hunt.view === "gap" ? 0.3 : 1;
    this.scaleEnds.forEach((end, k) => (end.textContent = `${100 * (k ? most : 0)} %`));
    this.grid.show(most);
    this.setControls();
    this.root.dataset.phase = hunt.phase;
    this.root.dataset.asking = String(hunt.phase !== "all");
    this.root.dataset.opened = String(hunt.opened.length);
    this.root.dataset.epoch = String(hunt.scores.epochs[hunt.at] ?? 0);
    this.showPanel();
  }

  setControls() {
    const { hunt } = this;
    const { phase, live, scores } = hunt;
    this.askBox.hidden = phase !== "bet";
    this.controls.hidden = phase === "bet";
    this.uncoverButton.hidden = phase !== "hunt";
    this.keepButton.hidden = hunt.chosen < 0;
    this.keepButton.textContent = hunt.kept >= 0 && hunt.kept === hunt.chosen ? "Do not compare" : "Keep for comparison";
    this.timeRow.hidden = phase !== "all" || scores.epochs.length < 2;
    this.playButton.textContent = this.playing ? "Pause" : "Play";
    this.playButton.hidden = live === "training";
    this.views.element.hidden = phase === "hunt";
    this.views.set(hunt.view);
    if (this.arranged !== hunt.sight()) this.presets.set("");
    this.presets.element.hidden = phase === "hunt" || live === "training";
    this.sources.element.hidden = !this.settings.theirs || phase === "hunt";
    this.sources.set(hunt.source === "live" ? "" : hunt.source);
    this.liveButton.hidden = !live || phase === "hunt";
    this.liveButton.textContent = live === "training" ? "Pause" : live === "paused" ? "Continue" : "Train them all live";
    this.time.set(hunt.at, scores.end);
    this.tally.textContent = phase === "bet" ? "" : hunt.standing();
  }

  /** The cell that is open, and beside it the one kept for comparison. */
  showPanel() {
    const shown = this.hunt.compared();
    const views = shown.map((cell) => closeUp(this.hunt, cell, this.root, this.settings));
    const elements = views.map((view) => view.element);
    const side = elements.length === 2; // one close-up stands beside the grid, two side by side below it
    this.pairBox.replaceChildren(...(side ? elements : []));
    this.root.dataset.pair = String(side);
    if (!shown.length) return this.panel.replaceChildren(make("p", { class: "nn-legend nn-start" }, this.hint()));
    this.panel.replaceChildren(cellTable(this.hunt, shown), ...(side ? [] : elements), curveLegend());
    for (const view of views) view.draw();
  }

  /** What to do while no cell is open. */
  hint() {
    if (this.hunt.phase !== "bet") return "Open a cell: a click, a tap, or the arrow keys and Enter.";
    return "Each cell is one network, trained with its own learning rate and L2 strength. They wait to be opened.";
  }

  // -- the state as a link ---------------------------------------------------------------

  restoreLink() {
    const link = readLink(this.settings.name);
    if (!link) return;
    this.stopPlaying();
    this.hunt.restore(link);
    if (this.hunt.chosen >= 0) this.grid.focused = this.hunt.chosen;
    this.looked = this.hunt.chosen;
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
