// Who trains: the page itself, or nnlib in a kernel. Both are told the same things and answer
// with the same reports, so that a figure does not care.
import { PageNetwork, measureLoss } from "./network.js";
import { unpack } from "./shared.js";
import { PageTraining } from "./training.js";

/**
 * @typedef {{epoch: number, train: number, validation: number, trainAccuracy: number,
 *   validationAccuracy: number, rate: number, theta: Float64Array}} EpochRecord
 * @typedef {{run: number, records: EpochRecord[], epoch: number, batch: number, batches: number,
 *   stopped: null | "paused" | "done" | "diverged"}} Report
 * @typedef {import("./training.js").Recipe} Recipe
 * @typedef {import("./network.js").Plan} Plan
 * @typedef {{plan: Plan, train: {X: Float64Array, y: ArrayLike<number>},
 *   validation: {X: Float64Array, y: ArrayLike<number>}, epochs: number}} Task
 */

/** Trains in the page, in slices of at most 8 ms between two frames. */
export class PageEngine {
  constructor(/** @type {Task} */ task, /** @type {(report: Report) => void} */ report) {
    this.task = task;
    this.report = report;
    this.pace = 20;
    /** @type {null | "step" | "epoch" | "on"} */
    this.going = null;
    this.until = task.epochs;
    this.wanted = 0;
    this.run = 0;
    /** @type {Map<string, ReturnType<PageTraining["snapshot"]>>} */
    this.saved = new Map();
    /** @type {EpochRecord[]} */
    this.fresh = [];
  }

  /** Back to the same start. */
  reset(/** @type {Recipe} */ recipe) {
    this.going = null;
    this.run = 0;
    this.saved.clear();
    this.wanted = recipe.rate;
    this.training = new PageTraining(this.task.plan, this.task.train, recipe);
    this.endEpoch();
    this.tell("paused");
  }

  /** Goes on from the end of an epoch of one run, as another run or the same. */
  take(/** @type {number} */ run, /** @type {number} */ epoch, /** @type {number} */ into) {
    const saved = this.saved.get(`${run}:${epoch}`);
    if (!saved || !this.training) throw new Error(`no snapshot of run ${run} at epoch ${epoch}`);
    this.going = null;
    this.training.restore(saved);
    this.run = into;
    this.saved.set(`${into}:${epoch}`, saved);
  }

  /** Within an epoch a new rate counts from the next one: a link can then repeat it. */
  rate(/** @type {number} */ rate) {
    this.wanted = rate;
    if (this.training?.batch === 0) this.training.recipe.rate = rate;
  }

  go(/** @type {"step" | "epoch" | "on"} */ how) {
    const idle = this.going === null;
    this.going = how;
    this.paidFor = { time: performance.now(), epoch: this.training?.epoch ?? 0 };
    if (how === "step" || how === "epoch") this.slice(Infinity);
    else if (idle) requestAnimationFrame(() => this.turn());
    this.turned = performance.now();
  }

  /** Stops at the end of the epoch, which takes no time that one sees: a link can then repeat it. */
  pause() {
    if (this.going === null) return;
    this.going = null;
    const training = /** @type {PageTraining} */ (this.training);
    while (training.batch) if (!this.oneBatch()) return;
    this.tell(training.epoch >= this.until ? "done" : "paused");
  }

  /** Trains without pictures to an epoch; used to restore a state from a link. */
  async runTo(/** @type {number} */ epoch) {
    const training = /** @type {PageTraining} */ (this.training);
    while (training === this.training && training.epoch < epoch) {
      const end = performance.now() + 8;
      while (training.epoch < epoch && performance.now() < end) if (!this.oneBatch()) return;
      await new Promise((resolve) => setTimeout(resolve));
    }
    this.tell("paused");
  }

  close() {
    this.going = null;
  }

  turn() {
    if (this.going !== "on") return;
    const now = performance.now();
    // Nobody looked for so long (the tab was in the background): go on, do not catch up.
    if (now - (this.turned ?? now) > 500) this.paidFor = { time: now, epoch: this.training?.epoch ?? 0 };
    this.turned = now;
    const { time, epoch } = /** @type {{time: number, epoch: number}} */ (this.paidFor);
    this.slice(epoch + ((performance.now() - time) / 1000) * this.pace);
    if (this.going === "on") requestAnimationFrame(() => this.turn());
  }

  /** Works for 8 ms, or to the epoch that the pace allows. */
  slice(/** @type {number} */ allowed) {
    const training = /** @type {PageTraining} */ (this.training);
    const end = performance.now() + 8;
    let worked = false;
    while (this.going !== null && training.epoch + training.batch / training.batches < allowed) {
      if (training.epoch >= this.until) {
        this.going = null;
        return this.tell("done");
      }
      worked = true;
      if (!this.oneBatch()) return;
      if (this.going === "step" || (this.going === "epoch" && training.batch === 0)) {
        this.going = null;
        return this.tell(training.epoch >= this.until ? "done" : "paused");
      }
      if (this.going === "on" && performance.now() > end) break;
    }
    if (worked) this.tell(null);
  }

  /** False if the training fell apart. */
  oneBatch() {
    const training = /** @type {PageTraining} */ (this.training);
    const before = training.snapshot();
    const { cost, done } = training.step();
    if (!Number.isFinite(cost) || !Number.isFinite(training.network.theta.reduce((a, b) => a + b, 0))) {
      training.restore(before);
      this.going = null;
      this.tell("diverged");
      return false;
    }
    if (done) this.endEpoch();
    return true;
  }

  endEpoch() {
    const training = /** @type {PageTraining} */ (this.training);
    const saved = training.snapshot();
    this.saved.set(`${this.run}:${training.epoch}`, saved);
    const measure = (/** @type {Task["train"]} */ rows) =>
      measureLoss(this.task.plan.loss, training.network.forward(rows.X, rows.y.length), rows.y);
    const [train, validation] = [measure(this.task.train), measure(this.task.validation)];
    this.fresh.push({
      epoch: training.epoch,
      train: train.value,
      validation: validation.value,
      trainAccuracy: train.accuracy,
      validationAccuracy: validation.accuracy,
      rate: training.recipe.rate,
      theta: saved.theta,
    });
    training.recipe.rate = this.wanted;
  }

  tell(/** @type {Report["stopped"]} */ stopped) {
    const { epoch, batch, batches } = /** @type {PageTraining} */ (this.training);
    const records = this.fresh;
    this.fresh = [];
    this.report({ run: this.run, records, epoch, batch, batches, stopped });
  }
}

/** Lets nnlib train, in the kernel that made the figure. */
export class KernelEngine {
  constructor(/** @type {import("./kernel.js").Kernel} */ kernel, /** @type {number} */ pace) {
    this.kernel = kernel;
    this.pace = pace;
  }

  set pace(/** @type {number} */ pace) {
    this.kernel.tell({ do: "pace", pace });
  }

  reset(/** @type {Recipe} */ recipe) {
    this.kernel.ask({ do: "reset", recipe });
  }

  take(/** @type {number} */ run, /** @type {number} */ epoch, /** @type {number} */ into) {
    this.kernel.tell({ do: "take", run, epoch, into });
  }

  rate(/** @type {number} */ rate) {
    this.kernel.tell({ do: "rate", rate });
  }

  go(/** @type {"step" | "epoch" | "on"} */ how) {
    this.kernel.ask({ do: "go", how });
  }

  pause() {
    this.kernel.ask({ do: "pause" });
  }

  close() {
    this.kernel.close();
  }
}

/** The kernel's report as an engine gives it. */
export function readReport(/** @type {any} */ message, /** @type {any[]} */ buffers) {
  const { theta } = buffers?.length ? unpack(buffers[0], { theta: [0, buffers[0].byteLength / 8, "float64"] }) : { theta: [] };
  const size = theta.length / Math.max(1, message.records.length);
  const records = message.records.map((/** @type {any} */ record, /** @type {number} */ k) => ({
    ...record,
    // JSON knows no infinity.
    train: record.train ?? Infinity,
    validation: record.validation ?? Infinity,
    theta: theta.slice(k * size, (k + 1) * size),
  }));
  return /** @type {Report} */ ({ ...message, records });
}

/** The network of a plan, to look at any recorded theta. */
export const networkOf = (/** @type {Plan} */ plan, /** @type {Float64Array} */ theta) => new PageNetwork(plan, theta);
