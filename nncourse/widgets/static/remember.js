// What a reader chose is kept in this browser, over a reload, and goes nowhere else.

const PREFIX = "nncourse:";

/** What was kept under a name, or null; also where a browser keeps nothing. */
export function recall(/** @type {string} */ name) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name) ?? "null");
  } catch {
    return null;
  }
}

/** Keeps a value under a name; null forgets it. */
export function remember(/** @type {string} */ name, /** @type {any} */ value) {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // Full or forbidden: the page works without.
  }
}
