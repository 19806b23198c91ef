// Who trains the heatmap's sweep live: a kernel, if one answers; where it falls silent, the recording
// is shown again.
import { Kernel, SILENT } from "./kernel.js";
import { make, unpack, wayToKernel } from "./shared.js";
import { tooSoon } from "./theme.js";

/** @typedef {import("./heatmap.js").Heatmap} Heatmap */

const CAN = "nnlib can train this sweep live in the kernel; other cells can run meanwhile.";

export class Sweep {
  constructor(/** @type {Heatmap} */ map) {
    this.map = map;
    this.who = make("p", { class: "nn-who" }, map.page
      ? `These sweeps were recorded. To train them live, ${wayToKernel()}`
      : "These sweeps were recorded; the kernel has not answered yet.");
    this.kernel = map.page ? null : this.askKernel();
  }

  askKernel() {
    const { map, who } = this;
    return new Kernel(map.model, {
      here: () => {
        map.hunt.live = "ready";
        map.root.dataset.engine = "kernel";
        who.textContent = CAN;
        map.redraw();
      },
      message: (message, buffers) => (message.kind === "picture" ? this.take(message, buffers) : this.hear(message)),
      // It may go on; if it does not, a pause that stays unanswered brings the recording back.
      silent: () => {
        who.textContent = `${SILENT} Wait, or press Pause to see the recorded sweep.`;
        map.say(who.textContent);
      },
      lost: () => this.loseKernel(),
    });
  }

  /** The kernel was restarted, or is busy for long: the recording is shown instead. */
  loseKernel() {
    const { map, who } = this;
    this.kernel?.close();
    map.hunt.live = null;
    map.root.dataset.engine = "page";
    who.textContent = "The kernel does not answer: this is the recorded sweep. Run the cell again to train live.";
    map.choose("");
    map.say(who.textContent);
  }

  toggle() {
    const { map, map: { hunt } } = this;
    if (hunt.live === "training") {
      hunt.live = "paused";
      this.kernel?.ask({ do: "pause" });
    } else {
      const again = hunt.live === "paused";
      if (!again) hunt.train();
      if (hunt.source !== "live") map.choose("live");
      hunt.live = "training";
      this.kernel?.ask({ do: again ? "go" : "train" });
    }
    map.redraw();
  }

  /** Before everything starts over. */
  pause() {
    if (this.map.hunt.live === "training") this.kernel?.ask({ do: "pause" });
  }

  hear(/** @type {any} */ message) {
    const { map, map: { hunt } } = this;
    const { liveScores: scores } = hunt;
    if (!scores) return;
    this.who.textContent = CAN;
    for (const one of message.rows) scores.grow(one);
    map.root.dataset.state = message.stopped ?? "training";
    if (message.stopped) hunt.live = message.stopped;
    if (hunt.source === "live") {
      hunt.at = scores.end;
      if (message.stopped || !tooSoon(map.drawn)) map.redraw();
    }
    if (message.stopped) this.askPictures();
    if (message.stopped === "done") map.say(hunt.verdict());
  }

  /** What the network of a cell does, if it was not trained on meanwhile. */
  take(/** @type {any} */ message, /** @type {any[]} */ buffers) {
    const scores = this.map.hunt.liveScores;
    if (!scores || message.epoch !== scores.epochs.length) return;
    scores.pictures[message.cell] = unpack(buffers[0], { picture: [0, buffers[0].byteLength, "uint8"] }).picture;
    this.map.redraw();
  }

  /** Only a kernel is asked, and only where it stands still. */
  askPictures() {
    const { source, live, kept, chosen, scores } = this.map.hunt;
    if (source !== "live" || live === "training") return;
    for (const cell of [kept, chosen])
      if (cell >= 0 && !scores.diverged[cell]) this.kernel?.tell({ do: "picture", cell });
  }

  close() {
    this.kernel?.close();
  }
}
