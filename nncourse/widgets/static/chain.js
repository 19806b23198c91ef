// The chain rule in a 2-2-1 network, one operation at a time. Draws nothing.

/** The numbers that are learned, in nnlib's order: W1 (2, 2), b1, W2 (2, 1), b2. */
export const NAMES = ["w1", "w2", "w3", "w4", "b1", "b2", "v1", "v2", "c"];
export const PLACES = ["x1 to h1", "x1 to h2", "x2 to h1", "x2 to h2", "into h1", "into h2", "h1 to o", "h2 to o", "into o"];
const sigmoid = (/** @type {number} */ z) => (z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z)));

/**
 * What one operation is, its value, and on the way back its local derivative, what comes from above,
 * and their product. `of` is what the product is the derivative of C in.
 * @typedef {{words: string, rule: string, value?: number, of?: string, local?: number, upstream?: number, product?: number}} Operation
 */

/** All operations, forward and then backward, for weights `theta` (9), input `x` (2) and target. */
export function operations(/** @type {number[]} */ theta, /** @type {number[]} */ x, /** @type {number} */ target) {
  const [w1, w2, w3, w4, b1, b2, v1, v2, c] = theta;
  const z1 = w1 * x[0] + w3 * x[1] + b1;
  const z2 = w2 * x[0] + w4 * x[1] + b2;
  const [h1, h2] = [sigmoid(z1), sigmoid(z2)];
  const z = v1 * h1 + v2 * h2 + c;
  const o = sigmoid(z);
  const cost = (o - target) ** 2;
  /** @type {Operation[]} */
  const forward = [
    { words: "weighted sum of h1", rule: "z1 = w1 x1 + w3 x2 + b1", value: z1 },
    { words: "output of h1", rule: "h1 = sigmoid(z1)", value: h1 },
    { words: "weighted sum of h2", rule: "z2 = w2 x1 + w4 x2 + b2", value: z2 },
    { words: "output of h2", rule: "h2 = sigmoid(z2)", value: h2 },
    { words: "weighted sum of o", rule: "z = v1 h1 + v2 h2 + c", value: z },
    { words: "output of the network", rule: "o = sigmoid(z)", value: o },
    { words: "cost", rule: "C = (o - t)^2", value: cost },
  ];
  /** @type {Operation[]} */
  const backward = [];
  const back = (
    /** @type {string} */ of, /** @type {number} */ value, /** @type {string} */ factor, /** @type {number} */ local,
    /** @type {string} */ above, /** @type {number} */ upstream,
  ) => {
    const product = local * upstream;
    backward.push({ words: `back to ${of}`, rule: `dC/d${of} = ${factor} × ${above}`, value, of, local, upstream, product });
    return product;
  };
  const toO = back("o", o, "2 (o - t)", 2 * (o - target), "1", 1);
  const toZ = back("z", z, "o (1 - o)", o * (1 - o), "dC/do", toO);
  back("v1", v1, "h1", h1, "dC/dz", toZ);
  back("v2", v2, "h2", h2, "dC/dz", toZ);
  back("c", c, "1", 1, "dC/dz", toZ);
  const toH1 = back("h1", h1, "v1", v1, "dC/dz", toZ);
  const toZ1 = back("z1", z1, "h1 (1 - h1)", h1 * (1 - h1), "dC/dh1", toH1);
  back("w1", w1, "x1", x[0], "dC/dz1", toZ1);
  back("w3", w3, "x2", x[1], "dC/dz1", toZ1);
  back("b1", b1, "1", 1, "dC/dz1", toZ1);
  const toH2 = back("h2", h2, "v2", v2, "dC/dz", toZ);
  const toZ2 = back("z2", z2, "h2 (1 - h2)", h2 * (1 - h2), "dC/dh2", toH2);
  back("w2", w2, "x1", x[0], "dC/dz2", toZ2);
  back("w4", w4, "x2", x[1], "dC/dz2", toZ2);
  back("b2", b2, "1", 1, "dC/dz2", toZ2);
  return [...forward, ...backward];
}

/** How many operations the forward pass has. */
export const FORWARD = 7;
export const costOf = (/** @type {number[]} */ theta, /** @type {number[]} */ x, /** @type {number} */ target) =>
  Number(operations(theta, x, target)[FORWARD - 1].value);

/** dC of the k-th weight by nudging it both ways. */
export function difference(/** @type {number[]} */ theta, /** @type {number[]} */ x, /** @type {number} */ target, /** @type {number} */ k, h = 1e-5) {
  const nudged = (/** @type {number} */ by) => costOf(theta.map((w, j) => (j === k ? w + by : w)), x, target);
  return (nudged(h) - nudged(-h)) / (2 * h);
}

/** Whether a reader's number is within 1 % of the derivative, which must not be (nearly) 0. */
export function isRight(/** @type {string} */ answer, /** @type {number} */ derivative) {
  const given = Number(String(answer).replace(",", ".").replace("\u2212", "-"));
  return String(answer).trim() !== "" && Math.abs(derivative) > 1e-6 && Math.abs(given - derivative) <= 0.01 * Math.abs(derivative);
}
