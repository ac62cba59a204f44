// Charts that answer: Vega-Lite specifications drawn in the page, in its colours and at its width, with what a mark stands for.
// No text is evaluated: expressions are parsed to trees and interpreted (content security policy).
import { expressionInterpreter } from "vega-interpreter";
import { parse, View, type Spec } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import { make } from "./elements";

/** What the page says about all its charts: the configuration, the colours' names, how numbers and times are written. */
interface Look {
  config: Record<string, unknown>;
  colours: Record<string, string>;
  numbers: Record<string, unknown>;
  times: Record<string, unknown>;
}

const drawn = new Map<HTMLElement, View>();
const watched = new WeakSet<HTMLElement>();
let look: Look | undefined;

function theLook(): Look {
  look ??= JSON.parse(document.getElementById("chart-look")?.textContent ?? "{}") as Look;
  return look;
}

/** The page's colours of this moment. A variable may be light-dark(…), so an element is asked what it comes to. */
function colours(): Map<string, string> {
  const probe = make("span", { hidden: true });
  document.body.append(probe);
  const found = new Map<string, string>();
  for (const [token, colour] of Object.entries(theLook().colours)) {
    probe.style.color = `var(--${token})`;
    found.set(colour.toLowerCase(), getComputedStyle(probe).color || colour);
  }
  probe.remove();
  return found;
}

/** The same structure with each of the theme's colours as the page has it. */
function coloured(value: unknown, now: Map<string, string>): unknown {
  if (typeof value === "string") return now.get(value.toLowerCase()) ?? value;
  if (Array.isArray(value)) return value.map((one) => coloured(one, now));
  if (value && typeof value === "object") {
    // data rows are not looks
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, key === "values" ? one : coloured(one, now)]));
  }
  return value;
}

type Loose = Record<string, unknown>;

/** Whether a plot may become narrower: one view, or layers, whose width is not counted in steps. */
function bends(spec: Loose): boolean {
  return !["facet", "repeat", "concat", "hconcat", "vconcat"].some((key) => key in spec) && typeof spec.width !== "object" && !hasFacet(spec);
}

function hasFacet(spec: Loose): boolean {
  const encoding = (spec.encoding ?? {}) as Loose;
  return "row" in encoding || "column" in encoding || "facet" in encoding;
}

const LEAST = 260;

/** Legends keep their share of the width: fewer columns in a narrower plot. */
function narrowLegends(part: unknown, share: number): void {
  if (Array.isArray(part)) for (const one of part) narrowLegends(one, share);
  else if (part && typeof part === "object") {
    for (const [key, one] of Object.entries(part as Loose)) {
      const legend = key === "legend" ? (one as Loose | null) : null;
      if (typeof legend?.columns === "number") legend.columns = Math.max(1, Math.floor(legend.columns * share));
      else if (key !== "values") narrowLegends(one, share);
    }
  }
}

function prepared(figure: HTMLElement): TopLevelSpec {
  const text = figure.querySelector('script[type="application/json"]')?.textContent ?? "{}";
  const now = colours();
  const spec = coloured(JSON.parse(text), now) as Loose;
  const config = coloured(theLook().config, now) as Loose;
  const own = (spec.config ?? {}) as Loose;
  const room = Math.max(LEAST, figure.clientWidth);
  const continuous = Number(((config.view ?? {}) as Loose).continuousWidth ?? 620);
  const natural = typeof spec.width === "number" ? spec.width : continuous;
  if (bends(spec) && natural + 60 > room) {
    spec.width = room;
    narrowLegends(spec, room / natural);
    spec.autosize = { type: "fit", contains: "padding" };
  }
  spec.config = { ...config, ...own, aria: false, mark: { ...((config.mark ?? {}) as Loose), tooltip: true } };
  return spec as unknown as TopLevelSpec;
}

let tip: HTMLElement | undefined;

/** Numbers in full are no help to the eye: four digits that count. */
function short(text: string): string {
  return /^-?\d+\.\d{4,}$/.test(text) ? Number(text).toLocaleString("en", { maximumSignificantDigits: 4, useGrouping: false }) : text;
}

/** Shows what a mark stands for, beside the pointer. */
function tell(_handler: unknown, event: MouseEvent, _item: unknown, value: unknown): void {
  if (value === null || value === undefined || value === "") {
    tip?.remove();
    tip = undefined;
    return;
  }
  tip ??= make("div", { class: "chart-tip", "aria-hidden": "true" });
  const pairs = typeof value === "object" ? Object.entries(value as Loose) : [];
  const list = make("dl", {}, ...pairs.flatMap(([key, one]) => [make("dt", {}, key), make("dd", {}, short(String(one)))]));
  tip.replaceChildren(pairs.length ? list : String(value));
  if (!tip.isConnected) document.body.append(tip);
  const box = tip.getBoundingClientRect();
  const left = Math.min(event.clientX + 14, innerWidth - box.width - 8);
  const above = event.clientY - box.height - 12;
  tip.style.left = `${Math.max(8, left)}px`;
  tip.style.top = `${above < 8 ? event.clientY + 18 : above}px`;
}

/** Draws a figure; its still picture stays for paper, and where the drawing fails. */
export async function draw(figure: HTMLElement): Promise<void> {
  if (!figure.querySelector('script[type="application/json"]')) return;
  const fresh = make("div", { class: "live", role: "img", "aria-label": figure.dataset.alt ?? "" });
  const compiled = compile(prepared(figure)).spec as Spec;
  const place = make("div", { "aria-hidden": "true" }); // said by the label around it
  fresh.append(place);
  const view = new View(parse(compiled, undefined, { ast: true }), {
    expr: expressionInterpreter,
    renderer: "svg",
    container: place,
    hover: true,
    tooltip: tell,
    // without names of its own for months, Vega writes English
    locale: { number: theLook().numbers, ...(theLook().times.months ? { time: theLook().times } : {}) },
  } as unknown as ConstructorParameters<typeof View>[1]);
  await view.runAsync();
  figure.querySelector(".live")?.remove();
  drawn.get(figure)?.finalize();
  (figure.querySelector(".still") ?? figure).after(fresh);
  figure.classList.add("is-live");
  drawn.set(figure, view);
  follow(figure);
}

/** A drawing follows the width of its place. */
function follow(figure: HTMLElement): void {
  if (watched.has(figure)) return;
  watched.add(figure);
  let width = figure.clientWidth;
  let timer = 0;
  new ResizeObserver(() => {
    if (Math.abs(figure.clientWidth - width) < 8) return;
    width = figure.clientWidth;
    clearTimeout(timer);
    timer = window.setTimeout(() => void again(figure), 200);
  }).observe(figure);
}

async function again(figure: HTMLElement): Promise<void> {
  if (!figure.isConnected) {
    drawn.get(figure)?.finalize();
    drawn.delete(figure);
    return;
  }
  try {
    await draw(figure);
  } catch (error) {
    console.warn("chart", error);
    figure.classList.remove("is-live");
  }
}

document.addEventListener("nonagon:theme", () => {
  for (const figure of [...drawn.keys()]) void again(figure);
});
