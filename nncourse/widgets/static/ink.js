// From strokes of a pen to the picture that a network gets, as MNIST's makers did it: scaled into
// 20x20 pixels, then moved so that the centre of mass is in the middle of 28x28. Draws nothing.

export const PAD = 64; // the pad has 64x64 places
const PEN = 2.6; // radius of the pen
const SIDE = 28;
const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";

/** @typedef {[number, number]} Place */

/** A place on the pad as two letters, for the link. */
export const written = (/** @type {number} */ x, /** @type {number} */ y) =>
  LETTERS[Math.max(0, Math.min(63, Math.floor(x)))] + LETTERS[Math.max(0, Math.min(63, Math.floor(y)))];

/** Strokes from their letters; a dot lifts the pen. What is no letter of ours is left out. */
export function strokesOf(/** @type {string} */ text) {
  return String(text).split(".").map((part) => {
    const numbers = [...part].map((letter) => LETTERS.indexOf(letter)).filter((k) => k >= 0);
    return numbers.flatMap((x, k) => (k % 2 === 0 && k + 1 < numbers.length ? [/** @type {Place} */ ([x + 0.5, numbers[k + 1] + 0.5])] : []));
  }).filter((stroke) => stroke.length);
}

/** Ink from 0 to 1 on the pad (64 x 64, row by row). */
export function inked(/** @type {Place[][]} */ strokes) {
  const pad = new Float64Array(PAD * PAD);
  for (const stroke of strokes)
    stroke.forEach(([x1, y1], k) => {
      const [x0, y0] = stroke[Math.max(0, k - 1)];
      const [dx, dy] = [x1 - x0, y1 - y0];
      const long = dx * dx + dy * dy || 1;
      const from = (/** @type {number} */ a, /** @type {number} */ b) => Math.max(0, Math.floor(Math.min(a, b) - PEN - 1));
      const to = (/** @type {number} */ a, /** @type {number} */ b) => Math.min(PAD - 1, Math.ceil(Math.max(a, b) + PEN + 1));
      for (let row = from(y0, y1); row <= to(y0, y1); row++)
        for (let column = from(x0, x1); column <= to(x0, x1); column++) {
          const [x, y] = [column + 0.5, row + 0.5];
          const along = Math.max(0, Math.min(1, ((x - x0) * dx + (y - y0) * dy) / long));
          const away = Math.hypot(x - x0 - along * dx, y - y0 - along * dy);
          const ink = Math.max(0, Math.min(1, PEN + 0.5 - away));
          pad[row * PAD + column] = Math.max(pad[row * PAD + column], ink);
        }
    });
  return pad;
}

/** Centre of mass (right, down) in pixels from the left upper corner, or null where no ink is. */
export function centreOfMass(/** @type {ArrayLike<number>} */ image, side = SIDE) {
  let [sum, right, down] = [0, 0, 0];
  for (let k = 0; k < image.length; k++) {
    sum += image[k];
    right += image[k] * ((k % side) + 0.5);
    down += image[k] * (Math.floor(k / side) + 0.5);
  }
  return sum > 0 ? /** @type {Place} */ ([right / sum, down / sum]) : null;
}

/** The value between four pixels; outside there is none. */
function between(/** @type {ArrayLike<number>} */ image, /** @type {number} */ side, /** @type {number} */ x, /** @type {number} */ y) {
  const column = Math.floor(x - 0.5);
  const row = Math.floor(y - 0.5);
  const right = x - 0.5 - column;
  const down = y - 0.5 - row;
  // One picture asks for this twelve thousand times: nothing is made anew here.
  const at = (/** @type {number} */ i, /** @type {number} */ j) => (i >= 0 && j >= 0 && i < side && j < side ? image[i * side + j] : 0);
  return (1 - down) * (1 - right) * at(row, column) + (1 - down) * right * at(row, column + 1)
    + down * (1 - right) * at(row + 1, column) + down * right * at(row + 1, column + 1);
}

/** The picture (28 x 28) of what stands on a square of `side` pixels, prepared like MNIST. */
export function centred(/** @type {ArrayLike<number>} */ pad, side = PAD) {
  const image = new Float64Array(SIDE * SIDE);
  const middle = centreOfMass(pad, side);
  if (!middle) return image;
  const places = Array.from(pad, (_, k) => k).filter((k) => pad[k] > 0.1);
  const [columns, rows] = [places.map((k) => k % side), places.map((k) => Math.floor(k / side))];
  const extent = (/** @type {number[]} */ ones) => ones.reduce((a, b) => Math.max(a, b), 0) - ones.reduce((a, b) => Math.min(a, b), side) + 1;
  const step = Math.max(extent(columns), extent(rows), 1) / 20; // of the pad, for one pixel
  const fine = 4; // samples of a pixel in each direction
  for (let k = 0; k < image.length; k++)
    for (let part = 0; part < fine * fine; part++) {
      const x = middle[0] + ((k % SIDE) + ((part % fine) + 0.5) / fine - SIDE / 2) * step;
      const y = middle[1] + (Math.floor(k / SIDE) + (Math.floor(part / fine) + 0.5) / fine - SIDE / 2) * step;
      image[k] += between(pad, side, x, y) / fine ** 2;
    }
  return image;
}

/** The picture turned clockwise about its middle, then moved by whole pixels. */
export function moved(/** @type {ArrayLike<number>} */ image, right = 0, down = 0, degrees = 0) {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  return Float64Array.from({ length: SIDE * SIDE }, (_, k) => {
    const [x, y] = [(k % SIDE) + 0.5 - right - SIDE / 2, Math.floor(k / SIDE) + 0.5 - down - SIDE / 2];
    return between(image, SIDE, SIDE / 2 + cos * x + sin * y, SIDE / 2 - sin * x + cos * y);
  });
}

/** Pixels from their numbers in a text, each once. */
export const flipsOf = (/** @type {string} */ text) =>
  [...new Set(String(text).split(".").filter(Boolean).map(Number))].filter((k) => Number.isInteger(k) && k >= 0 && k < SIDE * SIDE);

/** Turns light pixels dark and dark ones light. */
export function flipped(/** @type {Float64Array} */ image, /** @type {number[]} */ flips) {
  const changed = Float64Array.from(image);
  for (const k of flips) changed[k] = image[k] < 0.5 ? 1 : 0;
  return changed;
}
