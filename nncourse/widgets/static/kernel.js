// A kernel that is asked, and may fall silent. Both front-ends talk to theirs through this.

const PATIENCE = 6000; // milliseconds without an answer after which the kernel counts as gone
export const SILENT = "No answer from the kernel: it is busy with another cell, or was restarted.";

/** @typedef {import("./shared.js").Model} Model */
/**
 * What a front-end hears: `here` once, when the kernel first answers, then `message`s;
 * `silent` when nothing comes in the middle of a training; `lost` when a wish stays unanswered.
 * @typedef {{here: () => void, message: (message: any, buffers: any[]) => void,
 *   silent: () => void, lost: () => void}} Hearer
 */

export class Kernel {
  constructor(/** @type {Model} */ model, /** @type {Hearer} */ hearer) {
    this.model = model;
    this.hearer = hearer;
    this.id = crypto.randomUUID?.() ?? String(Math.random());
    this.wish = 0; // the number of the last one that a report answers
    this.listener = (/** @type {any} */ message, /** @type {any[]} */ buffers) => {
      if (message.to === this.id) this.hear(message, buffers);
    };
    model.on("msg:custom", this.listener);
    this.tell({ do: "hello" });
  }

  hear(/** @type {any} */ message, /** @type {any[]} */ buffers) {
    if (message.kind === "here") return this.hearer.here();
    if (message.kind === "report") {
      this.tell({ do: "seen", frame: message.frame });
      // Sent before the last wish was obeyed: its numbers count, but where it stopped it goes on.
      if (message.wish < this.wish) message = { ...message, stopped: null };
      else this.wait(message.stopped ? null : this.hearer.silent);
    }
    this.hearer.message(message, buffers);
  }

  tell(/** @type {Record<string, any>} */ content) {
    try {
      this.model.send({ ...content, from: this.id });
    } catch {
      // The kernel was restarted and the line to it is closed: `wait` notices the silence.
    }
  }

  /** A wish that the kernel answers with a report. */
  ask(/** @type {Record<string, any>} */ content) {
    this.wish += 1;
    this.wait(this.hearer.lost);
    this.tell({ ...content, wish: this.wish });
  }

  /** What to do if nothing more is heard. */
  wait(/** @type {(() => void) | null} */ otherwise) {
    clearTimeout(this.patience);
    if (otherwise) this.patience = setTimeout(otherwise, PATIENCE);
  }

  close() {
    this.wait(null);
    this.model.off("msg:custom", this.listener);
    this.tell({ do: "close" });
  }
}
