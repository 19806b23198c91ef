// What a reader commits to before anything is shown: kept over a reload, compared afterwards.
import { recall, remember } from "./remember.js";
import { betBox, button, make, row, slider } from "./shared.js";

/**
 * A bet is on one of some options, or on a number.
 * @typedef {{question: string, options?: string[], low?: number, high?: number, step?: number,
 *   start?: number, unit?: string}} Offer
 * @typedef {number | "skipped" | null} Choice option's index, number, or none yet
 */

/** The words for a choice. */
export function choiceInWords(/** @type {Offer} */ offer, /** @type {Choice} */ choice) {
  if (choice === null || choice === "skipped") return "";
  return offer.options ? offer.options[choice] : `${choice}${offer.unit ?? ""}`;
}

const allowed = (/** @type {Offer} */ offer, /** @type {any} */ kept) =>
  kept === "skipped" ||
  (typeof kept === "number" && (offer.options ? kept in offer.options : kept >= Number(offer.low) && kept <= Number(offer.high)));

/** The box that asks; `placed` hears what was chosen. What was kept from before is `choice` at once. */
export function askBet(
  /** @type {string} */ name,
  /** @type {Offer} */ offer,
  /** @type {(choice: Choice) => void} */ placed,
) {
  const kept = recall(`bet:${name}`);
  const bet = {
    choice: /** @type {Choice} */ (allowed(offer, kept) ? kept : null),
    element: /** @type {HTMLElement} */ (make("div")),
    /** Takes a choice, or with null asks again. */
    take(/** @type {Choice} */ choice) {
      bet.choice = choice;
      remember(`bet:${name}`, choice);
      bet.element.hidden = choice !== null;
      placed(choice);
    },
  };
  const { low = 0, high = 1, step = 1 } = offer;
  let draft = offer.start ?? low;
  const skip = button("Skip", () => bet.take("skipped"), { "data-skip": true });
  bet.element = offer.options
    ? betBox(offer.question, row(...offer.options.map((text, k) => button(text, () => bet.take(k), { class: "nn-option" }))), row(skip))
    : betBox(offer.question,
        slider("Your bet", { min: 0, max: Math.round((high - low) / step), value: Math.round((draft - low) / step) },
          (k) => `${at(k)}${offer.unit ?? ""}`, (k) => (draft = at(k))).element,
        row(button("Place the bet", () => bet.take(draft), { class: "nn-main" }), skip));
  function at(/** @type {number} */ k) {
    return Number((low + k * step).toPrecision(9));
  }
  bet.element.hidden = bet.choice !== null;
  return bet;
}
