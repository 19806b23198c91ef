// The hyperparameter heatmap: bet on a cell, open few, then see the whole and compare.
// What is known is in hunt.js, who trains live in sweep.js, what one sees in heatmapview.js.
import { HeatmapView } from "./heatmapview.js";
import { Hunt } from "./hunt.js";
import { followLinks, readLink } from "./links.js";
import { recall, remember } from "./remember.js";
import { readScores } from "./scores.js";
import { announcer, frame, unpack } from "./shared.js";
import { Sweep } from "./sweep.js";
import { calm, followTheme } from "./theme.js";

/** @typedef {import("./shared.js").Model} Model */

export class Heatmap {
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
    this.playing = 0;
    this.sweep = new Sweep(this);
    this.view = new HeatmapView(this);
    this.recallBet();
    this.stopTheme = followTheme(this.root, () => this.redraw());
    this.redraw();
    this.stopLinks = this.page ? followLinks(() => this.restoreLink()) : null;
  }

  // -- what the reader does --------------------------------------------------------------

  /** What the numbers of a cell are now; nothing of none. */
  tell(/** @type {number} */ cell) {
    this.looked = cell;
    this.view.told.textContent = cell < 0 ? "" : this.hunt.describe(cell);
  }

  open(/** @type {number} */ cell) {
    const { hunt } = this;
    this.view.grid.focusOn(cell);
    if (hunt.open(cell)) {
      this.keepBet(cell);
      this.say(`You bet on ${hunt.name(cell)}. It is the first cell you open.`);
    }
    this.sweep.askPictures();
    const hunting = hunt.phase === "hunt";
    this.redraw();
    this.say(`${hunt.describe(cell)} ${hunting ? this.view.tally.textContent : ""}`);
  }

  uncover() {
    this.view.grid.takeFocus();
    if (this.hunt.phase === "bet") this.keepBet("skipped");
    this.hunt.phase = "all";
    this.looked = this.hunt.chosen < 0 ? this.view.grid.focused : this.hunt.chosen;
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
    else if (Number.isInteger(bet) && this.view.grid.cells[bet]) {
      this.hunt.open(bet);
      this.view.grid.focused = this.looked = bet;
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
    this.sweep.askPictures();
    this.view.arranged = hunt.sight();
    this.looked = hunt.chosen;
    this.redraw();
    this.say(hunt.describe(hunt.chosen));
  }

  choose(/** @type {string} */ source) {
    this.stopPlaying();
    this.hunt.choose(source);
    this.sweep.askPictures();
    this.redraw();
  }

  restart() {
    this.stopPlaying();
    this.sweep.pause();
    this.view.grid.takeFocus();
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
    this.playing = window.setInterval(() => {
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

  // -- what is seen ----------------------------------------------------------------------

  redraw() {
    const { hunt, view: { goals } } = this;
    this.drawn = performance.now();
    if (hunt.found()) {
      goals.reach(0);
      hunt.phase = "all";
    }
    if (hunt.paired()) goals.reach(1);
    this.tell(this.looked);
    this.view.show();
  }

  // -- the state as a link ---------------------------------------------------------------

  restoreLink() {
    const link = readLink(this.settings.name);
    if (!link) return;
    this.stopPlaying();
    this.hunt.restore(link);
    if (this.hunt.chosen >= 0) this.view.grid.focused = this.hunt.chosen;
    this.looked = this.hunt.chosen;
    this.redraw();
    this.root.dataset.restored = "true";
  }

  close() {
    this.stopPlaying();
    this.stopTheme?.();
    this.stopLinks?.();
    this.sweep.close();
  }
}

export default {
  render(/** @type {{model: Model, el: HTMLElement}} */ { model, el }) {
    const heatmap = new Heatmap(model, el);
    return () => heatmap.close();
  },
};
