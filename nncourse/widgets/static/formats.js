// Numbers as readers see them.

/** Three decimals for what is near one, powers of ten for the rest; never a bare NaN. */
export function number(/** @type {number} */ value) {
  if (!Number.isFinite(value)) return "no longer a number";
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.0005 || size >= 1e5)) return value.toExponential(1).replace("e+", "e");
  return size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : value.toFixed(3);
}

export const percent = (/** @type {number} */ share) => `${(100 * share).toFixed(1)}\u00a0%`;

/** A setting as its author wrote it: 0.0003 or 3e-5, without trailing zeros. */
export const setting = (/** @type {number} */ value) =>
  value !== 0 && Math.abs(value) < 1e-4 ? value.toExponential() : String(value);

/** A number at an axis: a true minus sign, and no row of zeros. */
export const tickText = (/** @type {number} */ value) =>
  (Math.abs(value) >= 1e4 ? value.toExponential().replace("e+", "e") : setting(value)).replaceAll("-", "\u2212");

/** Keeps 2-8-8-1 in one line. */
export const unbroken = (/** @type {string} */ text) => text.replace(/(\d)-(?=\d)/g, "$1\u2011");
