// A small grey picture as an address: a bitmap file, written byte by byte. An encoder of PNG is slower,
// and a press of a cell asks for ninety pictures at once.

const [SIDE, LEVELS] = [8, 17];
const HEAD = 54; // bytes, before the shades
/** Two and four bytes of a whole number, the lowest first. */
const short = (/** @type {number} */ x) => [x & 255, (x >> 8) & 255];
const long = (/** @type {number} */ x) => [...short(x), ...short(x >> 16)];

/** 8 by 8 values from 0 (paper) to 16 (ink), row by row: ink on paper, or light on dark. */
export function bitmapOf(/** @type {ArrayLike<number>} */ values, /** @type {boolean} */ dark) {
  const [paper, ink] = dark ? [30, 235] : [255, 20];
  const shades = Array.from({ length: LEVELS }, (_, level) => {
    const shade = Math.round(paper + ((ink - paper) * level) / (LEVELS - 1));
    return [shade, shade, shade, 0];
  });
  const start = HEAD + 4 * LEVELS;
  const pixels = SIDE * SIDE;
  const row = (/** @type {number} */ k) => Array.from(values).slice(SIDE * k, SIDE * k + SIDE);
  const file = [
    66, 77, ...long(start + pixels), ...long(0), ...long(start), // "BM", size, nothing, where pixels start
    ...long(40), ...long(SIDE), ...long(SIDE), ...short(1), ...short(8), // of the second head; one byte a pixel
    ...long(0), ...long(pixels), ...long(0), ...long(0), ...long(LEVELS), ...long(0), // not packed
    ...shades.flat(), ...[7, 6, 5, 4, 3, 2, 1, 0].flatMap(row), // from the lowest row up
  ];
  return `data:image/bmp;base64,${btoa(String.fromCharCode(...file))}`;
}
