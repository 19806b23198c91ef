// The state of a figure on a page, as a link to it.

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

/** Puts the state into the address, and the address into the clipboard where that is allowed. */
export function writeLink(/** @type {string} */ name, /** @type {Record<string, string>} */ state) {
  const hash = "#" + new URLSearchParams({ figure: name, ...state }).toString();
  history.replaceState(null, "", hash);
  const there = "The link stands in the address bar.";
  return copyText(location.href, "The link is copied, and stands in the address bar.", there);
}

/** Puts a text into the clipboard; says what became of it. */
export async function copyText(/** @type {string} */ text, /** @type {string} */ done, otherwise = text) {
  try {
    await navigator.clipboard.writeText(text);
    return done;
  } catch {
    return otherwise;
  }
}
