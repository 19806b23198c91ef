// The heatmap's grid of cells: by mouse, touch and arrow keys, with what each cell shows.
import { setting } from "./formats.js";
import { shade } from "./scores.js";
import { make } from "./shared.js";
import { inkOn } from "./theme.js";

/** @typedef {import("./hunt.js").Hunt} Hunt */
/** @typedef {{open: (cell: number) => void, tell: (cell: number) => void}} Hearer */

/** Rows from the top are the learning rates from the largest on; columns the L2 strengths. */
export class Grid {
  constructor(/** @type {Hunt} */ hunt, /** @type {string} */ title, /** @type {Hearer} */ { open, tell }) {
    const { size, grid: { rates, penalties } } = hunt;
    this.hunt = hunt;
    this.size = size;
    this.tell = tell;
    this.focused = Math.floor((size * size) / 2);
    /** @type {string[]} */
    this.looks = [];
    /** @type {HTMLButtonElement[]} */
    this.cells = Array.from({ length: size * size }, (_, cell) =>
      make("button", {
        type: "button", role: "gridcell", class: "nn-cell", tabindex: -1,
        onclick: () => open(cell), onfocus: () => this.focusOn(cell), onpointerenter: () => tell(cell),
      }));
    const head = (/** @type {string} */ role, /** @type {any} */ content) => make("span", { role, class: "nn-head" }, content);
    const line = (/** @type {any[]} */ ...parts) => make("div", { role: "row", class: "nn-cells" }, ...parts);
    const lines = rates.map((rate, k) =>
      line(head("rowheader", setting(rate)), ...this.cells.slice(k * size, (k + 1) * size)));
    const heads = line(head("columnheader", make("span", { class: "nn-hidden" }, "learning rate")),
      ...penalties.map((l2) => head("columnheader", setting(l2))));
    this.element = make("div", {
      role: "grid", class: "nn-heat", "aria-label": `${title} Rows: learning rates, columns: L2 strengths.`,
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.key(event),
    }, ...lines.reverse(), heads);
    this.element.style.setProperty("--cells", String(size));
    this.element.classList.toggle("nn-fine", size > 9);
  }

  key(/** @type {KeyboardEvent} */ event) {
    const { size } = this;
    const [up, along] = [Math.floor(this.focused / size), this.focused % size];
    /** @type {Record<string, [number, number]>} */
    const moves = {
      ArrowUp: [up + 1, along], ArrowDown: [up - 1, along], ArrowLeft: [up, along - 1], ArrowRight: [up, along + 1],
      Home: [up, 0], End: [up, size - 1],
    };
    const to = moves[event.key];
    if (!to || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (to.every((one) => one >= 0 && one < size)) this.cells[to[0] * size + to[1]].focus();
  }

  /** The tab key comes to this cell. */
  focusOn(/** @type {number} */ cell) {
    this.cells[this.focused].tabIndex = -1;
    this.cells[this.focused].classList.remove("nn-aimed");
    this.cells[cell].tabIndex = 0;
    this.cells[cell].classList.add("nn-aimed");
    this.focused = cell;
    this.tell(cell);
  }

  /** For the keyboard, when the button that was pressed goes out of sight. */
  takeFocus() {
    this.cells[this.focused].focus({ preventScroll: true });
  }

  /** Colours and numbers; `most` is the score of the brightest colour. */
  show(/** @type {number} */ most) {
    const { hunt } = this;
    const { chosen, kept, bet, view } = hunt;
    this.cells.forEach((cell, k) => {
      cell.tabIndex = k === this.focused ? 0 : -1;
      const seen = hunt.visible(k);
      const gone = seen && hunt.gone(k);
      const value = hunt.score(k, view);
      const look = [seen, gone, k === chosen, k === kept, k === bet, value, view, hunt.source, hunt.at].join();
      if (look === this.looks[k]) return; // of 169 cells a click changes two
      this.looks[k] = look;
      const marks = { hatch: gone, covered: !seen, chosen: k === chosen, kept: k === kept, betted: k === bet };
      for (const [name, is] of Object.entries(marks)) cell.classList.toggle(`nn-${name}`, is);
      const said = `${k === bet ? " Your bet." : ""}${k === kept ? " Kept for comparison." : ""}`;
      cell.setAttribute("aria-label", hunt.describe(k) + said);
      cell.setAttribute("aria-selected", String(k === chosen));
      const colour = shade(value / most);
      cell.style.background = seen && !gone ? `rgb(${colour.join()})` : "";
      cell.style.color = seen && !gone ? inkOn(colour) : "";
      if (seen) cell.textContent = gone ? "×" : (100 * value).toFixed(this.size > 9 ? 0 : 1);
      else cell.textContent = k === bet ? "?" : "";
    });
  }
}
