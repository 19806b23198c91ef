// Bundles the interactives:  npm run --prefix tests/widgets bundle
//
// From nncourse/widgets/static it writes to nncourse/widgets/bundled
//   kit.js       every shared part, once, as the global `nnKit`;
//   NAME.js      one figure, which takes its shared parts from there: `nnFigures.NAME`;
//   host.js      what starts the figures of a page; quiz.js; and the two style sheets.
// All are classic scripts, which browsers load from file:// too. In Jupyter, where a figure is one
// ES module, nncourse/widgets/base.py puts kit.js and NAME.js one after the other.
import { readFileSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const widgets = join(dirname(fileURLToPath(import.meta.url)), "../../nncourse/widgets");
const source = join(widgets, "static");
const target = process.argv[2] ?? join(widgets, "bundled");
const read = (name) => readFileSync(join(source, name), "utf8");
const parts = new Set([...read("kit.js").matchAll(/from "\.\/([\w-]+)\.js"/g)].map(([, name]) => name));
const figures = readdirSync(source)
  .filter((name) => name.endsWith(".js") && /^export default /m.test(read(name)))
  .map((name) => basename(name, ".js"));

/** What a figure imports from a shared part is the kit's. */
const fromKit = {
  name: "kit",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\/[\w-]+\.js$/ }, ({ path }) => {
      const name = basename(path, ".js");
      return name === "kit" || parts.has(name) ? { path: name, namespace: "kit", sideEffects: false } : null;
    });
    onLoad({ filter: /.*/, namespace: "kit" }, () => ({ contents: "module.exports = nnKit", loader: "js" }));
  },
};

/** A part of the kit may use only the kit, or a page would load a second copy of it. */
const onlyParts = {
  name: "only parts",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/[\w-]+\.js$/ }, ({ path, importer }) => {
      const name = basename(path, ".js");
      if (parts.has(name)) return null;
      return { errors: [{ text: `${basename(importer)} uses ${name}.js: list it in kit.js` }] };
    });
  },
};

const common = { bundle: true, minify: true, target: "es2022", charset: "utf8", legalComments: "none", logLevel: "warning" };
const write = (entry, more) =>
  build({ ...common, entryPoints: [join(source, entry)], outfile: join(target, entry), ...more });

await Promise.all([
  write("kit.js", { format: "iife", globalName: "nnKit", plugins: [onlyParts] }),
  ...figures.map((name) => write(`${name}.js`, { format: "iife", globalName: `nnFigures.${name}`, plugins: [fromKit] })),
  write("host.js", { format: "iife", plugins: [fromKit] }),
  write("quiz.js", { format: "iife" }),
  write("host.css", {}),
  write("quiz.css", {}),
]);
