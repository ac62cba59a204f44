// Style sheets, scripts and icons of the pages: assets/ -> src/nonagon/ui/static/build/.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const ASSETS = join(ROOT, "assets");
const OUT = join(ROOT, "src", "nonagon", "ui", "static", "build");
const ICONS = join(ROOT, "node_modules", "@tabler", "icons", "icons");

const SHARED = {
  outdir: OUT,
  bundle: true,
  minify: true,
  sourcemap: false,
  charset: "utf8",
  legalComments: "linked",
  logLevel: "warning",
};

/** Each step's special editors are an entry of their own, loaded by that step's page only. */
function steps() {
  return readdirSync(join(ASSETS, "steps"))
    .filter((name) => name.endsWith(".ts"))
    .map((name) => ({ in: join(ASSETS, "steps", name), out: `steps/${name.replace(/\.ts$/, "")}` }));
}

function modules() {
  const own = ["main", "charts", "data", "trace"].map((name) => ({ in: join(ASSETS, `${name}.ts`), out: name }));
  return build({ ...SHARED, entryPoints: [...own, ...steps()], format: "esm", target: "es2022" });
}

/** The theme is set before anything is painted, so this one is a plain script that the page waits for. */
function theme() {
  const entryPoints = [{ in: join(ASSETS, "theme.ts"), out: "theme" }];
  return build({ ...SHARED, entryPoints, format: "iife", target: "es2022" });
}

function sheets() {
  const entryPoints = ["main", "main.rtl"].map((name) => ({ in: join(ASSETS, "css", `${name}.css`), out: name }));
  return build({ ...SHARED, entryPoints, loader: { ".svg": "dataurl" } });
}

/** Stands on each symbol: what uses one inherits nothing from the file around it. Widths are the style sheet's. */
const LOOK = 'fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round"';

/** One file with the icons that assets/icons.txt names, each a symbol. */
function sprite() {
  const names = readFileSync(join(ASSETS, "icons.txt"), "utf8")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line && !line.startsWith("#"));
  const symbols = names.map((name) => {
    const drawing = readFileSync(join(ICONS, "outline", `${name}.svg`), "utf8");
    const inside = drawing
      .replace(/^[\s\S]*?<svg[^>]*>/, "")
      .replace(/<\/svg>\s*$/, "")
      .replace(/<path stroke="none"[^>]*\/>/, "")
      .replace(/\s+/g, " ")
      .trim();
    return `<symbol id="${name}" viewBox="0 0 24 24" ${LOOK}>${inside}</symbol>`;
  });
  writeFileSync(
    join(OUT, "icons.svg"),
    `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`,
  );
}

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
sprite();
copyFileSync(join(ASSETS, "mark.svg"), join(OUT, "mark.svg"));
await Promise.all([modules(), theme(), sheets()]);
