// The state of a figure as a link, the figure alone on a projector or in another page, and where
// its mathematics is written down.
import { button, make, row } from "./shared.js";
import { copyText, writeLink } from "./links.js";

/** Link, whole screen, a page of its own, and what to paste into another page. */
export function shareRow(
  /** @type {string} */ name,
  /** @type {HTMLElement} */ root,
  /** @type {boolean} */ page,
  /** @type {() => Record<string, string>} */ state,
) {
  const note = make("output");
  const tell = async (/** @type {Promise<string>} */ said) => (note.textContent = await said);
  const whole = button("Full screen", () => root.requestFullscreen?.());
  if (!page) return row(whole);
  const address = () => {
    const url = new URL(location.href);
    url.search = `?figure=${encodeURIComponent(name)}`;
    url.hash = "";
    return url.href;
  };
  const frame = () => `<iframe src="${address()}" width="100%" height="900" title="${root.ariaLabel}"></iframe>`;
  return make("div", { class: "nn-share" },
    row(button("Link to this state", () => tell(writeLink(name, state()))), whole, note),
    make("details", {}, make("summary", {}, "Show it alone, or in a page of yours"),
      row(button("This figure alone", () => location.assign(address())),
        button("Copy for another page", () => tell(copyText(frame(), "The <iframe> is copied."))))));
}

/** Names of `nnlib`, on a page with links to their very lines. */
export function whereRow(/** @type {string[]} */ names) {
  if (!names?.length) return null;
  const sources = /** @type {any} */ (window).nnSources ?? {};
  const links = names.flatMap((name, k) => {
    const code = make("code", {}, name);
    return [k ? ", " : "", sources[name] ? make("a", { href: sources[name] }, code) : code];
  });
  return make("p", { class: "nn-who" }, "The same mathematics in nnlib: ", ...links, ".");
}
