// The training player: bet where to stop, then train, step, scrub back, branch, and compare.
import {
  Chart, announcer, button, captionOf, choice, curveLegend, figure, followLinks, followTheme, frame, goalList, make, number, percent,
  readLink, setting, slider, tooSoon, unbroken, unpack, wayToKernel, writeLink,
} from "./shared.js";
import { Kernel, SILENT } from "./kernel.js";
import { KernelEngine, PageEngine, networkOf, readReport } from "./engines.js";
import { paintSurface, paintWeights } from "./pictures.js";

/** @typedef {import("./shared.js").Model} Model */
/** @typedef {import("./engines.js").EpochRecord} EpochRecord */
/** @typedef {import("./engines.js").Report} Report */
/** @typedef {import("./network.js").Recipe} Recipe */
/** @typedef {{parent: number, from: number, records: EpochRecord[]}} Run */

const PATIENCES = [0, 5, 10, 20, 40];
const MOMENTA = [0, 0.5, 0.9];
const SEEDS = [1, 2, 3, 4, 5];
const RATES = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 50];
const PENALTIES = [0, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1];
const MOST_RUNS = 4;
const RUNAWAY = 5; // times the loss at the start

/** The choices a control offers, with the author's own among them. */
const offer = (/** @type {number[]} */ usual, /** @type {number[]} */ ...own) =>
  [...new Set([...usual, ...own])].sort((a, b) => a - b);

/** Index of the record with the lowest validation loss. */
export const bestOf = (/** @type {EpochRecord[]} */ records) =>
  records.reduce((best, record, k) => (record.validation < records[best].validation ? k : best), 0);

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

class Player {
  /** @type {Chart} */ chart;
  /** @type {HTMLCanvasElement} */ canvas;
  /** @type {ReturnType<typeof slider>} */ betSlider;
  /** @type {ReturnType<typeof slider>} */ scrubber;
  /** @type {ReturnType<typeof slider>} */ rateSlider;
  /** @type {ReturnType<typeof goalList>} */ goals;
  /** @type {Record<string, ReturnType<typeof choice>>} */ fields;
  /** @type {PageEngine | KernelEngine} */ engine;

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
    const rows0 = this.task.train.y.length;
    this.offered = {
      rate: offer(RATES, this.recipe.rate),
      momentum: offer(MOMENTA, this.recipe.momentum),
      l2: offer(PENALTIES, this.recipe.l2),
      batch: offer([1, 4, 10, 20, 50, rows0], this.recipe.batch).filter((size) => size <= rows0),
      seed: offer(SEEDS, this.recipe.seed),
    };
    this.patience = settings.patience;
    this.paceName = 20;
    /** @type {number | "skipped" | null} */
    this.bet = null;
    this.betDraft = Math.round(settings.epochs / 2);
    /** @type {Run[]} */
    this.runs = [];
    this.current = 0; // the run that is shown
    this.trained = 0; // the one that who trains has at hand
    this.shown = 0;
    this.training = false;
    this.status = "";
    this.since = 0; // the epoch behind which a training that is under way may be halted
    this.end = Infinity; // where it was halted: reports from beyond come late
    this.drawn = 0;
    this.build();
    this.engine = this.kernelOrPage();
    this.restart();
    this.stopTheme = followTheme(this.root, () => this.redraw());
    this.stopLinks = this.page ? followLinks(() => this.restoreLink()) : null;
  }

  // -- the parts of the figure ---------------------------------------------------------

  build() {
    const { settings } = this;
    this.chart = new Chart({
      label: settings.title,
      xLabel: "epoch",
      yLabel: "loss",
      pick: (epoch) => (this.bet === null ? this.draftBet(epoch) : this.scrub(epoch)),
    });
    this.canvas = /** @type {HTMLCanvasElement} */ (make("canvas", { width: 480, height: 480, role: "img" }));
    this.buildBet();
    this.buildControls();
    this.numbers = make("table", { class: "nn-numbers" });
    this.line = make("p", { class: "nn-line" });
    this.goals = goalList(settings.goals.map((/** @type {any} */ goal) => goal.text), this.say);
    this.who = make("p", { class: "nn-who" });
    this.root.append(
      make("p", { class: "nn-title" }, settings.title),
      make("div", { class: "nn-stage" },
        make("div", { class: "nn-left" }, this.chart.element, curveLegend()),
        make("div", { class: "nn-right" }, this.canvas, make("p", { class: "nn-legend" }, settings.pictureCaption))),
      this.betBox, this.bar, this.line, this.controls, // what is said stands by the button that was pressed
      make("div", { class: "nn-foot" }, this.goals.element, this.numbers), this.who,
      captionOf(this.model.get("caption")),
    );
  }

  buildBet() {
    const { settings } = this;
    this.betSlider = slider("Your bet", { min: 1, max: settings.epochs, value: this.betDraft },
      (epoch) => `epoch ${epoch}`, (epoch) => this.draftBet(epoch));
    this.betBox = make("div", { class: "nn-bet" },
      make("p", {}, make("strong", {}, "Bet first. "), unbroken(settings.question)),
      this.betSlider.element,
      make("div", { class: "nn-row" },
        button("Place the bet", () => this.placeBet(this.betDraft), { class: "nn-main" }),
        button("Skip", () => this.placeBet("skipped"))));
  }

  buildControls() {
    const { settings } = this;
    this.play = button("Start", () => this.toggle(), { class: "nn-main" });
    this.stepButton = button("One step", () => this.advance("step"));
    this.epochButton = button("One epoch", () => this.advance("epoch"));
    this.branchButton = button("Branch here", () => this.branch());
    this.turnButton = button("Next curve", () => this.turn());
    this.resetButton = button("Back to the start", () => {
      this.restart();
      this.say("Back to the same start.");
    });
    this.scrubber = slider("Epoch shown", { min: 0, max: 0, value: 0 }, (epoch) => String(epoch), (epoch) => this.scrub(epoch));
    this.rateSlider = slider("Learning rate", { min: 0, max: this.offered.rate.length - 1, value: 0 },
      (k) => setting(this.offered.rate[k]), (k) => this.setRate(this.offered.rate[k]));
    const again = (/** @type {Partial<Recipe>} */ change) => {
      Object.assign(this.recipe, change);
      this.restart();
      this.say("New settings: back to the start.");
    };
    const { offered } = this;
    const rows = this.task.train.y.length;
    this.fields = {
      preset: choice("Preset", [[undefined, "own settings"], ...settings.presets.map((/** @type {any} */ one) => [one, one.name])], settings.presets[0],
        (preset) => preset && again(this.recipeOf(preset))),
      pace: choice("Speed", [[5, "slow"], [20, "normal"], [1e6, "as fast as it goes"]], 20, (pace) => {
        this.paceName = pace;
        this.engine.pace = pace;
        if (this.training) this.engine.go("on");
      }),
      patience: choice("Early stopping", PATIENCES.map((p) => [p, p ? `patience ${p}` : "off"]), this.patience, (patience) => {
        this.patience = patience;
        this.since = this.lastEpoch(this.runs[this.current]); // what is trained stays
        this.redraw();
      }),
      l2: choice("L2 strength", offered.l2.map((l2) => [l2, setting(l2)]), this.recipe.l2, (l2) => again({ l2 })),
      momentum: choice("Momentum", offered.momentum.map((m) => [m, String(m)]), this.recipe.momentum, (momentum) => again({ momentum })),
      batch: choice("Batch size", offered.batch.map((size) => [size, size === rows ? `${size} (all)` : String(size)]), this.recipe.batch, (batch) => again({ batch })),
      seed: choice("First weights", offered.seed.map((seed) => [seed, `start ${seed}`]), this.recipe.seed, (seed) => again({ seed })),
    };
    const { preset, pace, patience, l2, momentum, batch, seed } = this.fields;
    this.bar = make("div", { class: "nn-bar nn-row", hidden: true }, this.play, this.stepButton, this.epochButton, this.resetButton);
    this.controls = make("div", { class: "nn-controls", hidden: true },
      make("div", { class: "nn-row" }, this.scrubber.element, this.branchButton, this.turnButton),
      make("div", { class: "nn-row" }, this.rateSlider.element, preset.element, patience.element, pace.element),
      make("details", {}, make("summary", {}, "More settings (each goes back to the start)"),
        make("div", { class: "nn-row" }, l2.element, momentum.element, batch.element, seed.element)));
    if (this.page) {
      const note = make("output");
      const share = button("Link to this state", async () => (note.textContent = await writeLink(settings.name, this.state())));
      this.controls.append(make("div", { class: "nn-row" }, share, note));
    }
  }

  recipeOf(/** @type {any} */ { name, ...recipe }) {
    return /** @type {Recipe} */ ({ ...this.settings.recipe, ...recipe });
  }

  // -- who trains ------------------------------------------------------------------------

  kernelOrPage() {
    this.root.dataset.engine = "page";
    this.who.textContent = this.page
      ? `This page trains the network itself. To let nnlib do it, ${wayToKernel()}`
      : "Waiting for the kernel; until it answers, this page trains the network itself.";
    if (!this.page) this.askKernel();
    return new PageEngine(this.task, (report) => this.hear(report));
  }

  /** The kernel takes over when it answers, unless the reader has started meanwhile. */
  askKernel() {
    const kernel = (this.kernel = new Kernel(this.model, {
      here: () => {
        if (this.training || (this.runs[0]?.records.length ?? 0) > 1) {
          this.who.textContent = "This page trains the network itself. Run the cell again to let nnlib do it.";
          return kernel.close();
        }
        this.engine.close();
        this.engine = new KernelEngine(kernel, this.paceName);
        this.root.dataset.engine = "kernel";
        this.who.textContent = "nnlib trains this network in the kernel; other cells can run meanwhile.";
        this.restart();
      },
      message: (message, buffers) => this.hear(readReport(message, buffers)),
      // It may go on; if it does not, a pause that stays unanswered lets the page train.
      silent: () => {
        this.status = `${SILENT} Wait, or press Pause to start again without it.`;
        this.redraw();
        this.say(this.status);
      },
      lost: () => this.loseKernel(),
    }));
  }

  /** The kernel was restarted, or is busy for long: nothing on the page may be dead. */
  loseKernel() {
    this.engine.close();
    this.engine = new PageEngine(this.task, (report) => this.hear(report));
    this.engine.pace = this.paceName;
    this.root.dataset.engine = "page";
    this.who.textContent = "The kernel does not answer, so this page trains the network itself. Run the cell again to let nnlib do it.";
    this.restart();
    this.say(this.who.textContent);
  }

  restart() {
    this.training = false;
    this.current = this.trained = 0;
    this.shown = 0;
    this.runs = [{ parent: 0, from: 0, records: [] }];
    this.status = "";
    this.end = Infinity;
    this.position = { batch: 0, batches: 1 };
    this.engine.reset({ ...this.recipe });
    this.redraw();
  }

  hear(/** @type {Report} */ report) {
    this.root.dataset.state = report.stopped ?? "training";
    if (this.status.startsWith(SILENT)) this.status = "";
    const run = this.runs[report.run];
    if (!run) return;
    const atEnd = report.run === this.current && (this.training || this.shown >= this.lastEpoch(run) || !run.records.length);
    // A report says where it continues: a late one neither doubles an epoch nor leaves a gap.
    for (const record of report.records) {
      if (record.epoch - run.from > run.records.length || record.epoch > this.end) continue;
      run.records.length = Math.max(0, record.epoch - run.from);
      run.records.push(record);
    }
    if (report.run === this.trained && report.epoch <= this.end) this.position = { batch: report.batch, batches: report.batches };
    if (atEnd) this.shown = Math.max(this.lastEpoch(run), run.from);
    const halted = report.run === this.current && this.watch(run);
    if (report.stopped && this.end === Infinity) {
      this.training = false;
      if (report.stopped === "diverged" && report.run === this.current) {
        this.shown = this.lastEpoch(run);
        this.goBack();
        const place = `epoch ${report.epoch + 1}, batch ${report.batch + 1}`;
        this.status = `Training diverged in ${place}: the cost is no longer a number. Lower the learning rate, or step back and branch.`;
      }
      if (report.stopped === "done") this.status = `All ${this.settings.epochs} epochs are done.`;
    }
    const stopped = report.stopped || halted;
    if (stopped || !tooSoon(this.drawn)) this.redraw();
    if (stopped) this.say(this.describe());
  }

  /** Early stopping, and a loss that runs away: both halt a training that is under way, once. */
  watch(/** @type {Run} */ run) {
    if (!this.training || !run.records.length) return false;
    const first = this.runs[0].records[0];
    const stop = stopEpoch(run.records, this.patience) ?? Infinity;
    const away = run.records.find((record) => !(record.train <= RUNAWAY * first.train));
    const end = Math.min(...[stop, away?.epoch ?? Infinity].filter((epoch) => epoch > this.since));
    if (end === Infinity) return false;
    this.end = end; // a report may hold several epochs, and so go too far
    this.pause();
    this.shown = end;
    this.goBack();
    this.status = `Early stopping stops here: ${this.patience} epochs without a better validation loss.`;
    if (away?.epoch === end) {
      const times = away.train / first.train;
      const loss = Number.isFinite(times) ? `${number(times)} times what it was at the start` : number(times);
      this.status = `Training diverges: at epoch ${end} the loss is ${loss}. Lower the learning rate, or step back and branch.`;
    }
    return true;
  }

  // -- what the reader does ------------------------------------------------------------------

  draftBet(/** @type {number} */ epoch) {
    this.betDraft = Math.max(1, epoch);
    this.betSlider.set(this.betDraft);
    this.redraw();
  }

  placeBet(/** @type {number | "skipped"} */ bet) {
    this.bet = bet;
    this.redraw();
    this.play.focus({ preventScroll: true });
    this.say(bet === "skipped" ? "No bet. Press Start." : `You bet on epoch ${bet}. Press Start.`);
  }

  toggle() {
    if (this.training) return this.pause();
    if (!this.rewind()) return;
    this.status = "";
    this.end = Infinity;
    this.since = this.shown;
    this.training = true;
    this.root.dataset.state = "waiting"; // until the first report
    this.engine.go("on");
    this.redraw();
  }

  pause() {
    this.training = false;
    this.engine.pause();
    this.redraw();
  }

  advance(/** @type {"step" | "epoch"} */ how) {
    this.training = false;
    this.engine.pause();
    if (!this.rewind()) return;
    this.status = "";
    this.end = Infinity;
    this.engine.go(how);
  }

  /** Going on from an earlier epoch goes on with this run from there: same settings, same curve. */
  rewind() {
    const atEnd = this.shown >= this.lastEpoch(this.runs[this.current]);
    if (atEnd && this.current === this.trained) return true;
    if (this.runs.some((one, which) => which > 0 && one.parent === this.current && one.from > this.shown)) {
      this.tell("A later branch begins on this curve, which must stay: branch here to go another way.");
      return false;
    }
    this.goBack();
    return true;
  }

  /** Who trains goes back to the epoch shown, whatever lies behind it. */
  goBack() {
    const run = this.runs[this.current];
    run.records.length = this.shown - run.from + 1;
    this.takeUp(this.current);
  }

  /** Who trains goes on from what is shown, as this run. */
  takeUp(/** @type {number} */ into) {
    this.engine.take(this.current, this.shown, into);
    this.engine.rate(this.recipe.rate);
    this.current = this.trained = into;
    this.position = { batch: 0, batches: 1 };
  }

  tell(/** @type {string} */ status) {
    this.status = status;
    this.redraw();
    this.say(status);
  }

  branch() {
    if (this.training) this.pause();
    const parent = this.runs[this.current];
    const record = parent.records[this.shown - parent.from];
    if (this.runs.length === MOST_RUNS) return this.tell(`${MOST_RUNS} curves are enough to compare: go back to the start to clear them.`);
    this.runs.push({ parent: this.current, from: this.shown, records: [record] });
    this.takeUp(this.runs.length - 1);
    this.end = Infinity;
    this.tell(`A branch from epoch ${this.shown}. Change the learning rate, then continue.`);
  }

  /** What lies before a branch is the run that it comes from. */
  scrub(/** @type {number} */ epoch) {
    if (this.training) this.pause();
    while (epoch < this.runs[this.current].from) this.current = this.runs[this.current].parent;
    this.shown = Math.min(epoch, this.lastEpoch(this.runs[this.current]));
    this.nameRun();
  }

  turn() {
    if (this.training) this.pause();
    this.current = (this.current + 1) % this.runs.length;
    this.shown = this.lastEpoch(this.runs[this.current]);
    this.nameRun();
  }

  /** Of several curves: which one is looked at. */
  nameRun() {
    const name = this.current ? `This is the branch from epoch ${this.runs[this.current].from}.` : "This is the first run.";
    this.status = this.runs.length > 1 ? name : "";
    this.redraw();
    this.say(this.describe());
  }

  setRate(/** @type {number} */ rate) {
    this.recipe.rate = rate;
    this.engine.rate(rate);
    this.say(`Learning rate ${setting(rate)}.`);
  }

  // -- what is seen -----------------------------------------------------------------------------

  lastEpoch(/** @type {Run} */ run) {
    return run.from + Math.max(0, run.records.length - 1);
  }

  record() {
    const run = this.runs[this.current];
    return run.records[this.shown - run.from];
  }

  describe() {
    const record = this.record();
    if (!record) return "";
    const numbers = `Epoch ${record.epoch}: training loss ${number(record.train)}, validation loss ${number(record.validation)}.`;
    return [this.status, numbers, this.verdict()].filter(Boolean).join(" ");
  }

  /** A run from epoch 0: with what lies before it if it is a branch. */
  whole(/** @type {number} */ which) {
    const { parent, from, records } = this.runs[which];
    /** @type {EpochRecord[]} */
    const before = which > 0 ? this.whole(parent).slice(0, from) : [];
    return [...before, ...records];
  }

  solved() {
    return this.whole(this.current).find((record) => record.trainAccuracy === 1);
  }

  /** Once trained, the bet beside the truth. */
  verdict() {
    const run = this.runs[this.current];
    const first = this.current === 0;
    if (this.training || (first && run.records.length < 3)) return "";
    if (this.settings.target === "solved") {
      const solved = this.solved();
      const bet = first && typeof this.bet === "number" ? `You bet on epoch ${this.bet}. ` : "";
      return solved ? `${bet}All corners are right from epoch ${solved.epoch}.` : `${bet}Not all corners are right yet.`;
    }
    if (!first) return this.compareRuns();
    const best = run.records[bestOf(run.records)];
    const betted = typeof this.bet === "number" ? run.records[this.bet] : best;
    const known = betted && this.settled(run);
    const truth = `The validation loss ${known ? "was" : "is so far"} lowest at epoch ${best.epoch} (${number(best.validation)}).`;
    if (typeof this.bet !== "number") return truth;
    if (!betted) return `You bet on epoch ${this.bet}, which is still to come. ${truth}`;
    if (betted.validation === best.validation) return `You bet on epoch ${this.bet}${known ? ": the best there is." : `. ${truth}`}`;
    const fell = betted.epoch > best.epoch && betted.train < best.train;
    const though = fell ? `, although the training loss fell from ${number(best.train)} to ${number(betted.train)}` : "";
    return `You bet on epoch ${this.bet}. ${truth} Your epoch: ${number(betted.validation)}${though}.`;
  }

  compareRuns() {
    const best = this.runs.map((run) => run.records[bestOf(run.records)]);
    const here = best[this.current];
    const early = this.settled(this.runs[0]) ? "" : " But the first run ended before its loss could rise: give it more epochs, then branch.";
    return `Best validation loss: ${number(here.validation)} on this branch (epoch ${here.epoch}), ${number(best[0].validation)} on the first run (epoch ${best[0].epoch}).${early}`;
  }

  /** Whether a run went on for so long that its best epoch is known. */
  settled(/** @type {Run} */ run) {
    const last = this.lastEpoch(run);
    const best = run.records[bestOf(run.records)];
    return last >= Math.min(best.epoch + 10, this.settings.epochs) || stopEpoch(run.records, this.patience) !== null;
  }

  checkGoals() {
    const run = this.runs[this.current];
    this.settings.goals.forEach((/** @type {any} */ goal, /** @type {number} */ which) => {
      if (this.training || this.goals.done[which] || !run.records.length) return;
      const best = run.records[bestOf(run.records)];
      if (goal.kind === "best" && this.shown === best.epoch && best.epoch > 0 && this.shown < this.lastEpoch(run) && this.settled(run)) this.goals.reach(which);
      if (goal.kind === "beat" && this.current > 0 && run.from === goal.epoch && this.settled(this.runs[0])) {
        const first = this.runs[0].records;
        if (best.validation < first[bestOf(first)].validation) this.goals.reach(which);
      }
      if (goal.kind === "solve" && run.records.some((one) => one.trainAccuracy === 1 && one.epoch <= goal.epoch)) this.goals.reach(which);
    });
  }

  marks() {
    const marks = [];
    const run = this.runs[this.current];
    if (this.bet === null) marks.push({ x: this.betDraft, label: "your bet", kind: "bet", row: 0 });
    if (typeof this.bet === "number") marks.push({ x: this.bet, label: "your bet", kind: "bet", row: 0 });
    const best = run.records[bestOf(run.records)];
    if (this.settings.target === "best" && !this.training && run.records.length > 2)
      marks.push({ x: best.epoch, label: `best: ${best.epoch}`, kind: "best", row: 1 });
    const solved = this.solved();
    if (this.settings.target === "solved" && solved) marks.push({ x: solved.epoch, label: `solved: ${solved.epoch}`, kind: "best", row: 1 });
    const stop = stopEpoch(run.records, this.patience);
    if (stop !== null) marks.push({ x: stop, label: `early stop: ${stop}`, kind: "stop", row: 2 });
    return marks;
  }

  redraw() {
    if (!this.chart || !this.runs.length) return;
    this.drawn = performance.now();
    const run = this.runs[this.current];
    const record = this.record();
    const curves = this.runs.flatMap((one, which) =>
      /** @type {("train" | "validation")[]} */ (["train", "validation"]).map((part) => ({
        points: one.records.filter((each) => Number.isFinite(each[part])).map((each) => /** @type {[number, number]} */ ([each.epoch, each[part]])),
        kind: part === "train" ? "train" : "check",
        faint: which !== this.current,
      })));
    const highest = Math.max(...this.runs.flatMap((one) => one.records.map((each) => Math.max(each.train, each.validation))).filter(Number.isFinite), 0.1);
    const start = this.runs[0].records[0];
    // A closer look, once the curve that falls has come so far.
    const near = this.settings.top && run.records.length > 1 && run.records[run.records.length - 1].train < this.settings.top;
    const yMax = Math.min(highest, near ? this.settings.top : 3 * (start ? start.train : 1)) * 1.05;
    this.chart.show({ curves, marks: this.marks(), here: this.bet === null ? null : this.shown, xMax: this.settings.epochs, yMax });
    this.chart.svg.setAttribute("aria-label", `${this.settings.title} ${this.describe()}`);
    if (record) this.paint(record);
    this.betBox.hidden = this.bet !== null;
    this.root.dataset.asking = String(this.bet === null);
    for (const one of [this.bar, this.line, this.controls]) one.hidden = this.bet === null;
    const last = this.lastEpoch(run);
    this.play.textContent = this.training ? "Pause" : last > 0 || this.position?.batch ? "Continue" : "Start";
    this.turnButton.hidden = this.runs.length < 2;
    this.scrubber.set(this.shown, last);
    this.rateSlider.set(this.offered.rate.indexOf(this.recipe.rate));
    const over = !this.training && this.shown >= this.settings.epochs;
    for (const one of [this.play, this.stepButton, this.epochButton, this.branchButton]) one.disabled = over || !record;
    for (const name of /** @type {const} */ (["l2", "momentum", "batch", "seed"])) this.fields[name].set(this.recipe[name]);
    const keys = /** @type {(keyof Recipe)[]} */ (Object.keys(this.recipe));
    const same = (/** @type {any} */ preset) => keys.every((key) => this.recipeOf(preset)[key] === this.recipe[key]);
    this.fields.preset.set(this.settings.presets.find(same));
    const text = [this.status, this.verdict()].filter(Boolean).join(" ");
    this.line.textContent = this.bet === null ? "" : text;
    this.writeNumbers(record);
    this.root.dataset.epoch = String(this.shown);
    this.root.dataset.training = String(this.training);
    this.checkGoals();
  }

  writeNumbers(/** @type {EpochRecord | undefined} */ record) {
    this.numbers.hidden = this.bet === null;
    if (!record) return;
    const { batch, batches } = this.position ?? { batch: 0, batches: 1 };
    const atHand = this.current === this.trained && this.shown === this.lastEpoch(this.runs[this.current]);
    const partly = batch && atHand ? ` and ${batch} of ${batches} batches` : "";
    const row = (/** @type {string} */ name, /** @type {number} */ loss, /** @type {number} */ accuracy) =>
      make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, figure(number(loss))), make("td", {}, figure(percent(accuracy))));
    this.numbers.replaceChildren(
      // Two lines, always: nothing below may jump while training.
      make("caption", {}, make("span", {}, `After epoch ${record.epoch}${partly}, `), make("span", {}, `learning rate ${setting(record.rate)}`)),
      make("tr", {}, make("td"), make("th", { scope: "col" }, "loss"), make("th", { scope: "col" }, "right")),
      row("training", record.train, record.trainAccuracy),
      row("validation", record.validation, record.validationAccuracy),
    );
  }

  paint(/** @type {EpochRecord} */ record) {
    const network = networkOf(this.settings.plan, record.theta);
    const surface = this.settings.plan.inputs === 2;
    if (surface) paintSurface(this.canvas, this.root, network, this.task.train, this.task.validation);
    else paintWeights(this.canvas, this.root, network);
    const what = surface ? "The network's decision over the plane, with the points" : "The weights into each unit of the first layer, as pictures";
    this.canvas.setAttribute("aria-label", `${what}, after epoch ${record.epoch}: ${percent(record.validationAccuracy)} of the validation points are right.`);
  }

  // -- the state as a link -----------------------------------------------------------------------

  /** Settings, bet, and for each run whose branch it is, from where to where, and at which rates. */
  state() {
    const runs = this.runs.map((run) => {
      const turns = run.records.slice(1).filter((one, k) => k === 0 || one.rate !== run.records[k].rate);
      const rates = turns.map((one) => `${one.epoch - 1}:${one.rate}`).join("_");
      return `${run.parent}.${run.from}-${this.lastEpoch(run)}@${rates || `${run.from}:${this.recipe.rate}`}`;
    });
    const { rate, momentum, l2, batch, seed } = this.recipe;
    return { rate: `${rate}`, momentum: `${momentum}`, l2: `${l2}`, batch: `${batch}`, seed: `${seed}`, patience: `${this.patience}`, bet: `${this.bet ?? ""}`, at: `${this.shown}`, run: `${this.current}`, runs: runs.join("~") };
  }

  async restoreLink() {
    const link = readLink(this.settings.name);
    if (!link || !(this.engine instanceof PageEngine)) return;
    const mine = (this.restoring = (this.restoring ?? 0) + 1);
    // What a link says counts only if a control could have said it.
    const value = (/** @type {string} */ key, /** @type {number[]} */ allowed, /** @type {number} */ otherwise) => {
      const given = Number(link.get(key) ?? NaN);
      return allowed.includes(given) ? given : otherwise;
    };
    for (const key of /** @type {(keyof Recipe)[]} */ (Object.keys(this.offered)))
      this.recipe[key] = value(key, this.offered[key], this.settings.recipe[key]);
    this.patience = value("patience", PATIENCES, 0);
    this.fields.patience.set(this.patience);
    const bet = link.get("bet") ?? "";
    this.bet = /^\d+$/.test(bet) && Number(bet) <= this.settings.epochs ? Math.max(1, Number(bet)) : bet === "skipped" ? "skipped" : null;
    const { rate } = this.recipe;
    this.restart();
    this.bar.inert = this.controls.inert = true; // until everything is trained again
    for (const [which, text] of (link.get("runs") ?? "").split("~").slice(0, MOST_RUNS).entries()) {
      const found = text.match(/^(?:(\d)\.)?(\d+)-(\d+)@([\d.:_e-]+)$/);
      if (!found) break;
      const [parent, from] = [Number(found[1] ?? 0), Number(found[2])];
      const to = Math.min(Number(found[3]), this.settings.epochs);
      if (which > 0) {
        const origin = this.runs[parent];
        if (!origin || from < origin.from || from > this.lastEpoch(origin)) break;
        this.current = parent;
        this.shown = from;
        this.branch();
      }
      const turns = found[4].split("_").map((turn) => turn.split(":").map(Number)).filter(([, r]) => this.offered.rate.includes(r));
      for (const [k, [, turnRate]] of turns.entries()) {
        this.engine.rate(turnRate);
        await this.engine.runTo(Math.min(turns[k + 1]?.[0] ?? to, to));
        if (mine !== this.restoring) return; // another link came meanwhile
      }
    }
    this.bar.inert = this.controls.inert = false;
    this.recipe.rate = rate;
    this.engine.rate(rate);
    this.status = "Restored from the link.";
    const which = Number(link.get("run") ?? NaN);
    if (this.runs[which]) this.current = which; // otherwise the last one
    const run = this.runs[this.current];
    this.shown = Math.max(run.from, Math.min(Math.round(Number(link.get("at"))) || 0, this.lastEpoch(run)));
    this.redraw();
    this.root.dataset.restored = "true";
  }

  close() {
    this.engine.close();
    this.kernel?.close();
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
