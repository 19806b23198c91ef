// What is known of a network's mistakes: its answer to each picture, which digits it takes for which,
// and how far apart they lie. Draws nothing.
import { storedNetwork, turned } from "./kit.js";

export const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
export const PAIRS = DIGITS.flatMap((i) => DIGITS.slice(i + 1).map((j) => [i, j]));
export const [NEAR, APART] = [4, 5]; // spreads

/** What the network says of every picture. */
export function study(/** @type {Record<string, any>} */ { theta, scales, images, labels }) {
  const layers = [{ width: 20, activation: "relu" }, { width: 10, activation: "identity" }];
  const network = storedNetwork({ inputs: 64, layers, loss: "cross_entropy" }, theta, scales);
  const z = network.forward(Float64Array.from(images, (ink) => ink / 16), labels.length);
  const all = Array.from(labels, (/** @type {number} */ label, k) => {
    const row = Array.from(z.subarray(10 * k, 10 * k + 10));
    const top = Math.max(...row);
    const sum = row.reduce((s, one) => s + Math.exp(one - top), 0);
    const says = row.indexOf(top);
    return { k, label, says, p: row.map((one) => Math.exp(one - top) / sum), loss: Math.log(sum) - (row[label] - top), sure: 1 / sum };
  });
  const matrix = new Array(100).fill(0);
  for (const { label, says } of all) matrix[10 * label + says] += 1;
  return { all, matrix, wrong: all.filter(({ label, says }) => label !== says).sort((a, b) => b.sure - a.sure) };
}

/** How often two digits are taken for each other. */
export const both = (/** @type {ArrayLike<number>} */ matrix, /** @type {number} */ i, /** @type {number} */ j) => matrix[10 * i + j] + matrix[10 * j + i];
/** The pair that is confused most often. */
export const worst = (/** @type {ArrayLike<number>} */ matrix) => PAIRS.reduce((a, b) => (both(matrix, b[0], b[1]) > both(matrix, a[0], a[1]) ? b : a));
/** Whether two digits are this pair, either way round. */
export const isPair = (/** @type {number} */ i, /** @type {number} */ j, /** @type {number[]} */ [a, b]) => (i === a && j === b) || (i === b && j === a);

/** How far apart the middles of two groups are from left to right, in spreads of the groups. */
export function gapOf(/** @type {ArrayLike<number>} */ points, /** @type {number[]} */ ones, /** @type {number[]} */ others, /** @type {number} */ turn) {
  const along = [ones, others].map((rows) => rows.map((k) => turned(points, k, turn, 0)[0]));
  const means = along.map((all) => all.reduce((a, b) => a + b, 0) / all.length);
  const squares = along.map((all, g) => all.reduce((sum, x) => sum + (x - means[g]) ** 2, 0) / all.length);
  return Math.abs(means[0] - means[1]) / Math.sqrt((squares[0] + squares[1]) / 2);
}
