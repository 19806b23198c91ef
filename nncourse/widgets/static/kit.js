// The shared parts. A page loads them once; a figure imports what it needs from here.
export { askBet, choiceInWords } from "./bets.js";
export { Chart, curveLegend } from "./chart.js";
export { Cloud, turned } from "./cloud.js";
export { KernelEngine, PageEngine, networkOf, readReport } from "./engines.js";
export { number, percent, setting, unbroken } from "./formats.js";
export { NetworkGraph } from "./graph.js";
export { Kernel, SILENT } from "./kernel.js";
export { copyText, followLinks, readLink, writeLink } from "./links.js";
export { PageNetwork, SLOPE, measureLoss, randomNumbers, startWeights, storedNetwork } from "./network.js";
export { Pad } from "./pad.js";
export { paintInk, paintMatrix, paintSurface, paintValues, paintWeights } from "./pictures.js";
export { Plot, roundTicks } from "./plot.js";
export { recall, remember } from "./remember.js";
export { shareRow, whereRow } from "./share.js";
export {
  able, announcer, betBox, button, captionOf, choice, draw, figure, frame, goalList, make, row, slider,
  unpack, wayToKernel,
} from "./shared.js";
export { SimpleFigure, alike, figureOf } from "./simple.js";
export { calm, followTheme, inkOn, mix, palette, tooSoon } from "./theme.js";
export { Trainer } from "./trainer.js";
export { PageTraining, rowOrder } from "./training.js";
export { Width } from "./width.js";
