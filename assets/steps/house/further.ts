// The houses after the first: their rows are the columns of the house before, whose weights are carried down.
import { make } from "../../elements";
import { named, percent, send, tell, turned, type Further, type Place } from "./model";
import { Matrix } from "./stops";

const SYMBOLS: Record<number, string> = { 9: "●", 3: "○", 1: "△" };
const WORDS: Record<number, string> = { 9: "strong", 3: "medium", 1: "weak" };

export interface Carried {
  id: string;
  name: string;
}

/** One further house; `weigh` takes the weights of its rows and gives those of its columns. */
export function furtherOf(house: Further, rows: Carried[], place: Place, changed: () => void): { element: HTMLElement; weigh: (weights: number[]) => number[] } {
  const table = make("table", { class: "house-grid house-small", "aria-label": house.name || house.id });
  const stops = new Matrix(table);
  const shares: HTMLElement[] = [];
  const carried: HTMLElement[] = [];
  const strength = (row: string, column: string): number => house.relationships.find((one) => one.row === row && one.column === column)?.strength ?? 0;
  const head = make("tr", {}, make("th", { scope: "col", class: "house-need" }, house.name || house.id), make("th", { scope: "col", class: "house-side" }, tell("weight")), ...house.columns.map((column) => make("th", { scope: "col", class: "house-column" }, make("span", { class: "house-heading" }, make("span", { class: "house-name" }, column.name)))));
  const body = make("tbody", {});
  rows.forEach((row, line) => {
    const share = make("bdi", {});
    carried.push(share);
    const made = make("tr", {}, make("th", { scope: "row", class: "house-need" }, make("span", {}, row.name)), make("td", { class: "house-side house-read" }, share));
    house.columns.forEach((column, at) => {
      const cell = make("td", { class: "house-cell" });
      const show = (): void => {
        const value = strength(row.id, column.id);
        cell.textContent = SYMBOLS[value] ?? "";
        cell.dataset.strength = WORDS[value] ?? "";
        cell.setAttribute("aria-label", tell("cell_is", { need: row.name, characteristic: column.name, strength: tell(WORDS[value] ?? "none") }));
      };
      stops.add(line, at, cell);
      show();
      cell.addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey || !place.mayEdit) return;
        const keys: Record<string, number> = { "9": 9, "3": 3, "1": 1, "0": 0, Delete: 0, Backspace: 0 };
        const value = keys[event.key];
        if (value === undefined) return;
        event.preventDefault();
        const before = strength(row.id, column.id);
        const keep = (now: number): void => {
          house.relationships = house.relationships.filter((one) => !(one.row === row.id && one.column === column.id));
          if (now) house.relationships.push({ row: row.id, column: column.id, strength: now });
          show();
          changed();
        };
        keep(value);
        const path = ["houses", `@${house.id}`, "relationships", named({ row: row.id, column: column.id })];
        void send(place, [{ op: "put", path, value: value ? { strength: value } : null }], (theirs) => {
          keep(theirs === undefined ? before : ((theirs as { strength?: number } | null)?.strength ?? 0));
        });
      });
      made.append(cell);
    });
    body.append(made);
  });
  const total = make("tr", {}, make("th", { scope: "row", class: "house-need", colspan: "2" }, tell("relative")));
  house.columns.forEach(() => {
    const share = make("bdi", {});
    shares.push(share);
    total.append(make("td", { class: "house-under house-read" }, share));
  });
  body.append(total);
  table.append(make("thead", {}, head), body);
  table.addEventListener("keydown", (event) => {
    if (!turned(event, place)) stops.onKey(event);
  });
  const weigh = (weights: number[]): number[] => {
    weights.forEach((one, at) => carried[at] && (carried[at].textContent = percent(one)));
    const absolute = house.columns.map((column) => rows.reduce((sum, row, at) => sum + (weights[at] ?? 0) * strength(row.id, column.id), 0));
    const whole = absolute.reduce((sum, one) => sum + one, 0);
    const relative = absolute.map((one) => (whole > 0 ? one / whole : 0));
    relative.forEach((one, at) => shares[at] && (shares[at].textContent = whole > 0 ? percent(one) : ""));
    return relative;
  };
  return { element: make("section", { class: "house-part" }, make("h4", {}, house.name || house.id), make("div", { class: "house-scroll" }, table)), weigh };
}
