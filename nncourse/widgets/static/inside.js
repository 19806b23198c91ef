// Inside the network that reads a digit: which hidden units fire, what they say for its answer, and
// which digit's training images make them fire alike. Draws nothing.

/**
 * A hidden unit, its output, the weight from it to an output, and the product of the two.
 * @typedef {{unit: number, a: number, w: number, product: number}} Voice
 */

/** The hidden units by what they add to the score of `digit`, and how many fire. */
export function voices(/** @type {import("./kit.js").PageNetwork} */ network, /** @type {number} */ digit) {
  const [, hidden] = network.outputs;
  const { weights } = network.places[1];
  const classes = network.widths[2];
  /** @type {Voice[]} */
  const all = Array.from(hidden, (a, unit) => {
    const w = network.theta[weights + unit * classes + digit];
    return { unit, a, w, product: a * w };
  });
  return { hidden: Array.from(hidden), firing: all.filter(({ a }) => a > 0).length, loudest: all.sort((one, other) => other.product - one.product) };
}

/** Cosine of the hidden units' outputs with what is typical of each digit, the most alike first. */
export function alikeTo(/** @type {ArrayLike<number>} */ hidden, /** @type {ArrayLike<number>} */ typical) {
  const [units, digits] = [hidden.length, typical.length / hidden.length];
  const long = (/** @type {ArrayLike<number>} */ v) => Math.sqrt(Array.from(v).reduce((sum, x) => sum + x * x, 0));
  return Array.from({ length: digits }, (_, digit) => {
    const row = Array.from({ length: units }, (_, unit) => typical[digit * units + unit]);
    const product = row.reduce((sum, x, unit) => sum + x * hidden[unit], 0);
    return { digit, cosine: product / (long(row) * long(hidden) || 1) };
  }).sort((one, other) => other.cosine - one.cosine);
}

/** The 784 weights into a hidden unit, the largest of them 1. */
export function weightsInto(/** @type {import("./kit.js").PageNetwork} */ network, /** @type {number} */ unit) {
  const [inputs, units] = network.widths;
  const column = Array.from({ length: inputs }, (_, k) => network.theta[k * units + unit]);
  const most = column.reduce((a, w) => Math.max(a, Math.abs(w)), 1e-12);
  return column.map((w) => w / most);
}
