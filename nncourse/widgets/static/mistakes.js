// The mistakes of one network: which digits it takes for which, how sure it is, and where they lie.
import { bitmapOf } from "./bitmap.js";
import { Cloud, Pad, Plot, button, figureOf, inkOn, make, mix, number, palette, row } from "./kit.js";
import { APART, DIGITS, NEAR, PAIRS, both, gapOf, isPair, study, worst } from "./study.js";

const OPTIONS = ["0 and 6", "1 and 8", "3 and 5", "4 and 9"]; // what can be bet on; then "evenly"
const split = (/** @type {number} */ cell) => [Math.floor(cell / 10), cell % 10];
const times = (/** @type {number} */ n) => (n === 1 ? "once" : n === 0 ? "never" : `${n} times`);
const three = (/** @type {number} */ p) => (p > 0.9995 ? "over 0.999" : p < 0.0005 ? "under 0.001" : p.toFixed(3));
const degrees = (/** @type {number} */ by) => `${by}°`;

/** One tab stop for many buttons: the arrow keys go on from it. */
function roving(/** @type {HTMLElement} */ box, /** @type {() => HTMLElement[]} */ all, /** @type {() => number} */ columns) {
  box.addEventListener("keydown", (event) => {
    const buttons = all();
    const at = buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const step = /** @type {Record<string, number>} */ ({ ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns(), ArrowDown: columns() })[event.key];
    if (at < 0 || !step) return;
    event.preventDefault();
    const to = buttons[at + step];
    if (!to) return;
    for (const one of buttons) one.tabIndex = one === to ? 0 : -1;
    to.focus();
  });
}

/** The confusion matrix as a grid of buttons: true digits down, answers across. */
function matrixOf(/** @type {import("./kit.js").SimpleFigure} */ figure) {
  const cells = Array.from({ length: 100 }, (_, cell) => make("button", { type: "button", role: "gridcell", class: "nn-cell", tabindex: cell ? -1 : 0,
    onclick: () => !figure.asking && figure.set({ cell, shown: "cell" }) }));
  const head = (/** @type {string} */ role, /** @type {any} */ text) => make("span", { role, class: "nn-head" }, text);
  const line = (/** @type {any[]} */ ...parts) => make("div", { role: "row", class: "nn-cells" }, ...parts);
  const element = make("div", { role: "grid", class: "nn-heat nn-confusion", "aria-label": "Confusion matrix. Rows: the true digit. Columns: what the network says." },
    line(head("columnheader", make("span", { class: "nn-hidden" }, "true digit")), ...DIGITS.map((k) => head("columnheader", k))),
    ...DIGITS.map((k) => line(head("rowheader", k), ...cells.slice(10 * k, 10 * k + 10))));
  roving(element, () => cells, () => 10);
  let drawn = "";
  return { element, show(/** @type {number[]} */ matrix, /** @type {number} */ chosen) {
    const colours = palette(figure.root);
    const now = `${figure.asking} ${chosen} ${colours.paper}`;
    if (now === drawn) return;
    drawn = now;
    cells.forEach((cell, k) => {
      const [i, j] = split(k);
      const covered = figure.asking && i !== j;
      const share = matrix[k] / matrix.slice(10 * i, 10 * i + 10).reduce((a, b) => a + b, 0);
      const colour = mix(colours, -Math.sqrt(share));
      cell.classList.toggle("nn-covered", covered);
      cell.classList.toggle("nn-chosen", k === chosen);
      cell.setAttribute("aria-selected", String(k === chosen));
      cell.setAttribute("aria-label", `true ${i}, read as ${j}: ${covered ? "after the bet" : times(matrix[k])}`);
      cell.style.background = covered ? "" : `rgb(${colour.join()})`;
      cell.style.color = covered ? "" : inkOn(colour);
      cell.textContent = covered || !matrix[k] ? "" : String(matrix[k]);
    });
  } };
}

/** The pictures of a list, surest first. */
function galleryOf(/** @type {import("./kit.js").SimpleFigure} */ figure) {
  const element = make("div", { class: "nn-shots nn-presses", role: "group", "aria-label": "Pictures, surest answer first. Arrow keys go from one to the next." });
  const buttons = () => /** @type {HTMLElement[]} */ ([...element.children]);
  roving(element, buttons, () => Math.max(1, buttons().filter((one) => one.offsetTop === buttons()[0].offsetTop).length));
  let [drawn, pressed] = ["", -1];
  return { element, show(/** @type {any[]} */ list, /** @type {number} */ chosen) {
    const dark = figure.root.dataset.dark === "true";
    const now = `${dark} ${list.map(({ k }) => k)}`;
    if (now !== drawn)
      element.replaceChildren(...list.map(({ k, label, says, sure }, at) => make("button", { type: "button", tabindex: at ? -1 : 0, "data-image": k,
        "aria-label": `${at + 1}: ${label} read as ${says}, probability ${three(sure)}`, onclick: () => figure.set({ image: k }) },
      make("img", { src: bitmapOf(figure.data.images.subarray(64 * k, 64 * k + 64), dark), alt: "", width: 32, height: 32 }), make("span", {}, label === says ? `${label}` : `${label} as ${says}`))));
    else if (chosen === pressed) return;
    [drawn, pressed] = [now, chosen];
    for (const one of buttons()) {
      one.classList.toggle("nn-chosen", one.dataset.image === String(chosen));
      one.setAttribute("aria-pressed", String(one.dataset.image === String(chosen)));
    }
  } };
}

/** The pictures that a state lists. */
const listed = (/** @type {any} */ { cell, shown }, /** @type {any} */ { all, wrong }) =>
  shown !== "cell" || cell < 0 ? wrong : all.filter((/** @type {any} */ one) => 10 * one.label + one.says === cell).sort((/** @type {any} */ a, /** @type {any} */ b) => b.sure - a.sure);

export default figureOf({
  controls: {
    shown: { label: "Pictures", start: "all", options: [["all", "all mistakes"], ["cell", "of the chosen cell"]] },
    turn: { label: "Turn", start: 0, min: -180, max: 180, step: 5, show: degrees },
    tilt: { label: "Tilt", start: 0, min: -90, max: 90, step: 5, show: degrees },
  },
  more: { cell: -1, image: -1 },
  build(figure) {
    const { parts, data } = figure;
    parts.study = study(data);
    parts.rows = DIGITS.map((digit) => parts.study.all.filter((/** @type {any} */ one) => one.label === digit).map((/** @type {any} */ one) => one.k));
    parts.leading = Array.from({ length: data.others.length / 100 }, (_, k) => worst(data.others.subarray(100 * k, 100 * k + 100)));
    parts.matrix = matrixOf(figure);
    parts.gallery = galleryOf(figure);
    const wrap = (/** @type {number} */ by) => ((((by + 180) % 360) + 360) % 360) - 180;
    parts.cloud = new Cloud(figure.root, data.points, {
      label: "Cloud of a thousand digits along three axes.",
      turn: (by, tilt) => figure.set({ turn: wrap(figure.state.turn + by), tilt: Math.max(-90, Math.min(90, figure.state.tilt + tilt)) }),
      pick: (k) => !figure.asking && figure.set({ image: k }),
    });
    parts.pad = new Pad({ label: "The chosen picture, 8 by 8 pixels.", cells: 8, down: () => {} });
    for (const name of ["tabindex", "role"]) parts.pad.element.removeAttribute(name);
    parts.pad.element.setAttribute("role", "img");
    parts.pad.element.classList.remove("nn-pad");
    parts.plot = new Plot({ label: "Ten bars, the probability of each digit.", x: [-0.6, 9.6], y: [0, 1], xLabel: "digit", yLabel: "probability" });
    const flat = (/** @type {string} */ name, /** @type {number} */ turn, /** @type {number} */ tilt) => button(name, () => figure.set({ turn, tilt }));
    const views = row(flat("Flat: axes 1 and 2", 0, 0), flat("axes 3 and 2", 90, 0), flat("axes 1 and 3", 0, 90));
    views.classList.add("nn-presses");
    parts.legend = make("p", { class: "nn-legend" });
    parts.close = make("div", {}, make("div", { class: "nn-closeup" }, parts.pad.element), parts.plot.element);
    parts.listed = make("p", { class: "nn-legend" });
    parts.list = make("div", {}, parts.listed, parts.gallery.element);
    return [
      make("div", {}, parts.matrix.element, make("p", { class: "nn-legend" }, "Rows: the true digit. Columns: what the network says.")),
      parts.list, make("div", {}, parts.cloud.element, parts.legend, views), parts.close,
    ];
  },
  draw(state, figure) {
    const { parts, data, root } = figure;
    const { all, matrix, wrong } = parts.study;
    const { asking } = figure;
    const [i, j] = split(state.cell);
    const pair = state.cell >= 0 && i !== j;
    const one = all[state.image] ?? wrong[0];
    const [gap, before] = (parts.gaps = pair ? [state.turn, 0].map((turn) => gapOf(data.points, parts.rows[i], parts.rows[j], turn)) : [0, 0]);
    parts.matrix.show(matrix, state.cell);
    parts.list.hidden = parts.close.hidden = asking;
    const list = listed(state, parts.study);
    parts.listed.textContent = list.length ? "Pictures, the surest answer first" : `No picture: ${i} is never read as ${j}.`;
    if (!asking) parts.gallery.show(list, one.k);
    const look = (/** @type {number} */ label) => (state.cell < 0 || asking ? "" : label === i ? "one" : label === j ? "two" : "");
    const view = `Turned by ${state.turn} degrees, tilted by ${state.tilt}.`;
    parts.cloud.show({
      turn: state.turn, tilt: state.tilt, looks: all.map((/** @type {any} */ { label }) => look(label)), chosen: asking ? -1 : one.k,
      wrong: all.map((/** @type {any} */ { label, says }) => !asking && label !== says && (!pair || isPair(label, says, [i, j]))),
      names: DIGITS.map((digit) => /** @type {[string, number[]]} */ ([String(digit), parts.rows[digit]])), words: view,
    });
    parts.legend.textContent = asking || state.cell < 0 ? `Each point is a digit${asking ? "" : "; an orange ring is a mistake"}. Drag to turn.`
      : `Blue dots: ${i}.${pair ? ` Green triangles: ${j}. Orange rings: taken for each other.` : ""}`;
    parts.pad.show({ values: Array.from(data.images.subarray(64 * one.k, 64 * one.k + 64), (/** @type {number} */ ink) => ink / 16), dark: root.dataset.dark === "true", words: `A ${one.label}, read as ${one.says}.` });
    parts.plot.show({ bars: DIGITS.map((k) => ({ x: k, height: one.p[k], label: String(k), kind: k === one.says && k !== one.label ? "check" : "train" })), words: `Its digit is ${one.label}.` });
    const of = state.cell < 0 ? "" : pair ? ` ${i} read as ${j}: ${times(matrix[state.cell])}; ${j} as ${i}: ${times(matrix[10 * j + i])}; together ${both(matrix, i, j)} of ${wrong.length} mistakes.`
      : ` ${i}: ${matrix[state.cell]} of ${parts.rows[i].length} read correctly.`;
    const picture = `The picture is a ${one.label}, read as ${one.says} with probability ${three(one.sure)}; its loss is ${number(one.loss)}.`;
    const likely = DIGITS.filter((k) => one.p[k] >= 0.0005 || k === one.label).map((k) => `${k}: ${three(one.p[k])}`);
    return { line: (of ? `${of.trim()} ` : "") + picture, numbers: [
      ["mistakes", `${wrong.length} of ${all.length}`], ["spread evenly on 45 pairs", `${(wrong.length / 45).toFixed(1)} a pair`],
      ["chosen pair, both ways", pair ? String(both(matrix, i, j)) : "none chosen"],
      [`of ${parts.leading.length} other networks it leads in`, pair ? String(parts.leading.filter((/** @type {number[]} */ lead) => isPair(i, j, lead)).length) : "none chosen"],
      ["recall of each digit", DIGITS.map((k) => `${k}: ${(matrix[11 * k] / parts.rows[k].length).toFixed(2)}`).join(", ")],
      ["the picture's probabilities", `${likely.join(", ")}; the others under 0.001`], ["its loss, −ln p of the true digit", number(one.loss)],
      ["variance along axes 1, 2, 3", Array.from(data.variance, (/** @type {number} */ v) => `${v.toFixed(1)} %`).join(", ")],
      ["the two digits' middles, left to right", pair ? `${gap.toFixed(1)} standard deviations apart (along axis 1: ${before.toFixed(1)})` : "none chosen"]] };
  },
  goals: [
    ({ cell }, { parts }) => cell >= 0 && isPair(split(cell)[0], split(cell)[1], worst(parts.study.matrix)),
    ({ image }, { parts }) => image >= 0 && parts.study.all.every((/** @type {any} */ { loss }) => loss <= parts.study.all[image].loss),
    (_, { parts: { gaps: [gap, before] } }) => gap >= APART && before < NEAR,
  ],
  verdict(bet, _, { parts: { study: { matrix, wrong } } }) {
    const [i, j] = worst(matrix);
    const truth = OPTIONS.indexOf(`${i} and ${j}`);
    const most = both(matrix, i, j);
    return `${bet === truth ? "Right" : "Not so"}. Spread evenly, the ${wrong.length} mistakes would be ${(wrong.length / 45).toFixed(1)} for each of the 45 pairs; one pair has ${most}, and ${PAIRS.filter(([a, b]) => !both(matrix, a, b)).length} have none.`;
  },
});
