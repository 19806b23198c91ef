// What the player looks like: its parts, and what they show of its state. Each control calls one of
// the player's acts; nothing here trains, or changes what the player knows.
import { Chart, curveLegend } from "./chart.js";
import { curvesOf, keptCurves, marksOf, topOf } from "./curves.js";
import { number, setting } from "./formats.js";
import { NetworkGraph } from "./graph.js";
import { numbersOf, paintNetwork, weightsOf } from "./readout.js";
import { PATIENCES, writeState } from "./recipes.js";
import { shareRow } from "./share.js";
import { able, betBox, button, captionOf, choice, goalList, make, row, slider } from "./shared.js";

/** @typedef {import("./player.js").Player} Player */
/** @typedef {import("./training.js").Recipe} Recipe */

const PACES = /** @type {[number, string][]} */ ([[5, "slow"], [20, "normal"], [1e6, "as fast as it goes"]]);

const GRAPH = "The network: each line is a weight, the thicker the larger; dashed lines are negative.";

export class PlayerView {
  /** @type {Chart} */ chart;
  /** @type {HTMLCanvasElement} */ canvas;
  /** @type {ReturnType<typeof slider>} */ betSlider;
  /** @type {ReturnType<typeof slider>} */ scrubber;
  /** @type {ReturnType<typeof slider>} */ rateSlider;
  /** @type {ReturnType<typeof goalList>} */ goals;
  /** @type {Record<string, ReturnType<typeof choice>>} */ fields;

  constructor(/** @type {Player} */ player) {
    this.player = player;
    this.build();
  }

  build() {
    const { player, player: { settings } } = this;
    this.chart = new Chart({
      label: settings.title,
      xLabel: "epoch",
      yLabel: "loss",
      pick: (epoch) => (player.bet === null ? player.draftBet(epoch) : player.scrub(epoch)),
    });
    this.canvas = /** @type {HTMLCanvasElement} */ (make("canvas", { width: 480, height: 480, role: "img" }));
    this.betSlider = slider("Your bet", { min: 1, max: settings.epochs, value: player.betDraft },
      (epoch) => `epoch ${epoch}`, (epoch) => player.draftBet(epoch));
    this.betBox = betBox(settings.question, this.betSlider.element, row(
      button("Bet and start", () => player.placeBet(player.betDraft, true), { class: "nn-main" }),
      button("Place the bet", () => player.placeBet(player.betDraft)),
      button("Skip", () => player.placeBet("skipped"), { "data-skip": true })));
    this.buildBar();
    this.buildControls();
    this.numbers = make("table", { class: "nn-numbers" });
    this.line = make("p", { class: "nn-line" });
    this.keptLine = make("p", { class: "nn-legend" });
    const { plan } = settings;
    const widths = [plan.inputs, ...plan.layers.map((/** @type {any} */ layer) => layer.width)];
    // Thirty units with 64 inputs each are seen as pictures, not as lines.
    this.graph = plan.inputs > 8 ? null : new NetworkGraph(widths, { label: GRAPH, tall: 150 });
    this.goals = goalList(settings.goals.map((/** @type {any} */ goal) => goal.text), player.say);
    const legend = make("p", { class: "nn-legend" }, settings.pictureCaption);
    player.root.append(
      make("p", { class: "nn-title" }, settings.title),
      this.betBox, this.bar, this.line, // what is said stands by the button that was pressed
      make("div", { class: "nn-stage" },
        make("div", { class: "nn-left" }, this.chart.element, curveLegend(), this.keptLine),
        make("div", { class: "nn-right" }, this.canvas, legend, ...(this.graph ? [this.graph.element] : []))),
      this.controls,
      make("div", { class: "nn-foot" }, this.goals.element, this.numbers), player.trainer.who,
      captionOf(player.model.get("caption")),
    );
  }

  buildBar() {
    const { player } = this;
    this.play = button("Start", () => player.toggle(), { class: "nn-main" });
    this.stepButton = button("One step", () => player.advance("step"));
    this.epochButton = button("One epoch", () => player.advance("epoch"));
    const reset = button("Back to the start", () => player.restart("Back to the same start."));
    const again = button("Bet again", () => player.betAgain());
    this.bar = make("div", { class: "nn-bar nn-row", hidden: true }, this.play, this.stepButton, this.epochButton, reset, again);
  }

  buildControls() {
    const { player, player: { settings, offered, recipe } } = this;
    this.branchButton = button("Branch here", () => player.branch());
    this.turnButton = button("Next curve", () => player.turn());
    this.scrubber = slider("Epoch shown", { min: 0, max: 0, value: 0 }, String, (epoch) => player.scrub(epoch));
    this.rateSlider = slider("Learning rate", { min: 0, max: offered.rate.length - 1, value: 0 },
      (k) => setting(offered.rate[k]), (k) => player.setRate(offered.rate[k]));
    /** A setting that goes back to the start. */
    const knob = (
      /** @type {string} */ label,
      /** @type {keyof Recipe} */ key,
      /** @type {(value: number) => string} */ name,
    ) =>
      choice(label, offered[key].map((value) => [value, name(value)]), recipe[key],
        (value) => player.tryOther({ [key]: value }));
    const presets = settings.presets.map((/** @type {any} */ one) => [one, one.name]);
    const rows = player.task.train.y.length;
    const { preset, pace, patience, l2, momentum, batch, seed } = (this.fields = {
      preset: choice("Preset", [[undefined, "own settings"], ...presets], settings.presets[0],
        (one) => one && player.tryOther(player.recipeOf(one))),
      pace: choice("Speed", PACES, player.trainer.pace, (one) => player.setPace(one)),
      patience: choice("Early stopping", PATIENCES.map((p) => [p, p ? `patience ${p}` : "off"]), player.runs.patience,
        (one) => player.setPatience(one)),
      l2: knob("L2 strength", "l2", setting),
      momentum: knob("Momentum", "momentum", String),
      batch: knob("Batch size", "batch", (size) => (size === rows ? `${size} (all)` : String(size))),
      seed: knob("First weights", "seed", (one) => `start ${one}`),
    });
    this.controls = make("div", { class: "nn-controls", hidden: true },
      row(this.scrubber.element, this.branchButton, this.turnButton),
      row(this.rateSlider.element, preset.element, patience.element, pace.element),
      make("details", {}, make("summary", {}, "More settings (each goes back to the start)"),
        row(l2.element, momentum.element, batch.element, seed.element)),
      shareRow(settings.name, player.root, player.page, () => writeState(player.runs, player.recipe, player.bet)));
  }

  // -- what is seen ----------------------------------------------------------------------

  /** Everything, as the player's state is now. */
  show() {
    const { player, player: { runs, settings, root, task, kept, bet } } = this;
    const { record } = runs;
    this.chart.show({
      curves: [...curvesOf(runs), ...keptCurves(kept)],
      marks: marksOf(runs, settings.target, bet ?? player.betDraft),
      here: bet === null ? null : runs.shown,
      xMax: settings.epochs,
      yMax: topOf(runs, settings.top),
    });
    this.chart.svg.setAttribute("aria-label", `${settings.title} ${player.describe()}`);
    if (record) paintNetwork(this.canvas, root, task, record);
    if (record) this.graph?.show({ weights: weightsOf(settings.plan, record.theta), words: `After epoch ${record.epoch}.` });
    const names = kept.map(({ name, records }) => `${name} (lowest ${number(Math.min(...records.map((one) => one.validation)))})`);
    this.keptLine.replaceChildren(...(names.length
      ? [`Grey, validation loss before: ${names.join("; ")}. `, button("Forget them", () => player.forget())] : []));
    this.setControls();
    this.line.textContent = bet === null ? "" : [player.status, player.verdict()].filter(Boolean).join(" ");
    this.numbers.hidden = bet === null;
    if (record && bet !== null) this.numbers.replaceChildren(...numbersOf(runs, record));
    root.dataset.epoch = String(runs.shown);
    root.dataset.training = String(runs.training);
  }

  setControls() {
    const { player, player: { runs, recipe, settings, offered } } = this;
    const asking = player.bet === null;
    this.betBox.hidden = !asking;
    player.root.dataset.asking = String(asking);
    for (const one of [this.bar, this.line, this.controls]) one.hidden = asking;
    this.play.textContent = runs.training ? "Pause" : runs.last > 0 || runs.position.batch ? "Continue" : "Start";
    this.turnButton.hidden = runs.all.length < 2;
    this.scrubber.set(runs.shown, runs.last);
    this.rateSlider.set(offered.rate.indexOf(recipe.rate));
    const over = !runs.training && runs.shown >= settings.epochs;
    for (const one of [this.play, this.stepButton, this.epochButton, this.branchButton]) able(one, !over && runs.record !== undefined);
    for (const key of /** @type {const} */ (["l2", "momentum", "batch", "seed"])) this.fields[key].set(recipe[key]);
    this.fields.patience.set(runs.patience);
    const keys = /** @type {(keyof Recipe)[]} */ (Object.keys(recipe));
    const same = (/** @type {any} */ preset) => keys.every((key) => player.recipeOf(preset)[key] === recipe[key]);
    this.fields.preset.set(settings.presets.find(same));
  }

  /** Nothing can be pressed while a link is followed. */
  lock(/** @type {boolean} */ locked) {
    this.bar.inert = this.controls.inert = locked;
  }
}
