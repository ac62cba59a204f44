// Needs compared two by two (analytic hierarchy process), with the consistency ratio as one types.
import { make } from "../../elements";
import { named, percent, send, tell, turned, type House, type Place } from "./model";
import { Matrix } from "./stops";
import { posted } from "./weights";

interface Answer {
  missing: number;
  weights?: number[];
  consistency_ratio?: number | null;
  worst_pair?: [number, number];
}

const SHOWN: Record<string, string> = { "0.5": "1/2", "0.333": "1/3", "0.25": "1/4", "0.2": "1/5", "0.167": "1/6", "0.143": "1/7", "0.125": "1/8", "0.111": "1/9" };

function words(times: number | null): string {
  if (times === null) return "";
  return times >= 1 ? String(Number(times.toFixed(2))) : (SHOWN[String(Number(times.toFixed(3)))] ?? String(Number(times.toFixed(3))));
}

export function pairsOf(house: House, place: Place): HTMLElement {
  const needs = house.needs;
  const table = make("table", { class: "house-grid house-small", "aria-label": tell("pairs_title") });
  const stops = new Matrix(table);
  const status = make("p", { class: "house-said", role: "status" });
  const weights: HTMLElement[] = [];
  const entry = (a: string, b: string): House["pairs"][number] | undefined => house.pairs.find((one) => (one[0] === a && one[1] === b) || (one[0] === b && one[1] === a));
  const times = (a: string, b: string): number | null => {
    const held = entry(a, b);
    return held ? (held[0] === a ? held[2] : 1 / held[2]) : null;
  };
  let asked = 0;
  let timer = 0;
  const recalculate = (): void => {
    clearTimeout(timer);
    asked += 1;
    const mine = asked;
    timer = window.setTimeout(() => {
      const place_of = new Map(needs.map((need, at) => [need.id, at]));
      const pairs = house.pairs.filter(([a, b]) => place_of.has(a) && place_of.has(b) && a !== b).map(([a, b, value]) => [place_of.get(a), place_of.get(b), value]);
      if (needs.length < 2) return;
      void posted<Answer>(place.pairs, { needs: needs.length, pairs }).then((found) => {
        if (!found || mine !== asked) return;
        if (found.missing) {
          status.textContent = tell("missing_pairs", { count: found.missing, of: (needs.length * (needs.length - 1)) / 2 });
          for (const one of weights) one.textContent = "";
          return;
        }
        found.weights?.forEach((one, at) => weights[at] && (weights[at].textContent = percent(one)));
        const ratio = found.consistency_ratio ?? 0;
        const [a = 0, b = 0] = found.worst_pair ?? [];
        const verdict = ratio <= 0.1 ? tell("good_enough") : tell("inconsistent", { a: needs[a]?.name ?? "", b: needs[b]?.name ?? "" });
        status.textContent = tell("all_compared", { ratio: ratio.toFixed(2), verdict });
        status.classList.toggle("house-warning", ratio > 0.1);
      });
    }, 250);
  };
  const show = (cell: HTMLElement, a: House["needs"][number], b: House["needs"][number]): void => {
    const value = times(a.id, b.id);
    cell.textContent = words(value);
    cell.setAttribute("aria-label", tell("compare_ask", { a: a.name, b: b.name, times: value === null ? tell("none") : tell("times_as", { times: words(value) }) }));
  };
  const head = make("tr", {}, make("th", { scope: "col", class: "house-need" }, tell("need")), make("th", { scope: "col", class: "house-side" }, tell("weight")), ...needs.slice(1).map((need) => make("th", { scope: "col", class: "house-column" }, make("span", { class: "house-heading" }, make("span", { class: "house-name" }, need.name)))));
  const body = make("tbody", {});
  needs.forEach((a, row) => {
    const weight = make("bdi", {});
    weights.push(weight);
    const line = make("tr", {}, make("th", { scope: "row", class: "house-need" }, make("span", {}, a.name)), make("td", { class: "house-side house-read" }, weight));
    needs.slice(1).forEach((b, at) => {
      if (at + 1 <= row) {
        line.append(make("td", { class: "house-blank" }));
        return;
      }
      const cell = make("td", { class: "house-cell" });
      stops.add(row, at, cell);
      show(cell, a, b);
      cell.addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey || !place.mayEdit) return;
        const held = entry(a.id, b.id);
        const before = times(a.id, b.id);
        let value: number | null;
        if (/^[1-9]$/.test(event.key)) value = Number(event.key);
        else if (event.key === "/" && before !== null) value = 1 / before;
        else if (["0", "Delete", "Backspace"].includes(event.key)) value = null;
        else return;
        event.preventDefault();
        const [one, other] = held ? [held[0], held[1]] : [a.id, b.id];
        const keep = (now: number | null): void => {
          house.pairs = house.pairs.filter((pair) => !(pair[0] === one && pair[1] === other));
          if (now !== null) house.pairs.push([one, other, now]);
          show(cell, a, b);
          recalculate();
        };
        const stored = value === null ? null : one === a.id ? value : 1 / value;
        keep(stored);
        void send(place, [{ op: "put", path: ["importance_pairs", named({ a: one, b: other })], value: stored === null ? null : { times: stored } }], (theirs) => {
          keep(theirs === undefined ? (held?.[2] ?? null) : ((theirs as { times?: number } | null)?.times ?? null));
        });
      });
      line.append(cell);
    });
    body.append(line);
  });
  table.append(make("thead", {}, head), body);
  table.addEventListener("keydown", (event) => {
    if (!turned(event, place)) stops.onKey(event);
  });
  recalculate();
  return make("div", {}, make("div", { class: "house-scroll" }, table), status);
}
