// The state of a figure on a page, as a link to it.
import { button, make, row } from "./shared.js";

/** The state that a link carries for the figure of this name, or null. */
export function readLink(/** @type {string} */ name) {
  const parameters = new URLSearchParams(location.hash.slice(1));
  return parameters.get("figure") === name ? parameters : null;
}

/** Calls back now, and whenever another link is opened on this page. */
export function followLinks(/** @type {() => void} */ changed) {
  window.addEventListener("hashchange", changed);
  changed();
  return () => window.removeEventListener("hashchange", changed);
}

/** A button that gives the state as a link, and what became of it. */
export function linkRow(/** @type {string} */ name, /** @type {() => Record<string, string>} */ state) {
  const note = make("output");
  return row(button("Link to this state", async () => (note.textContent = await writeLink(name, state()))), note);
}

/** Puts the state into the address, and the address into the clipboard where that is allowed. */
async function writeLink(/** @type {string} */ name, /** @type {Record<string, string>} */ state) {
  const hash = "#" + new URLSearchParams({ figure: name, ...state }).toString();
  history.replaceState(null, "", hash);
  try {
    await navigator.clipboard.writeText(location.href);
    return "The link is copied, and stands in the address bar.";
  } catch {
    return "The link stands in the address bar.";
  }
}
