// Sizes by layer of a deep network before it learns: forwards the activations, backwards dC/dz. Draws nothing.
import { PageNetwork, SLOPE, measureLoss, randomNumbers } from "./kit.js";

export const WIDTH = 50;
const [INPUTS, CLASSES, OUTPUT] = [64, 10, 100];
const WORD = 4294967296;

/** Normal numbers from two uniform ones each (Box and Muller 1958); their stream belongs to a layer. */
export function normals(/** @type {number} */ seed, /** @type {number} */ layer, /** @type {number} */ count) {
  const random = randomNumbers(seed, layer);
  return Float64Array.from({ length: count }, () => {
    const size = Math.sqrt(-2 * Math.log((random() + 1) / WORD));
    return size * Math.cos((2 * Math.PI * random()) / WORD);
  });
}

/** @type {Map<string, Float64Array>} */
const drawn = new Map();
function kept(/** @type {number} */ seed, /** @type {number} */ layer, /** @type {number} */ count) {
  const name = `${seed},${layer}`;
  const found = drawn.get(name) ?? normals(seed, layer, count);
  drawn.set(name, found);
  return found;
}

/** A network of `depth` hidden layers; their weights have `times` the deviation that Glorot gives, biases are 0. */
export function deep(/** @type {any} */ { activation, depth, times, seed }) {
  const layers = [...Array.from({ length: depth }, () => ({ width: WIDTH, activation })), { width: CLASSES, activation: "identity" }];
  const widths = [INPUTS, ...layers.map(({ width }) => width)];
  const size = layers.reduce((sum, { width }, l) => sum + (widths[l] + 1) * width, 0);
  const network = new PageNetwork({ inputs: INPUTS, layers, loss: "cross_entropy" }, new Float64Array(size));
  layers.forEach(({ width }, l) => {
    const deviation = (l < depth ? times : 1) * Math.sqrt(2 / (widths[l] + width));
    const numbers = kept(seed, l < depth ? l + 1 : OUTPUT, widths[l] * width);
    network.theta.set(numbers.map((one) => deviation * one), network.places[l].weights);
  });
  return network;
}

const rms = (/** @type {Float64Array} */ values) => Math.sqrt(values.reduce((sum, one) => sum + one * one, 0) / values.length);
/** Within 1 % of an end of the range: saturated, as nnlib's doctor counts. @type {Record<string, (a: number) => boolean>} */
export const SATURATED = { sigmoid: (a) => a < 0.01 || a > 0.99, tanh: (a) => Math.abs(a) > 0.98 };

/**
 * What one forward and one backward pass shows of each hidden layer, from the first to the last:
 * activations, dC/dz, the rms of both and of the derivatives, and shares.
 */
export function flow(/** @type {any} */ setting, /** @type {ArrayLike<number>} */ X, /** @type {ArrayLike<number>} */ y) {
  const network = deep(setting);
  const { slope } = measureLoss("cross_entropy", network.forward(X, y.length), y);
  network.backward(slope, y.length);
  const layers = Array.from({ length: setting.depth }, (_, l) => {
    const [a, delta] = [network.outputs[l + 1], network.deltas[l]];
    let dead = 0;
    for (let j = 0; j < WIDTH; j++) {
      let on = false;
      for (let i = 0; i < y.length && !on; i++) on = a[i * WIDTH + j] !== 0;
      dead += on ? 0 : 1;
    }
    const saturated = SATURATED[setting.activation];
    return { a, delta, forwards: rms(a), backwards: rms(delta), derivative: rms(a.map(SLOPE[setting.activation])),
      saturated: saturated ? a.reduce((sum, one) => sum + (saturated(one) ? 1 : 0), 0) / a.length : 0, dead: dead / WIDTH };
  });
  const ratio = layers[0].backwards / layers[layers.length - 1].backwards;
  const mean = (/** @type {"saturated" | "dead"} */ what) => layers.reduce((sum, layer) => sum + layer[what], 0) / layers.length;
  return { layers, ratio, factor: ratio ** (1 / (layers.length - 1)), saturated: mean("saturated"), dead: mean("dead") };
}
