// A small network in the page, with the same arithmetic as nnlib: the same layout of theta, the same
// losses on logits. A test compares the two.

/**
 * @typedef {{width: number, activation: string}} LayerPlan
 * @typedef {{inputs: number, layers: LayerPlan[], loss: string}} Plan
 */

/** Whole numbers below 2^32, the same in nncourse.widgets.problems: mulberry32 of Tommy Ettinger. */
export function randomNumbers(/** @type {number} */ seed, /** @type {number} */ stream) {
  let state = (Math.imul(seed, 0x9e3779b1) + Math.imul(stream, 0x85ebca6b)) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** First weights: uniform within sqrt(6 / (in + out)), or sqrt(6 / in) before a relu; biases 0. */
export function startWeights(/** @type {Plan} */ plan, /** @type {number} */ seed) {
  const random = randomNumbers(seed, 0);
  const theta = [];
  let width = plan.inputs;
  for (const layer of plan.layers) {
    const spread = Math.sqrt(6 / (layer.activation === "relu" ? width : width + layer.width));
    for (let k = 0; k < width * layer.width; k++) theta.push(((2 * random()) / 4294967296 - 1) * spread);
    for (let k = 0; k < layer.width; k++) theta.push(0);
    width = layer.width;
  }
  return Float64Array.from(theta);
}

/** @type {Record<string, (z: number) => number>} */
const ACTIVATE = {
  identity: (z) => z,
  tanh: Math.tanh,
  relu: (z) => (z > 0 ? z : 0),
  elu: (z) => (z > 0 ? z : Math.expm1(z)),
  sigmoid: (z) => (z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z))),
};
/** Slopes, from the output a = f(z). @type {Record<string, (a: number) => number>} */
export const SLOPE = {
  identity: () => 1,
  tanh: (a) => 1 - a * a,
  relu: (a) => (a > 0 ? 1 : 0),
  elu: (a) => (a > 0 ? 1 : a + 1),
  sigmoid: (a) => a * (1 - a),
};

/** A feed-forward network whose numbers lie in `theta`: each layer's W (in, out), then its b. */
export class PageNetwork {
  constructor(/** @type {Plan} */ plan, /** @type {Float64Array} */ theta) {
    this.plan = plan;
    this.theta = theta;
    this.grad = new Float64Array(theta.length);
    this.widths = [plan.inputs, ...plan.layers.map((layer) => layer.width)];
    /** @type {{weights: number, bias: number}[]} */
    this.places = [];
    let place = 0;
    plan.layers.forEach((layer, l) => {
      const bias = place + this.widths[l] * layer.width;
      this.places.push({ weights: place, bias });
      place = bias + layer.width;
    });
    if (place !== theta.length) throw new Error(`theta has ${theta.length} numbers, the plan needs ${place}`);
    /** @type {Float64Array[]} */
    this.outputs = [];
    /** dC/dz of each layer, from the last `backward`. @type {Float64Array[]} */
    this.deltas = [];
  }

  /** Output of the last layer (n, K), flat; every layer's output is kept for `backward`. */
  forward(/** @type {ArrayLike<number>} */ X, /** @type {number} */ n) {
    const outputs = [X instanceof Float64Array ? X : Float64Array.from(X)];
    this.plan.layers.forEach((layer, l) => {
      const [into, out] = [this.widths[l], layer.width];
      const { weights, bias } = this.places[l];
      const a = outputs[l];
      const z = new Float64Array(n * out);
      const activate = ACTIVATE[layer.activation];
      for (let i = 0; i < n; i++) {
        const row = i * out;
        for (let j = 0; j < out; j++) z[row + j] = this.theta[bias + j];
        for (let k = 0; k < into; k++) {
          const x = a[i * into + k];
          if (x === 0) continue;
          const w = weights + k * out;
          for (let j = 0; j < out; j++) z[row + j] += x * this.theta[w + j];
        }
      }
      if (layer.activation !== "identity") for (let k = 0; k < z.length; k++) z[k] = activate(z[k]);
      outputs.push(z);
    });
    this.outputs = outputs;
    return outputs[outputs.length - 1];
  }

  /** Fills `grad`, given the slope of the loss at the output of the last `forward`. */
  backward(/** @type {Float64Array} */ slope, /** @type {number} */ n) {
    this.grad.fill(0);
    let delta = slope;
    for (let l = this.plan.layers.length - 1; l >= 0; l--) {
      const [into, out] = [this.widths[l], this.widths[l + 1]];
      const { weights, bias } = this.places[l];
      const [a, f] = [this.outputs[l], this.outputs[l + 1]];
      const name = this.plan.layers[l].activation;
      if (name !== "identity") delta = delta.map((d, k) => d * SLOPE[name](f[k]));
      this.deltas[l] = delta;
      const back = l ? new Float64Array(n * into) : null;
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < out; j++) this.grad[bias + j] += delta[i * out + j];
        for (let k = 0; k < into; k++) {
          const x = a[i * into + k];
          const w = weights + k * out;
          let sum = 0;
          for (let j = 0; j < out; j++) {
            const d = delta[i * out + j];
            this.grad[w + j] += x * d;
            sum += d * this.theta[w + j];
          }
          if (back) back[i * into + k] = sum;
        }
      }
      if (back) delta = back;
    }
  }

  /** Penalty lambda/2 * (sum of squared weights, never biases); adds its slope to `grad`. */
  penalty(/** @type {number} */ l2) {
    let sum = 0;
    for (const { weights, bias } of this.places)
      for (let k = weights; k < bias; k++) {
        sum += this.theta[k] * this.theta[k];
        this.grad[k] += l2 * this.theta[k];
      }
    return (l2 / 2) * sum;
  }
}

/** A network stored as whole numbers `theta`; `scales` says what one step is worth in each array. */
export function storedNetwork(/** @type {Plan} */ plan, /** @type {ArrayLike<number>} */ theta, /** @type {ArrayLike<number>} */ scales) {
  const network = new PageNetwork(plan, new Float64Array(theta.length));
  const ends = network.places.flatMap(({ bias }, l) => [bias, bias + plan.layers[l].width]);
  for (let k = 0, part = 0; k < theta.length; k++) {
    if (k === ends[part]) part += 1;
    network.theta[k] = theta[k] * scales[part];
  }
  return network;
}

/** Mean loss over the rows, its slope, and the share of rows put into the right class (if any). */
export function measureLoss(
  /** @type {string} */ loss,
  /** @type {Float64Array} */ output,
  /** @type {ArrayLike<number>} */ y,
) {
  const n = y.length;
  const width = output.length / n;
  const slope = new Float64Array(output.length);
  let [value, right] = [0, 0];
  for (let i = 0; i < n; i++) {
    if (loss === "mse") {
      // One output for each row; there are no classes to be right about.
      const error = output[i] - y[i];
      value += error * error;
      slope[i] = (2 * error) / n;
      right = NaN;
      continue;
    }
    if (loss === "binary_cross_entropy") {
      const z = output[i];
      value += Math.max(z, 0) - y[i] * z + Math.log1p(Math.exp(-Math.abs(z)));
      slope[i] = (ACTIVATE.sigmoid(z) - y[i]) / n;
      right += (z > 0 ? 1 : 0) === y[i] ? 1 : 0;
      continue;
    }
    const row = output.subarray(i * width, (i + 1) * width);
    const top = row.reduce((a, b) => Math.max(a, b), -Infinity);
    let [total, best] = [0, 0];
    for (let j = 0; j < width; j++) {
      total += Math.exp(row[j] - top);
      if (row[j] > row[best]) best = j;
    }
    value += Math.log(total) - (row[y[i]] - top);
    for (let j = 0; j < width; j++)
      slope[i * width + j] = (Math.exp(row[j] - top) / total - (j === y[i] ? 1 : 0)) / n;
    right += best === y[i] ? 1 : 0;
  }
  return { value: value / n, slope, accuracy: right / n };
}
