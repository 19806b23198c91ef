// What the heatmap looks like: its parts, and what they show of its state. Each control calls one of
// the figure's acts; nothing here trains or hunts.
import { curveLegend } from "./chart.js";
import { cellTable, closeUp } from "./closeup.js";
import { Grid } from "./grid.js";
import { PRESETS, VIEWS } from "./hunt.js";
import { picker } from "./picker.js";
import { shareRow } from "./share.js";
import { betBox, button, captionOf, choice, goalList, make, row, slider } from "./shared.js";

/** @typedef {import("./heatmap.js").Heatmap} Heatmap */

const SOURCES = /** @type {[string, string][]} */ ([["", "nnlib"], ["sklearn_", "scikit-learn (recorded)"]]);
const GOALS = (/** @type {number} */ openings) => [
  `With at most ${openings} cells opened, find the strongest L2 with which a network is as good as the best, within one standard error.`,
  "Compare two neighbouring cells whose validation scores are 30 % or more apart.",
];

export class HeatmapView {
  /** @type {Grid} */ grid;
  /** @type {HTMLElement[]} */ scaleEnds;
  /** @type {ReturnType<typeof choice>} */ views;
  /** @type {ReturnType<typeof choice>} */ sources;
  /** @type {ReturnType<typeof choice>} */ presets;
  /** @type {ReturnType<typeof goalList>} */ goals;
  /** @type {ReturnType<typeof slider>} */ time;
  arranged = ""; // the sight that a preset made

  constructor(/** @type {Heatmap} */ map) {
    this.map = map;
    this.build();
  }

  build() {
    const { map, map: { settings } } = this;
    this.grid = new Grid(map.hunt, settings.title, {
      open: (cell) => map.open(cell),
      tell: (cell) => map.tell(cell),
    });
    this.told = make("p", { class: "nn-line" });
    this.picker = picker(settings, (cell) => this.grid.focusOn(cell), (cell) => map.open(cell));
    this.tally = make("p", { class: "nn-tally" });
    this.askBox = betBox(settings.question, row(button("Skip the hunt", () => map.uncover(), { "data-skip": true })));
    this.buildControls();
    this.panel = make("div", { class: "nn-panel" });
    this.pairBox = make("div", { class: "nn-pair" });
    this.goals = goalList(GOALS(map.hunt.openings), map.say);
    map.root.append(
      make("p", { class: "nn-title" }, settings.title),
      make("div", { class: "nn-stage nn-even" },
        make("div", { class: "nn-left" },
          make("p", { class: "nn-legend nn-start" }, "learning rate"), this.grid.element,
          make("p", { class: "nn-legend" }, "L2 strength"), this.buildLegend(),
          this.picker, this.told),
        this.controls,
        make("div", { class: "nn-right" }, this.askBox, this.panel)),
      this.pairBox, this.goals.element, map.sweep.who,
      captionOf(map.model.get("caption")));
  }

  buildLegend() {
    const scale = make("span", { class: "nn-scale", "aria-hidden": "true" });
    this.scaleEnds = [make("span"), make("span")];
    const hatched = make("span", { class: "nn-hatch nn-swatch" });
    return make("p", { class: "nn-legend" }, this.scaleEnds[0], " ", scale, " ", this.scaleEnds[1], hatched, "diverged or chaotic");
  }

  buildControls() {
    const { map, map: { hunt } } = this;
    this.views = choice("Show", VIEWS, hunt.view, (view) => {
      hunt.view = view;
      map.redraw();
      map.say(`Showing the ${VIEWS.find(([name]) => name === view)?.[1]}.`);
    });
    this.sources = choice("Trained by", SOURCES, "", (source) => map.choose(source));
    this.presets = choice("Preset", PRESETS, "", (name) => map.arrange(name));
    this.uncoverButton = button("Uncover all", () => map.uncover());
    this.keepButton = button("Keep for comparison", () => map.keep());
    this.time = slider("Epoch", { min: 0, max: hunt.at, value: hunt.at }, (k) => String(hunt.scores.epochs[k]), (k) => {
      map.stopPlaying();
      hunt.at = k;
      map.redraw();
    });
    this.playButton = button("Play", () => map.togglePlay());
    this.liveButton = button("Train them all live", () => map.sweep.toggle(), { class: "nn-main" });
    const again = button("Start over", () => map.restart());
    this.timeRow = row(this.playButton, this.time.element);
    this.controls = make("div", { class: "nn-controls" }, this.tally,
      row(this.uncoverButton, this.liveButton, this.keepButton, again,
        this.presets.element, this.views.element, this.sources.element),
      this.timeRow, shareRow(map.settings.name, map.root, map.page, () => hunt.state()));
  }

  // -- what is seen ----------------------------------------------------------------------

  /** Everything, as the state is now. */
  show() {
    const { hunt, root } = this.map;
    const most = hunt.view === "gap" ? 0.3 : 1;
    this.scaleEnds.forEach((end, k) => (end.textContent = `${100 * (k ? most : 0)} %`));
    this.grid.show(most);
    this.setControls();
    root.dataset.phase = hunt.phase;
    root.dataset.asking = String(hunt.phase !== "all");
    root.dataset.opened = String(hunt.opened.length);
    root.dataset.epoch = String(hunt.scores.epochs[hunt.at] ?? 0);
    this.showPanel();
  }

  setControls() {
    const { hunt, playing, settings } = this.map;
    const { phase, live, scores } = hunt;
    this.askBox.hidden = phase !== "bet";
    this.controls.hidden = phase === "bet";
    this.uncoverButton.hidden = phase !== "hunt";
    this.keepButton.hidden = hunt.chosen < 0;
    this.keepButton.textContent = hunt.kept >= 0 && hunt.kept === hunt.chosen ? "Do not compare" : "Keep for comparison";
    this.timeRow.hidden = phase !== "all" || scores.epochs.length < 2;
    this.playButton.textContent = playing ? "Pause" : "Play";
    this.playButton.hidden = live === "training";
    this.views.element.hidden = phase === "hunt";
    this.views.set(hunt.view);
    if (this.arranged !== hunt.sight()) this.presets.set("");
    this.presets.element.hidden = phase === "hunt" || live === "training";
    this.sources.element.hidden = !settings.theirs || phase === "hunt";
    this.sources.set(hunt.source === "live" ? "" : hunt.source);
    this.liveButton.hidden = !live || phase === "hunt";
    this.liveButton.textContent = live === "training" ? "Pause" : live === "paused" ? "Continue" : "Train them all live";
    this.time.set(hunt.at, scores.end);
    this.tally.textContent = phase === "bet" ? "" : hunt.standing();
  }

  /** The cell that is open, and beside it the one kept for comparison. */
  showPanel() {
    const { hunt, root, settings } = this.map;
    const shown = hunt.compared();
    const views = shown.map((cell) => closeUp(hunt, cell, root, settings));
    const elements = views.map((view) => view.element);
    const side = elements.length === 2; // one close-up stands beside the grid, two side by side below it
    this.pairBox.replaceChildren(...(side ? elements : []));
    root.dataset.pair = String(side);
    if (!shown.length) return this.panel.replaceChildren(make("p", { class: "nn-legend nn-start" }, this.hint()));
    this.panel.replaceChildren(cellTable(hunt, shown), ...(side ? [] : elements), curveLegend());
    for (const view of views) view.draw();
  }

  /** What to do while no cell is open. */
  hint() {
    if (this.map.hunt.phase !== "bet") return "Open a cell: a click, a tap, or the arrow keys and Enter.";
    return "Each cell is one network, trained with its own learning rate and L2 strength. They wait to be opened.";
  }
}
