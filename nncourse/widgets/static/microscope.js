// Backpropagation under the microscope: each operation of a 2-2-1 network, forward and backward.
import { FORWARD, NAMES, PLACES, costOf, difference, isRight, operations } from "./chain.js";
import { NetworkGraph, draw as svg, figureOf, make, number, slider } from "./kit.js";

const START = [1.2, -0.8, 0.9, 1.1, -0.4, 0.3, 1.5, -1.2, 0.2];
const ROWS = [[0, 0], [0, 1], [1, 0], [1, 1]]; // XOR
const BLANKS = ["v1", "h1", "w1"]; // what the reader works out
const LEVELS = 80; // a weight goes from -4 to 4 in steps of 0.1
/** Where an operation is in the graph. @type {Record<string, (string | number)[]>} */
const WHERE = { w1: ["weight", 0, 0, 0], w2: ["weight", 0, 0, 1], w3: ["weight", 0, 1, 0], w4: ["weight", 0, 1, 1],
  v1: ["weight", 1, 0, 0], v2: ["weight", 1, 1, 0], b1: ["unit", 1, 0], b2: ["unit", 1, 1], z1: ["unit", 1, 0], h1: ["unit", 1, 0],
  z2: ["unit", 1, 1], h2: ["unit", 1, 1], c: ["unit", 2, 0], z: ["unit", 2, 0], o: ["unit", 2, 0] };
const FIRST = ["z1", "h1", "z2", "h2", "z", "o", "o"]; // of the forward pass
const target = (/** @type {number} */ row) => (ROWS[row][0] !== ROWS[row][1] ? 1 : 0);
const four = (/** @type {number} */ x) => (x === 0 ? "0" : Math.abs(x) < 1e-4 ? x.toExponential(3) : String(Number(x.toPrecision(4))));
const signed = (/** @type {number} */ x) => four(x).replace("-", "\u2212");

/** What a state shows: all operations, how many are done, and which blanks are filled rightly. */
export function look(/** @type {any} */ { theta, row, step, answers }) {
  const all = operations(theta, ROWS[row], target(row));
  const found = Object.fromEntries(all.filter(({ of }) => of).map(({ of, product }) => [of, Number(product)]));
  const done = all.slice(0, step);
  const seen = new Set(done.map(({ of }) => of));
  const filled = BLANKS.map((name, k) => seen.has(name) && isRight(answers[k], found[name]));
  return { all, done, seen, found, filled };
}

/** Which hidden unit's gradient is exactly 0 while the other's is not, once the way back is gone. */
export function blocked(/** @type {any} */ state) {
  const { all, found } = look(state);
  return state.step === all.length && (found.h1 === 0) !== (found.h2 === 0);
}

export default figureOf({
  controls: {
    step: { label: "Operations done", start: FORWARD, min: 0, max: 22, step: 1 },
    row: { label: "Example", start: 2, options: ROWS.map((x, k) => [k, `x = (${x.join(", ")}), t = ${target(k)}`]) },
  },
  more: { theta: START, chosen: 1, answers: ["", "", ""] },
  build(figure) {
    const { parts } = figure;
    const edge = (/** @type {(string | number)[]} */ what) => (what[1] === 0 ? 2 * Number(what[2]) + Number(what[3]) : 6 + Number(what[2]));
    parts.graph = new NetworkGraph([2, 2, 1], { label: "Network of two inputs, two hidden units and one output.", tall: 210,
      pick: (what) => what[0] === "weight" && figure.set({ chosen: edge(what) }) });
    parts.labels = [0, 1, 2, 3, 6, 7].map((k) => {
      const [l, i, j] = k < 4 ? [0, k >> 1, k % 2] : [1, k - 6, 0];
      const [[x1, y1], [x2, y2]] = [parts.graph.at(l, i), parts.graph.at(l + 1, j)];
      const share = l ? 0.45 : 0.3;
      const text = svg("text", { x: x1 + share * (x2 - x1), y: y1 + share * (y2 - y1) - (x1 && y1 === y2 ? 8 : 2), "text-anchor": "middle", class: "nn-mark-label" });
      parts.graph.svg.append(text);
      return { k, text };
    });
    [["x1", 0, 0], ["x2", 0, 1], ["h1", 1, 0], ["h2", 1, 1], ["o", 2, 0]].forEach(([name, l, j]) => {
      const [x, y] = parts.graph.at(l, j);
      parts.graph.svg.append(svg("text", { x, y: y - 26, "text-anchor": "middle" }, name));
    });
    parts.which = make("select", { "aria-label": "Weight to change", onchange: () => figure.set({ chosen: parts.which.selectedIndex }) },
      ...NAMES.map((name, k) => make("option", {}, `${name}, ${PLACES[k]}`)));
    parts.knob = slider("Its value", { min: 0, max: LEVELS, value: 40 }, (k) => ((k - 40) / 10).toFixed(1), (k) => {
      const theta = figure.state.theta.map((/** @type {number} */ w, /** @type {number} */ j) => (j === figure.state.chosen ? (k - 40) / 10 : w));
      figure.set({ theta, step: 0 }); // all that was computed is old now
    });
    parts.inputs = BLANKS.map((name, k) => make("input", { type: "text", inputmode: "decimal", size: 9, class: "nn-blank", "aria-label": `Your dC/d${name}`,
      oninput: () => figure.set({ answers: figure.state.answers.map((/** @type {string} */ one, /** @type {number} */ j) => (j === k ? parts.inputs[k].value : one)) }) }));
    parts.marks = BLANKS.map(() => make("span", { class: "nn-who" }));
    parts.blanks = make("div", { class: "nn-presses" }, ...BLANKS.map((name, k) => make("label", { class: "nn-field" }, `dC/d${name} =`, parts.inputs[k], parts.marks[k])));
    parts.lens = make("table", { class: "nn-numbers" });
    parts.edit = make("div", { class: "nn-controls" }, make("label", { class: "nn-field" }, "Change", parts.which), parts.knob.element);
    return [make("div", {}, parts.graph.element, parts.edit), make("div", {}, parts.lens, parts.blanks)];
  },
  draw(state, figure) {
    const { parts } = figure;
    const { all, done, seen, found, filled } = look(state);
    const [x, t] = [ROWS[state.row], target(state.row)];
    const now = done.at(-1);
    const hidden = (/** @type {string} */ name) => BLANKS.includes(name) && !filled[BLANKS.indexOf(name)];
    const show = (/** @type {string} */ name) => (!seen.has(name) ? "" : hidden(name) ? "blank" : signed(found[name]));
    const value = (/** @type {number} */ k) => (state.step > k ? Number(all[k].value) : null);
    const [w, v] = [state.theta.slice(0, 4), state.theta.slice(6, 8)];
    const chosen = figure.asking ? WHERE.w2 : now && (WHERE[now.of ?? ""] ?? WHERE[FIRST[state.step - 1]]);
    parts.graph.show({ weights: [[w.slice(0, 2), w.slice(2)], [[v[0]], [v[1]]]], values: [x, [value(1), value(3)], [value(5)]],
      names: [["x1", "x2"], ["h1", "h2"], ["o"]], chosen, words: figure.asking ? `The output is ${number(Number(all[5].value))}, the target ${t}.` : "" });
    for (const { k, text } of parts.labels) text.textContent = `${NAMES[k]} ${signed(state.theta[k])}`;
    parts.which.selectedIndex = state.chosen;
    parts.knob.set(Math.round(10 * state.theta[state.chosen]) + 40);
    parts.edit.hidden = parts.blanks.hidden = figure.asking;
    parts.inputs.forEach((/** @type {HTMLInputElement} */ input, /** @type {number} */ k) => {
      if (document.activeElement !== input || input.value === "" || state.answers[k] === "") input.value = state.answers[k];
      const on = input.value.trim() !== "";
      parts.marks[k].textContent = filled[k] ? "✓ right" : !on ? "" : seen.has(BLANKS[k]) ? "not yet" : "later";
    });
    const back = now?.of !== undefined;
    const lens = figure.asking
      ? [["The example", `x = (${x.join(", ")}), t = ${t}`], ["Output o", signed(Number(all[5].value))], ["Cost C = (o − t)²", signed(Number(all[6].value))], ["w2, from x1 to h2", signed(state.theta[1])], ["v2, from h2 to o", signed(state.theta[7])]]
      : [["Operation", now ? `${state.step}: ${now.words}` : "none yet"], ["Rule", now ? now.rule.replace("^2", "²").replaceAll(" - ", " − ") : ""],
        [`Value${now?.of ? ` of ${now.of}` : ""}`, now?.value !== undefined ? signed(now.value) : ""], ["Local derivative", back ? signed(Number(now.local)) : ""],
        ["Upstream gradient", back ? (hidden("h1") && now.of === "z1" ? "blank" : signed(Number(now.upstream))) : ""], ["Product", now?.of ? show(now.of) : ""]];
    parts.lens.replaceChildren(...lens.map(([name, words]) => make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, words))));
    const product = !now ? "" : now.of ? ` Local derivative ${signed(Number(now.local))}, times what comes from above: ${show(now.of) === "blank" ? "a blank to fill" : show(now.of)}.` : ` ${signed(Number(now.value))}.`;
    const line = now ? `${state.step} of ${all.length}, ${now.words}: ${now.rule}.${product}` : "Nothing is computed yet. One operation on.";
    return {
      line: line.replace("^2", "²").replaceAll(" - ", " − "),
      numbers: [...NAMES.map((name, k) => /** @type {[string, string]} */ ([`dC/d${name}, ${PLACES[k]}`,
        !seen.has(name) ? "not reached" : hidden(name) ? "blank" : `${signed(found[name])} (nudged ${signed(difference(state.theta, x, t, k))})`])),
        ...["h1", "h2"].map((name) => /** @type {[string, string]} */ ([`dC/d${name}, a hidden output`, show(name) || "not reached"]))],
    };
  },
  goals: [(state) => look(state).filled.every(Boolean), blocked],
  verdict(bet) {
    const [x, t] = [ROWS[2], 1];
    const change = costOf(START.map((w, k) => w + (k === 1 ? 0.01 : 0)), x, t) - costOf(START, x, t);
    return `${bet === (change > 0 ? 0 : change < 0 ? 1 : 2) ? "Right" : "Not so"}: the cost changes by ${signed(Number(change.toPrecision(3)))}. More w2 raises h2, and through v2, which is negative, h2 lowers o.`;
  },
  main: "One operation on",
  buttons: {
    "One operation back": (figure) => figure.set({ step: Math.max(0, figure.state.step - 1) }),
    "One operation on": (figure) => figure.set({ step: Math.min(22, figure.state.step + 1) }),
  },
});
