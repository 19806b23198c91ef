// How wide a drawing is. Who asks for it after a change makes the page lay out anew: so all drawings
// of a figure ask together, before the first of them draws, and from then on the page tells.

const HIDDEN = 480; // pixels, for what is not shown
/** Those that have not asked yet. @type {Set<Width>} */
const unknown = new Set();

export class Width {
  /** `changed` is called when the element turns narrower or wider than it was `drawn`. */
  constructor(/** @type {HTMLElement} */ element, /** @type {() => void} */ changed) {
    this.element = element;
    this.known = this.drawn = 0;
    unknown.add(this);
    new ResizeObserver(() => {
      this.measure();
      if (Math.abs(this.known - this.drawn) > 1) changed();
    }).observe(element);
  }

  measure() {
    this.known = this.element.clientWidth;
    unknown.delete(this);
  }

  /** The pixels to draw for. */
  take() {
    if (unknown.has(this)) for (const one of unknown) if (one.element.isConnected) one.measure();
    return (this.drawn = this.known || HIDDEN);
  }
}
