// A figure in one module: its controls, how it is drawn, what its numbers and goals are. Bet, goals,
// table, live region, start again, link, full screen, print and dark mode come from here.
import { askBet, choiceInWords } from "./bets.js";
import { setting } from "./formats.js";
import { followLinks, readLink } from "./links.js";
import { shareRow, whereRow } from "./share.js";
import { announcer, button, captionOf, choice, figure, frame, goalList, make, row, slider, unpack } from "./shared.js";
import { followTheme } from "./theme.js";

/**
 * A control: `values` for a slider over given values, `min`, `max`, `step` for one over a range,
 * `options` [value, name] for a list. `start` is where it stands at first.
 * @typedef {{label: string, start: any, values?: number[], min?: number, max?: number, step?: number,
 *   options?: [any, string][], show?: (value: any) => string}} Control
 * What a drawing says: a line in words, and the rows of the table of numbers.
 * @typedef {{line?: string, numbers?: [string, string][]}} Said
 * @typedef {Record<string, any>} State
 * @typedef {{controls?: Record<string, Control>, more?: State,
 *   build: (figure: SimpleFigure) => HTMLElement | HTMLElement[],
 *   draw: (state: State, figure: SimpleFigure) => Said,
 *   goals?: ((state: State, figure: SimpleFigure) => boolean)[],
 *   verdict?: (bet: number, state: State, figure: SimpleFigure) => string,
 *   buttons?: Record<string, (figure: SimpleFigure) => void>, main?: string}} Plan
 */

export class SimpleFigure {
  constructor(/** @type {Plan} */ plan, /** @type {import("./shared.js").Model} */ model, /** @type {HTMLElement} */ el) {
    const settings = (this.settings = model.get("settings"));
    this.plan = plan;
    this.page = Boolean(model.get("page"));
    this.data = settings.layout ? unpack(model.get("recording"), settings.layout) : {};
    /** What the figure keeps for itself, for instance its drawings. @type {Record<string, any>} */
    this.parts = {};
    const { controls = {}, more = {} } = plan;
    /** @type {State} */
    this.start = { ...more, ...settings.more };
    for (const [key, control] of Object.entries(controls)) this.start[key] = settings.start?.[key] ?? control.start;
    this.state = structuredClone(this.start);
    const root = (this.root = frame(el, settings.title));
    this.say = announcer(root);
    this.goals = goalList(settings.goals, this.say);
    this.bet = settings.bet ? askBet(settings.name, settings.bet, () => this.betPlaced()) : null;
    this.line = make("p", { class: "nn-line" });
    this.numbers = make("table", { class: "nn-numbers" });
    /** @type {Record<string, (value: any) => void>} */
    this.setters = {};
    const fields = Object.entries(controls).map(([key, control]) => this.field(key, control));
    const buttons = Object.entries(plan.buttons ?? {}).map(([text, act]) => button(text, () => act(this), text === plan.main ? { class: "nn-main" } : {}));
    this.again = this.bet && button("Bet again", () => this.bet?.take(null));
    this.controls = make("div", { class: "nn-controls" }, row(...fields),
      row(...buttons, button("Start again", () => this.restart()), this.again ?? ""));
    root.append(settings.heading === false ? "" : make("p", { class: "nn-title" }, settings.title), this.bet?.element ?? "",
      make("div", { class: "nn-stage nn-simple" }, ...[plan.build(this)].flat()), this.line, this.goals.marks, this.controls,
      make("div", { class: "nn-foot" }, this.goals.element, this.numbers),
      shareRow(settings.name, root, this.page, () => this.link()), whereRow(settings.nnlib) ?? "", captionOf(settings.caption ?? model.get("caption")));
    const stopTheme = followTheme(root, () => this.draw());
    this.draw();
    this.stops = [stopTheme, this.page ? followLinks(() => this.restore()) : () => {}];
    root.dataset.ready = "true";
  }

  /** Whether the reader has still to commit: hide what would give the answer away. */
  get asking() {
    return this.bet !== null && this.bet.choice === null;
  }

  field(/** @type {string} */ key, /** @type {Control} */ control) {
    const changed = (/** @type {any} */ value) => this.set({ [key]: value });
    if (control.options) {
      const list = choice(control.label, control.options, this.start[key], changed);
      this.setters[key] = list.set;
      return list.element;
    }
    const values = valuesOf(control);
    const show = control.show ?? setting;
    const knob = slider(control.label, { min: 0, max: values.length - 1, value: nearest(values, this.start[key]) },
      (k) => show(values[k]), (k) => changed(values[k]));
    this.setters[key] = (value) => knob.set(nearest(values, value));
    return knob.element;
  }

  /** Changes some of the state and draws; every drag and every button of a figure comes here. */
  set(/** @type {State} */ change) {
    Object.assign(this.state, change);
    this.draw();
    this.say(this.line.textContent);
  }

  restart() {
    this.state = structuredClone(this.start);
    this.draw();
    this.say(`Back to the same start. ${this.line.textContent}`);
  }

  betPlaced() {
    this.draw();
    const first = this.root.querySelector(this.asking ? ".nn-bet button" : ".nn-controls input, .nn-controls select, .nn-controls button");
    if (first instanceof HTMLElement) first.focus({ preventScroll: true });
    this.say(this.line.textContent);
  }

  draw() {
    const { plan, state, root, settings } = this;
    root.dataset.asking = String(this.asking);
    for (const [key, put] of Object.entries(this.setters)) put(state[key]);
    const { line = "", numbers = [] } = plan.draw(state, this);
    const choice = this.bet?.choice;
    const verdict = typeof choice === "number" ? plan.verdict?.(choice, state, this) ?? "" : "";
    const betted = typeof choice === "number" ? `You bet: ${choiceInWords(settings.bet, choice)}.` : "";
    const said = [betted, verdict].filter(Boolean).join(" ");
    this.line.replaceChildren(...(this.asking ? [] : [...(said ? [make("span", { class: "nn-verdict" }, `${said} `)] : []), line]));
    if (!this.asking) this.numbers.replaceChildren(...numbers.map(([name, value]) =>
      make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, figure(value)))));
    for (const part of [this.controls, this.line, this.numbers, this.goals.element, this.goals.marks]) part.hidden = this.asking;
    if (this.again) this.again.hidden = this.asking;
    if (!this.asking) (plan.goals ?? []).forEach((reached, k) => reached(state, this) && this.goals.reach(k));
    root.dataset.state = JSON.stringify(state);
  }

  // -- the state as a link ---------------------------------------------------------------

  link() {
    const entries = Object.entries(this.state).filter(([key, value]) => !same(value, this.start[key]));
    return Object.fromEntries([...entries.map(([key, value]) => [key, JSON.stringify(value)]), ["bet", "skipped"]]);
  }

  /** Takes from a link what the controls could have said, or what is of the same shape. */
  restore() {
    const link = readLink(this.settings.name);
    if (!link) return;
    const state = structuredClone(this.start);
    for (const key of Object.keys(state)) {
      const given = parsed(link.get(key));
      const control = this.plan.controls?.[key];
      const options = control && (control.options?.map(([value]) => value) ?? valuesOf(control));
      if (options ? options.includes(given) : alike(given, state[key])) state[key] = given;
    }
    this.state = state;
    if (this.asking && link.get("bet")) this.bet?.take("skipped");
    this.draw();
    this.root.dataset.restored = "true";
  }

  close() {
    for (const stop of this.stops) stop();
  }
}

const same = (/** @type {any} */ a, /** @type {any} */ b) => JSON.stringify(a) === JSON.stringify(b);
const parsed = (/** @type {string | null} */ text) => {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
};

/**
 * Whether a value from a link has the shape of ours: finite numbers, as many of them.
 * @returns {boolean}
 */
export function alike(/** @type {any} */ given, /** @type {any} */ ours) {
  if (typeof given !== typeof ours || given === null) return false;
  if (typeof given === "number") return Number.isFinite(given);
  if (typeof given !== "object") return true;
  const keys = Object.keys(ours);
  return Array.isArray(given) === Array.isArray(ours) && Object.keys(given).length === keys.length && keys.every((key) => alike(given[key], ours[key]));
}

/** The values that a slider stops at. */
function valuesOf(/** @type {Control} */ { values, min = 0, max = 1, step = 0.1 }) {
  return values ?? Array.from({ length: Math.round((max - min) / step) + 1 }, (_, k) => Number((min + k * step).toPrecision(9)));
}

const nearest = (/** @type {number[]} */ values, /** @type {number} */ value) =>
  values.reduce((best, one, k) => (Math.abs(one - value) < Math.abs(values[best] - value) ? k : best), 0);

/**
 * The module's default export: what Jupyter and the page call. Where the controls depend on what
 * the class says, the plan is a function of its settings.
 */
export const figureOf = (/** @type {Plan | ((settings: any) => Plan)} */ plan) => ({
  render(/** @type {{model: import("./shared.js").Model, el: HTMLElement}} */ { model, el }) {
    const figure = new SimpleFigure(typeof plan === "function" ? plan(model.get("settings")) : plan, model, el);
    return () => figure.close();
  },
});
