// The training player: bet where to stop, then train, step, scrub back, branch, and compare.
// What it knows is in runs.js, who trains in trainer.js, what one sees in playerview.js.
import { PageEngine } from "./engines.js";
import { number, setting } from "./formats.js";
import { SILENT } from "./kernel.js";
import { followLinks, readLink } from "./links.js";
import { PlayerView } from "./playerview.js";
import { offer, readState } from "./recipes.js";
import { recall, remember } from "./remember.js";
import { MOST_RUNS, Runs } from "./runs.js";
import { announcer, frame, unpack } from "./shared.js";
import { followTheme, tooSoon } from "./theme.js";
import { Trainer } from "./trainer.js";
import { reaches, verdict, whyHalted } from "./verdict.js";

/** @typedef {import("./shared.js").Model} Model */
/** @typedef {import("./engines.js").Report} Report */
/** @typedef {import("./training.js").Recipe} Recipe */

const MOST_KEPT = 3;

/** A bet stays over a reload; the same figure in another chapter asks for itself. */
const betName = (/** @type {any} */ settings) => `bet:${settings.name}@${location.pathname.split("/").pop()}`;
/** @returns {import("./verdict.js").Bet} */
const keptBet = (/** @type {any} */ settings) => {
  const kept = recall(betName(settings));
  return kept === "skipped" || (Number.isInteger(kept) && kept >= 1 && kept <= settings.epochs) ? kept : null;
};

export class Player {
  constructor(/** @type {Model} */ model, /** @type {HTMLElement} */ el) {
    this.model = model;
    this.settings = model.get("settings");
    const { settings } = this;
    this.page = Boolean(model.get("page"));
    this.root = frame(el, settings.title);
    this.say = announcer(this.root);
    const data = unpack(model.get("recording"), settings.layout);
    const rows = (/** @type {string} */ part) => ({
      X: Float64Array.from(data[part + "X"], (/** @type {number} */ x) => x / settings.scale),
      y: Array.from(data[part + "Y"]),
    });
    this.task = { plan: settings.plan, train: rows("train"), validation: rows("validation"), epochs: settings.epochs };
    /** @type {Recipe} */
    this.recipe = { ...settings.recipe };
    this.offered = offer(this.recipe, this.task.train.y.length);
    /** @type {import("./verdict.js").Bet} */
    this.bet = this.page ? keptBet(settings) : null;
    this.betDraft = Math.round(settings.epochs / 2);
    this.runs = new Runs(settings.epochs, settings.patience);
    /** @type {import("./curves.js").Kept[]} */
    this.kept = [];
    this.status = "";
    this.drawn = 0;
    this.trainer = new Trainer(model, this.task, this.root, {
      hear: (report) => this.hear(report),
      begun: () => this.runs.training || this.runs.all[0].records.length > 1,
      restart: (why) => this.restart(why),
      tell: (what) => this.tell(what),
    });
    this.view = new PlayerView(this);
    this.stopTheme = followTheme(this.root, () => this.redraw());
    this.restart();
    this.stopLinks = this.page ? followLinks(() => this.restoreLink()) : null;
  }

  recipeOf(/** @type {any} */ { name, ...recipe }) {
    return /** @type {Recipe} */ ({ ...this.settings.recipe, ...recipe });
  }

  // -- the training ---------------------------------------------------------------------

  restart(said = "") {
    this.runs.clear();
    this.status = "";
    this.trainer.engine.reset({ ...this.recipe });
    if (!this.runs.record) this.redraw(); // a page reports at once, a kernel later
    if (said) this.say(said);
  }

  hear(/** @type {Report} */ report) {
    const { runs } = this;
    this.root.dataset.state = report.stopped ?? "training";
    if (this.status.startsWith(SILENT)) this.status = "";
    if (!runs.takeIn(report)) return;
    const halt = report.run === runs.current ? runs.halt() : null;
    if (halt) {
      this.pause();
      this.goBack(halt.epoch);
      this.status = whyHalted(halt, runs.patience);
    }
    if (report.stopped && runs.end === Infinity) this.end(report);
    const stopped = report.stopped || halt;
    if (stopped || !tooSoon(this.drawn)) this.redraw();
    if (stopped) this.say(this.describe());
  }

  /** Training has stopped by itself, or as it was told to. */
  end(/** @type {Report} */ report) {
    this.runs.training = false;
    if (report.stopped === "diverged" && report.run === this.runs.current) {
      this.goBack(this.runs.last);
      const place = `epoch ${report.epoch + 1}, batch ${report.batch + 1}`;
      const cure = "Lower the learning rate, or step back and branch.";
      this.status = `Training diverged in ${place}: the cost is no longer a number. ${cure}`;
    }
    if (report.stopped === "done") this.status = `All ${this.settings.epochs} epochs are done.`;
  }

  // -- what the reader does --------------------------------------------------------------

  draftBet(/** @type {number} */ epoch) {
    this.betDraft = Math.max(1, epoch);
    this.view.betSlider.set(this.betDraft);
    this.redraw();
  }

  placeBet(/** @type {number | "skipped"} */ bet, start = false) {
    this.bet = bet;
    if (this.page) remember(betName(this.settings), bet);
    this.redraw();
    if (start) this.toggle();
    this.view.play.focus({ preventScroll: true });
    const next = start ? "" : " Press Start.";
    this.say(bet === "skipped" ? `No bet.${next}` : `You bet on epoch ${bet}.${next}`);
  }

  /** Back to the start and to the question; what was bet is forgotten. */
  betAgain() {
    this.bet = null;
    if (this.page) remember(betName(this.settings), null);
    this.restart("Bet again.");
    this.view.betSlider.input.focus({ preventScroll: true });
  }

  toggle() {
    if (this.runs.training) return this.pause();
    if (!this.rewind()) return;
    this.status = "";
    this.runs.go();
    this.root.dataset.state = "waiting"; // until the first report
    this.trainer.engine.go("on");
    this.redraw();
  }

  pause() {
    this.runs.training = false;
    this.trainer.engine.pause();
    this.redraw();
  }

  advance(/** @type {"step" | "epoch"} */ how) {
    this.runs.training = false;
    this.trainer.engine.pause();
    if (!this.rewind()) return;
    this.status = "";
    this.runs.end = Infinity;
    this.trainer.engine.go(how);
  }

  /** Going on from an earlier epoch goes on with this run from there: same settings, same curve. */
  rewind() {
    if (this.runs.atHand) return true;
    if (this.runs.needed) {
      this.tell("A later branch begins on this curve, which must stay: branch here to go another way.");
      return false;
    }
    this.goBack();
    return true;
  }

  /** Who trains goes back to an epoch of the run shown, whatever lies behind it. */
  goBack(epoch = this.runs.shown) {
    this.runs.shown = epoch;
    this.runs.cut();
    this.takeUp(this.runs.current);
  }

  /** Who trains goes on from what is shown, as this run. */
  takeUp(/** @type {number} */ into) {
    this.trainer.engine.take(this.runs.current, this.runs.shown, into);
    this.trainer.engine.rate(this.recipe.rate);
    this.runs.takeUp(into);
  }

  branch() {
    const { runs } = this;
    if (runs.training) this.pause();
    if (runs.all.length === MOST_RUNS)
      return this.tell(`${MOST_RUNS} curves are enough to compare: go back to the start to clear them.`);
    this.takeUp(runs.branch());
    this.tell(`A branch from epoch ${runs.shown}. Change the learning rate, then continue.`);
  }

  scrub(/** @type {number} */ epoch) {
    if (this.runs.training) this.pause();
    this.runs.scrub(epoch);
    this.nameRun();
  }

  turn() {
    if (this.runs.training) this.pause();
    this.runs.turn((this.runs.current + 1) % this.runs.all.length);
    this.nameRun();
  }

  /** Of several curves: which one is looked at. */
  nameRun() {
    const { current, run, all } = this.runs;
    const name = current ? `This is the branch from epoch ${run.from}.` : "This is the first run.";
    this.status = all.length > 1 ? name : "";
    this.redraw();
    this.say(this.describe());
  }

  setRate(/** @type {number} */ rate) {
    this.recipe.rate = rate;
    this.trainer.engine.rate(rate);
    this.say(`Learning rate ${setting(rate)}.`);
  }

  setPace(/** @type {number} */ pace) {
    this.trainer.setPace(pace);
    if (this.runs.training) this.trainer.engine.go("on");
  }

  setPatience(/** @type {number} */ patience) {
    this.runs.patience = patience;
    this.runs.since = this.runs.last; // what is trained stays
    this.redraw();
  }

  /** What was trained before other settings are tried stays in sight, to compare. */
  keep() {
    const { record } = this.runs;
    if (!record || this.runs.all[0].records.length < 3) return;
    const { rate, momentum, l2, batch, seed } = this.recipe;
    const name = `rate ${setting(rate)}, momentum ${momentum}, L2 ${setting(l2)}, batch ${batch}, start ${seed}`;
    const records = [...this.runs.all[0].records];
    this.kept = [...this.kept.filter((one) => one.name !== name), { name, records }].slice(-MOST_KEPT);
  }

  tryOther(/** @type {Partial<Recipe>} */ change) {
    this.keep();
    Object.assign(this.recipe, change);
    this.restart(this.kept.length ? "New settings: back to the start. The curve before stays, in grey." : "New settings: back to the start.");
  }

  forget() {
    this.kept = [];
    this.redraw();
    this.view.play.focus({ preventScroll: true });
  }

  // -- what is seen ----------------------------------------------------------------------

  tell(/** @type {string} */ status) {
    this.status = status;
    this.redraw();
    this.say(status);
  }

  verdict() {
    return verdict(this.runs, this.settings.target, this.bet);
  }

  describe() {
    const { record } = this.runs;
    if (!record) return "";
    const losses = `training loss ${number(record.train)}, validation loss ${number(record.validation)}`;
    return [this.status, `Epoch ${record.epoch}: ${losses}.`, this.verdict()].filter(Boolean).join(" ");
  }

  redraw() {
    this.drawn = performance.now();
    this.view.show();
    this.settings.goals.forEach((/** @type {any} */ goal, /** @type {number} */ which) => {
      if (reaches(this.runs, goal)) this.view.goals.reach(which);
    });
  }

  // -- the state as a link ---------------------------------------------------------------

  /** Trains again what the link tells of. */
  async restoreLink() {
    const link = readLink(this.settings.name);
    const { runs, trainer: { engine } } = this;
    if (!link || !(engine instanceof PageEngine)) return;
    const mine = (this.restoring = (this.restoring ?? 0) + 1);
    const state = readState(link, this.settings, this.offered);
    Object.assign(this.recipe, state.recipe);
    runs.patience = state.patience;
    this.bet = state.bet;
    this.restart();
    this.view.lock(true); // until everything is trained again
    for (const [which, { parent, from, legs }] of state.runs.entries()) {
      if (which > 0) {
        if (!runs.has(parent, from)) break;
        runs.turn(parent, from);
        this.branch();
      }
      for (const leg of legs) {
        engine.rate(leg.rate);
        await engine.runTo(leg.to);
        if (mine !== this.restoring) return; // another link came meanwhile
      }
    }
    this.view.lock(false);
    engine.rate(this.recipe.rate);
    this.status = "Restored from the link.";
    runs.turn(state.run, state.at); // or the last one
    this.redraw();
    this.root.dataset.restored = "true";
  }

  close() {
    this.trainer.close();
    this.stopTheme?.();
    this.stopLinks?.();
  }
}

export default {
  render(/** @type {{model: Model, el: HTMLElement}} */ { model, el }) {
    const player = new Player(model, el);
    return () => player.close();
  },
};
