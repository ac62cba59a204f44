// What the house lacks: needs that nothing serves, characteristics that serve nothing, conflicts of the roof; marked as one types.
import { icon, make } from "../../elements";
import { refresh, send, tell, type House, type Place } from "./model";
import type { Cells, Weights } from "./weights";

const HINDERS: Record<string, string> = { "-": "hinders", "--": "hinders_strongly" };

interface Hole {
  key: string;
  sentence: string;
  list?: "accepted_empty_rows" | "accepted_conflicts";
  entry?: string;
  said?: string;
  label?: string;
  grave: boolean;
}

export class Holes {
  private readonly shown = new Map<string, HTMLElement>();

  constructor(
    private readonly root: HTMLElement,
    private readonly place: Place,
    private readonly house: House,
    private readonly cells: Cells,
  ) {}

  show(weights: Weights): void {
    const found = this.found(weights);
    const list = this.root.querySelector("ul") ?? make("ul", { class: "house-holes" });
    if (!list.isConnected) this.root.append(list);
    for (const [key, item] of this.shown) {
      if (found.some((one) => one.key === key) || item.contains(document.activeElement)) continue;
      item.remove();
      this.shown.delete(key);
    }
    for (const hole of found) {
      const item = this.shown.get(hole.key);
      if (item) {
        const said = item.querySelector<HTMLElement>(".house-hole-said");
        if (said && said.textContent !== hole.sentence) said.textContent = hole.sentence;
        item.classList.toggle("grave", hole.grave);
        continue;
      }
      const made = this.item(hole);
      this.shown.set(hole.key, made);
      list.append(made);
    }
    this.root.querySelector<HTMLElement>("[data-no-holes]")?.toggleAttribute("hidden", found.length > 0 || !this.house.needs.length || !this.house.characteristics.length);
  }

  private item(hole: Hole): HTMLElement {
    const item = make("li", { class: hole.grave ? "grave" : "" }, icon(hole.grave ? "alert-triangle" : "check"), make("span", { class: "house-hole-said" }, hole.sentence));
    const { list, entry } = hole;
    if (!list || entry === undefined) return item;
    const input = make("input", { type: "text", class: "form-control", value: hole.said ?? "", "aria-label": `${hole.label ?? ""}: ${hole.sentence}`, placeholder: hole.label ?? "" });
    input.readOnly = !this.place.mayEdit;
    input.addEventListener("change", () => {
      const value = input.value.trim() || null;
      const held = list === "accepted_conflicts" ? this.house.accepted_conflicts : this.house.accepted_rows;
      if (value === null) delete held[entry];
      else held[entry] = value;
      item.classList.toggle("grave", value === null);
      void send(this.place, [{ op: "put", path: [list, entry], value }], () => refresh());
    });
    item.append(input);
    return item;
  }

  private found(weights: Weights): Hole[] {
    const found: Hole[] = [];
    const names = new Map(this.house.characteristics.map((one) => [one.id, one.name]));
    const known = new Set<string>();
    for (const need of this.house.needs) {
      const empty = this.house.characteristics.every((column) => this.cells.mean(need.id, column.id) === 0);
      const said = this.house.accepted_rows[need.id];
      if (!empty && said === undefined) continue;
      known.add(need.id);
      const sentence = empty ? tell("empty_row", { name: need.name }) : `${need.name}: ${tell("no_longer")}`;
      found.push({ key: `row ${need.id}`, sentence, list: "accepted_empty_rows", entry: need.id, said: said ?? "", label: tell("accepted_row"), grave: empty && !said });
    }
    for (const [id, said] of Object.entries(this.house.accepted_rows)) {
      if (!known.has(id)) found.push({ key: `row ${id}`, sentence: `${id}: ${tell("no_longer")}`, list: "accepted_empty_rows", entry: id, said, label: tell("accepted_row"), grave: false });
    }
    for (const column of this.house.characteristics) {
      if (this.house.needs.every((need) => this.cells.mean(need.id, column.id) === 0)) {
        found.push({ key: `column ${column.id}`, sentence: tell("empty_column", { name: column.name }), grave: true });
      }
    }
    return [...found, ...this.conflicts(weights, names)];
  }

  private conflicts(weights: Weights, names: Map<string, string>): Hole[] {
    const columns = this.house.characteristics;
    const even = 1 / (columns.length || 1);
    const matters = (id: string): boolean => (weights.relative[columns.findIndex((one) => one.id === id)] ?? 0) >= even;
    const signs: [string, string, string][] = this.house.roof.filter(([a, b, sign]) => sign in HINDERS && names.has(a) && names.has(b));
    columns.forEach((a, at) => {
      for (const b of columns.slice(at + 1)) {
        const opposed = a.measurement !== null && a.measurement === b.measurement && [a.direction, b.direction].sort().join() === "higher,lower";
        if (opposed && !signs.some((one) => one.includes(a.id) && one.includes(b.id))) signs.push([a.id, b.id, "--"]);
      }
    });
    const used = new Set<string>();
    const found = signs.map(([a, b, sign]): Hole => {
      const entry = [`${a}/${b}`, `${b}/${a}`].find((one) => one in this.house.accepted_conflicts) ?? `${a}/${b}`;
      used.add(entry);
      const said = this.house.accepted_conflicts[entry] ?? "";
      const both = matters(a) && matters(b);
      const sentence = tell("conflict", { a: names.get(a) ?? a, b: names.get(b) ?? b, hinders: tell(HINDERS[sign] ?? "hinders") });
      return { key: `conflict ${entry}`, sentence: both ? `${sentence} ${tell("conflict_matters")}` : sentence, list: "accepted_conflicts", entry, said, label: tell("resolution"), grave: both && !said };
    });
    const old = Object.entries(this.house.accepted_conflicts).filter(([entry]) => !used.has(entry));
    return [...found, ...old.map(([entry, said]): Hole => ({ key: `conflict ${entry}`, sentence: `${entry.split("/").map((one) => names.get(one) ?? one).join(" / ")}: ${tell("no_longer")}`, list: "accepted_conflicts", entry, said, label: tell("resolution"), grave: false }))];
  }
}
