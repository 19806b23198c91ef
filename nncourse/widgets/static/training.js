// Gradient descent with momentum in the page: batch by batch, in the same order as nnlib.
import { PageNetwork, measureLoss, randomNumbers, startWeights } from "./network.js";

/**
 * @typedef {import("./network.js").Plan} Plan
 * @typedef {{rate: number, momentum: number, l2: number, batch: number, seed: number}} Recipe
 */

/** The rows in the order of one epoch; it depends on seed and epoch alone. */
export function rowOrder(/** @type {number} */ rows, /** @type {number} */ seed, /** @type {number} */ epoch) {
  const random = randomNumbers(seed, epoch);
  const order = Int32Array.from({ length: rows }, (_, row) => row);
  for (let last = rows - 1; last > 0; last--) {
    const chosen = random() % (last + 1);
    [order[last], order[chosen]] = [order[chosen], order[last]];
  }
  return order;
}

/** Training that can be stepped, left, and taken up again from any snapshot, bit for bit. */
export class PageTraining {
  /**
   * @param {Plan} plan
   * @param {{X: Float64Array, y: ArrayLike<number>}} data
   * @param {Recipe} recipe
   * @param {Float64Array} [theta]
   */
  constructor(plan, data, recipe, theta = startWeights(plan, recipe.seed)) {
    this.data = data;
    this.recipe = { ...recipe };
    this.network = new PageNetwork(plan, Float64Array.from(theta));
    this.velocity = new Float64Array(theta.length);
    this.epoch = 0;
    this.batch = 0;
    this.order = rowOrder(data.y.length, recipe.seed, 1);
  }

  get batches() {
    return Math.ceil(this.data.y.length / this.recipe.batch);
  }

  /** One batch. Returns the cost (with penalty), and whether the epoch is over. */
  step() {
    const { data, network, recipe } = this;
    const width = network.plan.inputs;
    const rows = this.order.subarray(this.batch * recipe.batch, (this.batch + 1) * recipe.batch);
    const X = new Float64Array(rows.length * width);
    rows.forEach((row, i) => X.set(data.X.subarray(row * width, (row + 1) * width), i * width));
    const y = Array.from(rows, (row) => data.y[row]);
    const { value, slope } = measureLoss(network.plan.loss, network.forward(X, rows.length), y);
    network.backward(slope, rows.length);
    const cost = value + (recipe.l2 ? network.penalty(recipe.l2) : 0);
    for (let k = 0; k < this.velocity.length; k++) {
      this.velocity[k] = recipe.momentum * this.velocity[k] - recipe.rate * network.grad[k];
      network.theta[k] += this.velocity[k];
    }
    this.batch += 1;
    const done = this.batch === this.batches;
    if (done) {
      this.epoch += 1;
      this.batch = 0;
      this.order = rowOrder(data.y.length, recipe.seed, this.epoch + 1);
    }
    return { cost, done };
  }

  snapshot() {
    return {
      theta: Float64Array.from(this.network.theta),
      velocity: Float64Array.from(this.velocity),
      epoch: this.epoch,
      batch: this.batch,
    };
  }

  restore(/** @type {ReturnType<PageTraining["snapshot"]>} */ saved) {
    this.network.theta.set(saved.theta);
    this.velocity.set(saved.velocity);
    this.epoch = saved.epoch;
    this.batch = saved.batch;
    this.order = rowOrder(this.data.y.length, this.recipe.seed, saved.epoch + 1);
  }
}
