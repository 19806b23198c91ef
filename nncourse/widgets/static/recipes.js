// The settings that the player offers, and its whole state as a link, which can say no more than
// the controls.
import { MOST_RUNS, lastEpoch } from "./runs.js";

/** @typedef {import("./training.js").Recipe} Recipe */
/** @typedef {import("./runs.js").Runs} Runs */
/** @typedef {Record<keyof Recipe, number[]>} Offered */

export const PATIENCES = [0, 5, 10, 20, 40];
const RATES = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 50];
const PENALTIES = [0, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1];

/** What each control offers, with the author's own choice among it. */
export function offer(/** @type {Recipe} */ own, /** @type {number} */ rows) {
  const among = (/** @type {number[]} */ usual, /** @type {number[]} */ ...more) =>
    [...new Set([...usual, ...more])].sort((a, b) => a - b);
  return /** @type {Offered} */ ({
    rate: among(RATES, own.rate),
    momentum: among([0, 0.5, 0.9], own.momentum),
    l2: among(PENALTIES, own.l2),
    batch: among([1, 4, 10, 20, 50], rows, own.batch).filter((size) => size <= rows),
    seed: among([1, 2, 3, 4, 5], own.seed),
  });
}

/** Settings, bet, and for each run whose branch it is, from where to where, and at which rates. */
export function writeState(
  /** @type {Runs} */ runs,
  /** @type {Recipe} */ { rate, momentum, l2, batch, seed },
  /** @type {number | "skipped" | null} */ bet,
) {
  const written = runs.all.map((run) => {
    const turns = run.records.slice(1).filter((one, k) => k === 0 || one.rate !== run.records[k].rate);
    const rates = turns.map((one) => `${one.epoch - 1}:${one.rate}`).join("_");
    return `${run.parent}.${run.from}-${lastEpoch(run)}@${rates || `${run.from}:${rate}`}`;
  });
  return {
    rate: `${rate}`, momentum: `${momentum}`, l2: `${l2}`, batch: `${batch}`, seed: `${seed}`,
    patience: `${runs.patience}`, bet: `${bet ?? ""}`,
    at: `${runs.shown}`, run: `${runs.current}`, runs: written.join("~"),
  };
}

/** What a link says, so far as a control could have said it; each run in legs of one rate. */
export function readState(
  /** @type {URLSearchParams} */ link,
  /** @type {{epochs: number, recipe: Recipe}} */ { epochs, recipe: own },
  /** @type {Offered} */ offered,
) {
  const value = (/** @type {string} */ key, /** @type {number[]} */ allowed, /** @type {number} */ otherwise) => {
    const given = Number(link.get(key) ?? NaN);
    return allowed.includes(given) ? given : otherwise;
  };
  const recipe = { ...own };
  for (const key of /** @type {(keyof Recipe)[]} */ (Object.keys(offered))) recipe[key] = value(key, offered[key], own[key]);
  const bet = link.get("bet") ?? "";
  const betted = /^\d+$/.test(bet) && Number(bet) <= epochs;
  const runs = [];
  for (const text of (link.get("runs") ?? "").split("~").slice(0, MOST_RUNS)) {
    const found = text.match(/^(?:(\d)\.)?(\d+)-(\d+)@([\d.:_e-]+)$/);
    if (!found) break;
    const to = Math.min(Number(found[3]), epochs);
    const said = found[4].split("_").map((turn) => turn.split(":").map(Number));
    const turns = said.filter(([, rate]) => offered.rate.includes(rate));
    const legs = turns.map(([, rate], k) => ({ rate, to: Math.min(turns[k + 1]?.[0] ?? to, to) }));
    runs.push({ parent: Number(found[1] ?? 0), from: Number(found[2]), legs });
  }
  return {
    recipe, patience: value("patience", PATIENCES, 0), runs,
    bet: betted ? Math.max(1, Number(bet)) : bet === "skipped" ? /** @type {const} */ ("skipped") : null,
    run: Number(link.get("run") ?? NaN), at: Math.round(Number(link.get("at"))) || 0,
  };
}
