// Turns each quiz from readable HTML into a form with feedback, and keeps bets until they are
// settled. In a notebook it may be run by every quiz: the first run watches for all.
import { readNumber } from "./numbers.js";
import { recall, remember } from "./remember.js";

const make = (/** @type {string} */ tag, /** @type {Record<string, any>} */ properties = {}, /** @type {any[]} */ ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return /** @type {any} */ (element);
};
const copies = (/** @type {Element} */ element) => [...element.childNodes].map((node) => node.cloneNode(true));

/** A number that this browser keeps: each reader's own order of the answers, the same every time. */
function readerOf() {
  const known = recall("reader");
  if (typeof known === "number") return known;
  const drawn = 1 + Math.floor(Math.random() * 2 ** 31);
  remember("reader", drawn);
  return drawn;
}

/** 32 bits that look drawn, from a text: FNV-1a, stirred. */
function hash(/** @type {string} */ text) {
  let state = 0x811c9dc5;
  for (const letter of text) state = Math.imul(state ^ /** @type {number} */ (letter.codePointAt(0)), 0x01000193);
  state = Math.imul(state ^ (state >>> 16), 0x45d9f3b);
  return (state ^ (state >>> 15)) >>> 0;
}

/** In the reader's own order; answers in the order of their size stay as they are. */
function shuffled(/** @type {HTMLElement} */ question, /** @type {Element[]} */ answers) {
  if (question.hasAttribute("data-ordered")) return answers;
  const reader = readerOf();
  // By words, which a formula keeps when it is drawn.
  const key = (/** @type {Element} */ answer) =>
    hash(`${reader} ${answer.getAttribute("data-words") ?? (answer.querySelector("summary") ?? answer).textContent}`);
  return [...answers].sort((a, b) => key(a) - key(b));
}

/** Radio buttons for the answers; their words for a screen reader, which cannot read formulas. */
function radios(/** @type {HTMLElement} */ question, /** @type {Element[]} */ answers, /** @type {() => void} */ changed) {
  const list = make("div", { className: "nn-choices" });
  for (const answer of shuffled(question, answers)) {
    const radio = make("input", { type: "radio", name: "answer", value: String(answers.indexOf(answer)) });
    const words = answer.getAttribute("data-words");
    if (words) radio.setAttribute("aria-label", words);
    radio.addEventListener("change", changed);
    // A copy: on paper the answers stand where they were.
    list.append(make("label", {}, radio, make("span", {}, ...copies(answer.querySelector("summary") ?? answer))));
  }
  return list;
}

/**
 * @typedef {{question: HTMLElement, form: HTMLFormElement, status: HTMLElement, clear: () => void}} Place
 * What a kind of question does when its main button is pressed, that button's text, and more buttons.
 * @typedef {{check: () => void, text: string, more: HTMLElement[]}} Kind
 */

const say = (/** @type {Place} */ { question, status }, /** @type {string} */ verdict, /** @type {Element} */ answer) => {
  question.dataset.state = verdict;
  status.replaceChildren(...copies(/** @type {Element} */ (answer.querySelector(".nn-why"))));
};

/** @returns {Kind} */
function choice(/** @type {Place} */ place) {
  const { question, form, status, clear } = place;
  const answers = [...question.querySelectorAll("details")];
  form.append(radios(question, answers, clear));
  for (const answer of answers) answer.hidden = true;
  const check = () => {
    const chosen = /** @type {HTMLInputElement | null} */ (form.querySelector("input:checked"));
    if (!chosen) return void (status.textContent = "Choose an answer first.");
    const answer = answers[Number(chosen.value)];
    say(place, answer.hasAttribute("data-right") ? "right" : "wrong", answer);
  };
  return { check, text: "Check", more: [] };
}

const field = (/** @type {Place} */ { question, form, clear }, /** @type {string} */ label) => {
  const input = make("input", { type: "text", inputMode: "text", autocomplete: "off" });
  input.addEventListener("input", clear);
  form.append(make("label", {}, label, input, " " + (question.dataset.unit || "")));
  return input;
};
const HOW = "Type a number, such as 0.25, 1/4, 1e-3 or 48 million.";

/** @returns {Kind} */
function typed(/** @type {Place} */ place) {
  const { question, status } = place;
  const answers = [...question.querySelectorAll("details")];
  const input = field(place, "Your answer: ");
  for (const answer of answers) answer.hidden = true;
  const solution = /** @type {HTMLElement} */ (answers.find((answer) => answer.hasAttribute("data-right")));
  const check = () => {
    const value = readNumber(input.value, question.dataset.unit);
    if (!Number.isFinite(value)) return void (status.textContent = HOW);
    const off = (/** @type {HTMLElement} */ answer) => value - Number(answer.dataset.value);
    const slack = Number(question.dataset.tolerance) + 1e-9 * Math.abs(value);
    const answer = [solution, ...answers].find((one) => Math.abs(off(one)) <= slack);
    if (answer) {
      say(place, answer === solution ? "right" : "wrong", answer);
      return void (answer === solution && status.prepend("Right: "));
    }
    question.dataset.state = "wrong";
    status.textContent = `Too ${off(solution) > 0 ? "large" : "small"}. Work it through once more, or look at the answer.`;
  };
  const show = make("button", { type: "button", textContent: "Show the answer" });
  show.addEventListener("click", () => say(place, "shown", solution));
  return { check, text: "Check", more: [show] };
}

/** A bet is taken without a word of judgement, and kept until it is settled. @returns {Kind} */
function bet(/** @type {Place} */ place) {
  const { question, form, status, clear } = place;
  const name = `bet:${question.dataset.bet}`;
  const options = [...question.querySelectorAll("li")];
  const chosen = () => options[Number(/** @type {HTMLInputElement | null} */ (form.querySelector("input:checked"))?.value ?? NaN)];
  const input = options.length ? null : field(place, "Your bet: ");
  if (options.length) form.append(radios(question, options, clear));
  question.querySelector("ul")?.setAttribute("hidden", "");
  const kept = recall(name);
  const tell = () => (status.textContent = "Your bet is kept. It is settled further down, beside the measurement.");
  if (typeof kept === "string") {
    if (input) input.value = kept;
    else for (const one of form.querySelectorAll("input")) one.checked = options[Number(one.value)].dataset.option === kept;
    tell();
  }
  const check = () => {
    if (input ? !Number.isFinite(readNumber(input.value, question.dataset.unit)) : !chosen())
      return void (status.textContent = input ? HOW : "Choose first: a guess is enough.");
    remember(name, input ? input.value.trim() : chosen().dataset.option);
    tell();
    document.dispatchEvent(new Event("nn-bet"));
  };
  return { check, text: "Place the bet", more: [] };
}

/** @type {Record<string, (place: Place) => Kind>} */
const KINDS = { choice, number: typed, bet };

function ask(/** @type {HTMLElement} */ question) {
  question.setAttribute("data-ready", "");
  const form = make("form");
  const status = make("div", { className: "nn-feedback" });
  status.setAttribute("role", "status");
  const clear = () => {
    question.removeAttribute("data-state");
    status.replaceChildren();
  };
  if (question.dataset.words) question.setAttribute("aria-label", question.dataset.words);
  const { check, text, more } = KINDS[question.dataset.kind ?? "choice"]({ question, form, status, clear });
  form.append(make("div", { className: "nn-buttons" }, make("button", { type: "submit", textContent: text }), ...more));
  form.addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    check();
  });
  // Jupyter's notebook shortcuts must not see what is typed here.
  form.addEventListener("keydown", (/** @type {Event} */ event) => event.stopPropagation());
  question.append(form, status);
}

/** The reader's own bet beside what was measured. */
function settle(/** @type {HTMLElement} */ settled) {
  settled.setAttribute("data-ready", "");
  const yours = /** @type {HTMLElement} */ (settled.querySelector(".nn-yours"));
  const show = () => {
    const kept = recall(`bet:${settled.dataset.bet}`);
    const other = [...settled.querySelectorAll("details")];
    for (const one of other) one.open = one.dataset.option === kept;
    if (typeof kept !== "string") return void (yours.textContent = "You placed no bet on this.");
    const { measured, unit = "" } = settled.dataset;
    let words = `You bet: ${kept}${unit && !kept.endsWith(unit) ? ` ${unit}` : ""}.`;
    const value = readNumber(kept, unit);
    if (measured !== undefined && Number.isFinite(value)) {
      const off = value - Number(measured);
      const near = Math.abs(off) <= Number(settled.dataset.near);
      words += near ? " Well guessed." : ` That is ${Number(Math.abs(off).toPrecision(2))}${unit && ` ${unit}`} too ${off > 0 ? "high" : "low"}.`;
    }
    yours.textContent = words;
    settled.dataset.state = settled.dataset.option === kept ? "right" : "";
  };
  document.addEventListener("nn-bet", show);
  show();
}

/** Questions of one section are numbered through, whatever cells they stand in. */
function count() {
  let [section, number] = [/** @type {HTMLElement[]} */ ([]), 0];
  const end = () => {
    if (section.length === 1) section[0].textContent = "";
    section = [];
    number = 0;
  };
  for (const one of document.querySelectorAll("h1, h2, .nn-question:not([data-kind=bet]) .nn-count")) {
    if (!one.matches(".nn-count")) end();
    else {
      section.push(/** @type {HTMLElement} */ (one));
      one.textContent = `${++number}. `;
    }
  }
  end();
}

function find() {
  const fresh = [...document.querySelectorAll(".nn-question:not([data-ready])")];
  fresh.forEach((question) => ask(/** @type {HTMLElement} */ (question)));
  document.querySelectorAll(".nn-settled:not([data-ready])").forEach((one) => settle(/** @type {HTMLElement} */ (one)));
  if (fresh.length) count();
}

find();
// In a notebook, where this is no file, the quiz may arrive after it, and others later.
const here = /** @type {any} */ (window);
if (!(/** @type {any} */ (document.currentScript)?.src) && !here.nnQuiz) {
  here.nnQuiz = new MutationObserver(find);
  here.nnQuiz.observe(document.documentElement, { childList: true, subtree: true });
}
