// Four optimizers on a surface: the same start, the same batches. Draws nothing.
import { randomNumbers } from "./kit.js";

/** @typedef {[number, number]} Place */
/** @typedef {{plain: number, momentum: number, RMSprop: number, Adam: number}} Rates */
export const STEPS = 40;
export const RUNNERS = /** @type {(keyof Rates)[]} */ (["plain", "momentum", "RMSprop", "Adam"]);

const STEEP = 20; // curvature across the valley; along it 1
const R = Math.SQRT1_2; // a turn by 45 degrees
const NOISE = 3; // standard deviation of one row's gradient about the mean of all

/**
 * Loss, gradient, the limits of the map, start, lowest point, and the losses that contours are drawn at.
 * @type {Record<string, {loss: (p: Place) => number, gradient: (p: Place) => Place, x: Place, y: Place,
 *   start: Place, low: Place, levels: number[]}>}
 */
export const SURFACES = {
  straight: {
    loss: ([x, y]) => (x * x + STEEP * y * y) / 2,
    gradient: ([x, y]) => [x, STEEP * y],
    x: [-4, 2], y: [-2, 2], start: [-3, 1], low: [0, 0], levels: [0.1, 0.5, 2, 5, 10, 20, 35],
  },
  turned: {
    loss: ([x, y]) => ((R * (x + y)) ** 2 + STEEP * (R * (y - x)) ** 2) / 2,
    gradient([x, y]) {
      const [along, across] = [R * (x + y), STEEP * R * (y - x)];
      return [R * (along - across), R * (along + across)];
    },
    x: [-4, 2], y: [-4, 2], start: [-4 * R, -2 * R], low: [0, 0], levels: [0.1, 0.5, 2, 5, 10, 20, 35, 70],
  },
  bent: {
    loss: ([x, y]) => (1 - x) ** 2 + 10 * (y - x * x) ** 2,
    gradient: ([x, y]) => [-2 * (1 - x) - 40 * x * (y - x * x), 20 * (y - x * x)],
    x: [-2, 2], y: [-1, 3], start: [-1.5, 1.5], low: [1, 1], levels: [0.1, 0.5, 2, 6, 15, 35, 70],
  },
};

/** The rules of nnlib.optimizers, each a function that changes `p` by one step against `g`. */
const RULES = {
  plain: () => (/** @type {Place} */ p, /** @type {Place} */ g, /** @type {number} */ rate) => {
    for (const i of [0, 1]) p[i] -= rate * g[i];
  },
  momentum(/** @type {number} */ mu) {
    const v = [0, 0];
    return (/** @type {Place} */ p, /** @type {Place} */ g, /** @type {number} */ rate) => {
      for (const i of [0, 1]) p[i] += v[i] = mu * v[i] - rate * g[i];
    };
  },
  RMSprop() {
    const s = [0, 0];
    return (/** @type {Place} */ p, /** @type {Place} */ g, /** @type {number} */ rate) => {
      for (const i of [0, 1]) {
        s[i] = 0.9 * s[i] + (1 - 0.9) * g[i] * g[i];
        p[i] -= (rate * g[i]) / (Math.sqrt(s[i]) + 1e-8);
      }
    };
  },
  Adam() {
    const [m, s] = [[0, 0], [0, 0]];
    let t = 0;
    return (/** @type {Place} */ p, /** @type {Place} */ g, /** @type {number} */ rate) => {
      t += 1;
      for (const i of [0, 1]) {
        m[i] = 0.9 * m[i] + (1 - 0.9) * g[i];
        s[i] = 0.999 * s[i] + (1 - 0.999) * g[i] * g[i];
        p[i] -= (rate / (1 - 0.9 ** t)) * (m[i] / (Math.sqrt(s[i] / (1 - 0.999 ** t)) + 1e-8));
      }
    };
  },
};

/** What the batches of each step add to the gradient: the same for every runner; 0 rows: none left out. */
export function noiseOf(/** @type {number} */ rows, steps = STEPS) {
  const random = randomNumbers(7, 1);
  const one = () => (random() + random() + random() + random()) / 4294967296 - 2; // a bell, variance 1/3
  const size = rows ? NOISE / Math.sqrt(rows / 3) : 0;
  return Array.from({ length: steps }, () => /** @type {Place} */ ([size * one(), size * one()]));
}

/**
 * Every place of each runner. A state: `surface`, `batch` (0 for all rows), `mu`, a rate by the name
 * of each runner, and `from`, a start of the reader's own.
 * @returns {Record<string, {places: Place[], losses: number[]}>}
 */
export function race(/** @type {any} */ state, steps = STEPS) {
  const { loss, gradient } = SURFACES[state.surface];
  const noise = noiseOf(state.batch, steps);
  return Object.fromEntries(RUNNERS.map((name) => {
    const p = /** @type {Place} */ ([...startOf(state)]);
    const places = [/** @type {Place} */ ([...p])];
    const step = RULES[name](state.mu);
    for (const extra of noise) {
      const [gx, gy] = gradient(p);
      step(p, [gx + extra[0], gy + extra[1]], state[name]);
      places.push([p[0], p[1]]);
    }
    return [name, { places, losses: places.map(loss) }];
  }));
}

/** Where a race begins: the surface's own start, unless the reader has moved it there. */
export const startOf = (/** @type {any} */ { surface, from: [on, x, y] }) =>
  /** @type {Place} */ (on === surface ? [x, y] : SURFACES[surface].start);
export const ownStart = (/** @type {any} */ state) => startOf(state) === SURFACES[state.surface].start;

/** The step at which a runner is lost (above a million, or no number), or -1. */
export const lostAt = (/** @type {number[]} */ losses) => losses.findIndex((one) => !(one < 1e6));

/** Whether a runner is lost, or ends higher than it began. */
export const diverges = (/** @type {number[]} */ losses) => lostAt(losses) >= 0 || losses[losses.length - 1] > losses[0];

/** What a goal asks: below 0.001 with momentum, not by a lucky dip; or a rate that only momentum bears. */
export const arrives = (/** @type {any} */ state) =>
  state.surface !== "bent" && !state.batch && ownStart(state) && stays(race(state).momentum.losses);
export const stays = (/** @type {number[]} */ losses) => losses.slice(35).every((one) => one < 1e-3);
export function bearsMore(/** @type {any} */ state) {
  const { plain, momentum } = race(state);
  return state.plain === state.momentum && !state.batch && ownStart(state) && diverges(plain.losses) && !diverges(momentum.losses);
}

/** Pieces of the lines along which a loss is the same, by marching squares: [x1, y1, x2, y2]. */
export function contours(/** @type {string} */ surface, cells = 60) {
  const { loss, levels, x: [left, right], y: [low, high] } = SURFACES[surface];
  const at = (/** @type {number} */ i, /** @type {number} */ j) => /** @type {Place} */ ([left + (i / cells) * (right - left), low + (j / cells) * (high - low)]);
  const heights = Array.from({ length: cells + 1 }, (_, i) => Array.from({ length: cells + 1 }, (_, j) => loss(at(i, j))));
  /** @type {number[][]} */
  const pieces = [];
  for (const level of levels)
    for (let i = 0; i < cells; i++)
      for (let j = 0; j < cells; j++) {
        const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
        const crossed = corners.flatMap(([a, b], k) => {
          const [c, d] = corners[(k + 1) % 4];
          const [one, other] = [heights[a][b], heights[c][d]];
          if (one < level === other < level) return [];
          const share = (level - one) / (other - one);
          return at(a + share * (c - a), b + share * (d - b));
        });
        for (let k = 0; k + 3 < crossed.length; k += 4) pieces.push(crossed.slice(k, k + 4));
      }
  return pieces;
}
