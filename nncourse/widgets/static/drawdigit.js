// Draw a digit: what a network trained on MNIST makes of it, and of things that are no digits.
import { centred, centreOfMass, flipped, flipsOf, inked, moved, PAD, strokesOf, written } from "./ink.js";
import { alikeTo, voices, weightsInto } from "./inside.js";
import { Pad, Plot, button, figureOf, make, number, paintInk, paintValues, row, storedNetwork } from "./kit.js";

const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const [LOUD, NEAR] = [6, 3];
const CLEAR = { sample: -1, strokes: "", flips: "", right: 0, down: 0, turn: 0, seen: "" };

/** The network 784-100-10 from whole numbers and what one step of each array is worth. */
export const networkFrom = (/** @type {ArrayLike<number>} */ theta, /** @type {ArrayLike<number>} */ scales) =>
  storedNetwork({ inputs: 784, layers: [{ width: 100, activation: "relu" }, { width: 10, activation: "identity" }], loss: "cross_entropy" }, theta, scales);

/** Ten probabilities, and the digit with the largest. */
export function read(/** @type {import("./kit.js").PageNetwork} */ network, /** @type {ArrayLike<number>} */ image) {
  const z = Array.from(network.forward(image, 1));
  const top = Math.max(...z);
  const e = z.map((one) => Math.exp(one - top));
  const sum = e.reduce((a, b) => a + b, 0);
  return { p: e.map((one) => one / sum), says: z.indexOf(top) };
}

/** What the network gets in this state, `samples` being the letters of our ten digits. */
export function pictureOf(/** @type {Record<string, any>} */ state, /** @type {string[]} */ samples) {
  const pad = inked(strokesOf([samples[state.sample] ?? "", state.strokes].join(".")));
  const before = moved(centred(pad), state.right, state.down, state.turn);
  const flips = flipsOf(state.flips);
  return { pad, flips, image: flipped(before, flips) };
}

/** Our ten digits as letters, from the places that the page was given (255 lifts the pen). */
export function samplesOf(/** @type {ArrayLike<number>} */ places) {
  const numbers = Array.from(places);
  let text = "";
  for (let k = 0; k < numbers.length; k += 2) text += numbers[k] === 255 ? (numbers[k + 1] === 255 ? "," : ".") : written(numbers[k], numbers[k + 1]);
  return text.split(",");
}

/** A row of small pictures with a few words below each. */
function shots(/** @type {string} */ words, /** @type {number} */ many, width = 56) {
  const canvases = Array.from({ length: many }, () => make("canvas", { width, height: width, role: "img", "aria-label": words }));
  const names = canvases.map(() => make("span"));
  const element = make("div", {}, make("p", { class: "nn-legend nn-start" }, words),
    make("div", { class: "nn-examples" }, ...canvases.map((one, k) => make("div", {}, one, names[k]))));
  return { canvases, names, element };
}

/** Draws what goes on inside, and says it in rows for the table. */
function showInside(/** @type {any} */ figure, /** @type {number} */ says) {
  const { network, units, loud, like, inside } = figure.parts;
  inside.hidden = figure.asking;
  if (figure.asking) return [];
  // Below the controls: what they change is near them on a telephone, too.
  if (!inside.isConnected) figure.controls.after(inside);
  const { hidden, firing, loudest } = voices(network, says);
  const most = hidden.reduce((a, b) => Math.max(a, b), 1e-12);
  const dark = figure.root.dataset.dark === "true";
  paintInk(units, hidden.map((a) => a / most), dark);
  units.setAttribute("aria-label", `${firing} of 100 hidden units fire.`);
  const signed = (/** @type {number} */ x) => (x < 0 ? "\u2212" : "+") + Math.abs(x).toFixed(2);
  loudest.slice(0, LOUD).forEach(({ unit, a, w, product }, k) => {
    paintValues(loud.canvases[k], figure.root, weightsInto(network, unit), 28, false);
    loud.canvases[k].setAttribute("aria-label", `Weights into hidden unit ${unit + 1}. It puts out ${number(a)}, times its weight ${number(w)} to the ${says}.`);
    loud.names[k].textContent = signed(product);
  });
  const near = alikeTo(hidden, figure.data.typical).slice(0, NEAR);
  near.forEach(({ digit, cosine }, k) => {
    const average = Array.from({ length: 784 }, (_, p) => figure.data.average[784 * digit + p] / 255);
    paintInk(like.canvases[k], average, dark);
    like.canvases[k].setAttribute("aria-label", `The average of the training images of ${digit}: cosine ${cosine.toFixed(2)}.`);
    like.names[k].textContent = `${digit}: ${cosine.toFixed(2)}`;
  });
  return /** @type {[string, string][]} */ ([
    ["hidden units that fire", `${firing} of 100`],
    [`what they add to the score of ${says}`, loudest.slice(0, 3).map(({ unit, product }) => `unit ${unit + 1} ${signed(product)}`).join(", ")],
    ["digits whose training images are the most similar", near.map(({ digit, cosine }) => `${digit} (${cosine.toFixed(2)})`).join(", ")],
  ]);
}

/** The digit of ours shifted six pixels to the right, as the bet has it. */
const shifted = (/** @type {any} */ figure) =>
  read(figure.parts.network, pictureOf({ ...CLEAR, sample: 3, right: 6 }, figure.parts.samples).image);

const pixels = (/** @type {number} */ k) => `${k} px`;
const untouched = (/** @type {Record<string, any>} */ s) => !s.strokes && !s.right && !s.down && !s.turn;
const seenBy = (/** @type {any} */ figure) => figure.parts.read;

export default figureOf({
  controls: {
    right: { label: "Shift right", start: 0, min: -8, max: 8, step: 1, show: pixels },
    down: { label: "Shift down", start: 0, min: -8, max: 8, step: 1, show: pixels },
    turn: { label: "Turn", start: 0, min: -180, max: 180, step: 5, show: (degrees) => `${degrees}°` },
    seen: { label: "What you see in it", start: "", options: [["", "(not said)"], ...DIGITS.map((k) => /** @type {[any, string]} */ ([k, String(k)])), ["none", "no digit"]] },
  },
  more: { sample: 3, strokes: "", flips: "" },
  build(figure) {
    const { parts } = figure;
    parts.network = networkFrom(figure.data.theta, figure.data.scales);
    parts.samples = samplesOf(figure.data.places);
    const drawn = (/** @type {string} */ more) => !figure.asking && figure.set({ strokes: figure.state.strokes + more });
    const say = (/** @type {string} */ words) => figure.say(words);
    parts.pad = new Pad({
      label: "Pad to draw on. Arrow keys move the pen, the space bar puts it down and lifts it.", cells: PAD, keyStep: 2,
      down: (x, y) => drawn(`.${written(x, y)}`), move: (x, y) => drawn(written(x, y)), cursor: say,
    });
    parts.input = new Pad({
      label: "What the network gets, 28 by 28 pixels. Arrow keys choose a pixel, the space bar changes it.", cells: 28, taps: true, cursor: say,
      down: (x, y) => {
        if (figure.asking) return;
        const [k, flips] = [Math.floor(y) * 28 + Math.floor(x), flipsOf(figure.state.flips)];
        figure.set({ flips: (flips.includes(k) ? flips.filter((one) => one !== k) : [...flips, k]).join(".") });
      },
    });
    parts.plot = new Plot({ label: "Ten bars, the probability of each digit.", x: [-0.6, 9.6], y: [0, 1], xLabel: "digit", yLabel: "probability" });
    parts.ours = row(make("span", {}, "One of ours:"), ...DIGITS.map((k) =>
      button(String(k), () => figure.set({ ...CLEAR, sample: k }), { class: "nn-nudge", "aria-label": `Our ${k}` })));
    parts.ours.classList.add("nn-presses");
    parts.units = make("canvas", { width: 120, height: 120, role: "img", "aria-label": "The hidden units." });
    parts.loud = shots(`The ${LOUD} units that speak most for the answer: their weights as pictures, and what each adds to its score`, LOUD);
    parts.like = shots("The most similar inside: the average training image of a digit, and the cosine between the hidden units", NEAR);
    parts.inside = make("div", { class: "nn-inside" },
      make("div", {}, make("p", { class: "nn-legend nn-start" }, "Its 100 hidden units: the darker, the larger the output"), parts.units), parts.loud.element, parts.like.element);
    const named = (/** @type {string} */ words, /** @type {Pad} */ pad) => make("div", { class: "nn-closeup" }, make("p", { class: "nn-legend" }, words), pad.element);
    return [make("div", {}, make("div", { class: "nn-pair nn-pads" }, named("Draw here", parts.pad), named("What the network gets", parts.input)), parts.ours), parts.plot.element];
  },
  draw(state, figure) {
    const { pad, input, plot, network, samples, ours } = figure.parts;
    const { pad: ink, image, flips } = pictureOf(state, samples);
    const dark = figure.root.dataset.dark === "true";
    const middle = centreOfMass(image);
    const { p, says } = (figure.parts.read = { ...read(network, image), ink: Boolean(middle) });
    ours.hidden = figure.asking;
    const agree = state.seen === "" ? "" : state.seen === says ? " You agree." : ` You see ${state.seen === "none" ? "no digit" : `a ${state.seen}`}.`;
    const line = middle ? `The network says ${says}, with probability ${p[says].toFixed(3)}.${agree}` : "No ink: the answer comes from the biases alone. Draw something.";
    pad.show({ values: ink, dark, words: state.sample < 0 ? "" : `Our ${state.sample} is on it.` });
    input.show({ values: image, dark, marked: flips, words: `Changed: ${flips.length}.` });
    plot.show({ bars: DIGITS.map((k) => ({ x: k, height: p[k], label: String(k), kind: k === says && state.seen !== "" && state.seen !== says ? "check" : "train" })), words: line });
    return {
      line,
      numbers: [...DIGITS.map((k) => /** @type {[string, string]} */ ([`probability of ${k}`, p[k].toFixed(3)])),
        ["centre of mass, from the left", middle ? number(middle[0]) : "none"], ["centre of mass, from the top", middle ? number(middle[1]) : "none"],
        ["pixels changed", String(flips.length)], ...showInside(figure, says)],
    };
  },
  goals: [
    (s, f) => s.sample === -1 && s.seen === seenBy(f).says && seenBy(f).ink && seenBy(f).p[s.seen] > 0.9,
    (s, f) => s.sample === -1 && s.seen === "none" && seenBy(f).ink && Math.max(...seenBy(f).p) > 0.95,
    (s, f) => s.sample === 4 && untouched(s) && flipsOf(s.flips).length <= 6 && seenBy(f).says === 9,
  ],
  verdict(bet, _, figure) {
    const { p, says } = shifted(figure);
    const right = says !== 3 ? 2 : p[3] > 0.9 ? 0 : 1;
    return `${bet === right ? "Right" : "Not so"}: shifted six pixels to the right it is ${says === 3 ? "still" : "no longer"} a 3 for the network, which says ${says} with probability ${number(p[says])}, and 3 with ${number(p[3])}.`;
  },
  buttons: { "Clear the pad": (figure) => figure.set({ ...CLEAR }) },
});
