// Who trains for a figure: the page, until a kernel answers, and again when that is lost.
import { KernelEngine, PageEngine, readReport } from "./engines.js";
import { Kernel, SILENT } from "./kernel.js";
import { make, wayToKernel } from "./shared.js";

/** @typedef {import("./shared.js").Model} Model */
/** @typedef {import("./engines.js").Report} Report */
/** @typedef {import("./engines.js").Task} Task */
/**
 * The figure: it takes reports, has begun what must not be lost, begins anew with somebody else
 * (and may say why), and tells that nothing is heard.
 * @typedef {{hear: (report: Report) => void, begun: () => boolean, restart: (why?: string) => void,
 *   tell: (what: string) => void}} Trained
 */

const OTHERWISE = "Run the cell again to let nnlib do it.";

export class Trainer {
  constructor(
    /** @type {Model} */ model,
    /** @type {Task} */ task,
    /** @type {HTMLElement} */ root,
    /** @type {Trained} */ figure,
  ) {
    this.task = task;
    this.root = root;
    this.figure = figure;
    this.pace = 20;
    const page = Boolean(model.get("page"));
    this.who = make("p", { class: "nn-who" }, page
      ? `This page trains the network itself. To let nnlib do it, ${wayToKernel()}`
      : "Waiting for the kernel; until it answers, this page trains the network itself.");
    /** @type {PageEngine | KernelEngine} */
    this.engine = this.pageEngine();
    this.kernel = page ? null : this.askKernel(model);
  }

  pageEngine() {
    this.root.dataset.engine = "page";
    const engine = new PageEngine(this.task, (report) => this.figure.hear(report));
    engine.pace = this.pace;
    return engine;
  }

  /** The kernel takes over when it answers, unless the reader has started meanwhile. */
  askKernel(/** @type {Model} */ model) {
    const kernel = new Kernel(model, {
      here: () => {
        if (this.figure.begun()) {
          this.who.textContent = `This page trains the network itself. ${OTHERWISE}`;
          return kernel.close();
        }
        this.engine.close();
        this.engine = new KernelEngine(kernel, this.pace);
        this.root.dataset.engine = "kernel";
        this.who.textContent = "nnlib trains this network in the kernel; other cells can run meanwhile.";
        this.figure.restart();
      },
      message: (message, buffers) => this.figure.hear(readReport(message, buffers)),
      // It may go on; if it does not, a pause that stays unanswered lets the page train.
      silent: () => this.figure.tell(`${SILENT} Wait, or press Pause to start again without it.`),
      lost: () => this.loseKernel(),
    });
    return kernel;
  }

  /** The kernel was restarted, or is busy for long: nothing on the page may be dead. */
  loseKernel() {
    this.engine.close();
    this.engine = this.pageEngine();
    this.who.textContent = `The kernel does not answer, so this page trains the network itself. ${OTHERWISE}`;
    this.figure.restart(this.who.textContent);
  }

  setPace(/** @type {number} */ pace) {
    this.engine.pace = this.pace = pace;
  }

  close() {
    this.engine.close();
    this.kernel?.close();
  }
}
