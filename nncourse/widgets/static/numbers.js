// Numbers as people write them: 48 million, 4.8e7, 47,940,000, 1/4, 0,25, 25 %, 10^-5.

/** @type {Record<string, number>} */
const WORDS = { thousand: 1e3, million: 1e6, mio: 1e6, billion: 1e9, percent: 0.01, "%": 0.01 };
const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

const plain = (/** @type {string} */ text) =>
  text
    .trim()
    .toLowerCase()
    .replace(/[\u2212\u2013]/g, "-")
    .replace(/[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+/g, (up) => `^${[...up].map((one) => (one === "⁻" ? "-" : SUPERSCRIPTS.indexOf(one))).join("")}`)
    .replace(/(\d)[\s\u2009\u202f_'](?=\d{3}(?!\d))/g, "$1");

/** Thousands or decimals, by where the commas stand: 1,000 and 47,940,000, but 0,25 and 1,5. */
function decimal(/** @type {string} */ text) {
  if (/^[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?$/.test(text)) return Number(text.replace(/,/g, ""));
  if (/^[-+]?[1-9]\d{0,2}(\.\d{3}){2,}(,\d*)?$/.test(text)) return Number(text.replace(/\./g, "").replace(",", "."));
  const found = text.replace(",", ".").match(/^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/);
  return found ? Number(found[0]) : NaN;
}

/**
 * The number that a reader typed for a question in this unit, or NaN. In a question that asks for
 * per cent 25, 25 % and 1/4 are one answer; elsewhere 25 % is 0.25.
 */
export function readNumber(/** @type {string} */ typed, unit = "") {
  const found = plain(typed).match(/^(?:about |~|≈|=)?\s*([-+]?[\d.,]+(?:e[-+]?\d+)?)\s*(.*)$/);
  if (!found) return NaN;
  const asked = unit === "%" ? 0.01 : 1;
  let value = decimal(found[1]);
  let rest = found[2].trim();
  let over = null;
  if ((over = rest.match(/^\/\s*([\d.,]+)\s*(.*)$/))) {
    value /= decimal(over[1]);
    if (over[2] && !/^[a-z%]/.test(over[2])) return NaN;
    return over[2].startsWith("%") ? (value * 0.01) / asked : value / asked;
  }
  if ((over = rest.match(/^\^\s*\(?([-+]?\d+)\)?\s*(.*)$/))) {
    value **= Number(over[1]);
    rest = over[2];
  } else if ((over = rest.match(/^[x*·×]\s*10\s*\^\s*\(?([-+]?\d+)\)?\s*(.*)$/))) {
    value *= 10 ** Number(over[1]);
    rest = over[2];
  }
  const word = rest.match(/^[a-z%]+/)?.[0] ?? "";
  if (word === "%" || word === "percent") return (value * 0.01) / asked;
  if (word in WORDS) value *= WORDS[word];
  else if (/\d/.test(rest)) return NaN; // a second number: nobody knows which is meant
  return value;
}
