// The page of step 5: opportunities chosen where every method's ranks stand beside them; totals against the budget as one chooses.
import "./opportunities/opportunities.css";
import { baseOf, edit, same, turn, type Edit } from "../edits";
import { make, within } from "../elements";
import { typedNumber } from "../fields";
import { freshKey } from "./opportunities/keys";
import { shortcut } from "../keys";
import { wrong } from "../toasts";
import { language } from "../words";

interface Row {
  id: string;
  need: string;
  name: string;
  score_value: number | null;
  rank: number | null;
  ranks: (number | null)[];
  apart: boolean;
  kept: boolean;
  chosen: boolean;
  reason: string;
  effort: number | null;
  expected_effect: number | null;
  budget: number;
  benefit: [number, number, number];
}

interface Choice {
  rows: Row[];
  lowest: string[];
  plan_budget: number | null;
}

type Field = "chosen" | "name" | "effort" | "expected_effect" | "reason";

function block<T>(id: string): T | null {
  const at = document.getElementById(id);
  return at?.textContent ? (JSON.parse(at.textContent) as T) : null;
}

function tell(key: string, places: Record<string, string | number> = {}): string {
  const known = block<Record<string, string>>("choice-words") ?? {};
  return (known[key] ?? key).replace(/\{(\w+)\}/g, (whole, name: string) => String(places[name] ?? whole));
}

const money = (value: number): string => value.toLocaleString(language(), { maximumFractionDigits: 0 });

let sorting: { key: string; down: boolean } | null = null;

class Grid {
  private readonly table: HTMLTableElement | null;
  private readonly rows = new Map<string, Row>();

  constructor(
    private readonly root: HTMLElement,
    private readonly choice: Choice,
  ) {
    this.table = root.querySelector("table");
    for (const row of choice.rows) this.rows.set(row.id, row);
    for (const line of this.lines()) {
      const row = this.rowOf(line);
      const budget = line.querySelector("[data-budget]");
      if (row && budget && row.budget) budget.textContent = money(row.budget);
    }
    this.table?.addEventListener("change", (event) => void this.onChange(event.target as HTMLInputElement));
    this.table?.addEventListener("keydown", (event) => this.onKey(event));
    this.headings();
    root.querySelector<HTMLFormElement>("[data-choice-new]")?.addEventListener("submit", (event) => void this.add(event.target as HTMLFormElement, event.submitter));
    if (sorting) this.sort(sorting.key, sorting.down);
    this.total();
  }

  private lines(): HTMLTableRowElement[] {
    return [...(this.table?.tBodies[0]?.rows ?? [])];
  }

  private rowOf(line: Element | null): Row | undefined {
    return this.rows.get((line as HTMLElement | null)?.dataset.id ?? "");
  }

  private async send(edits: Edit[]): Promise<ReturnType<typeof edit> extends Promise<infer T> ? T : never> {
    return edit(this.root.dataset.url ?? "", Number(this.root.dataset.base), edits);
  }

  // ---------------------------------------------------------------- editing

  private async onChange(input: HTMLInputElement): Promise<void> {
    const field = input.dataset.field as Field | undefined;
    const row = this.rowOf(input.closest("tr"));
    if (!field || !row) return;
    let value: string | number | boolean | null;
    try {
      value = field === "chosen" ? input.checked : field === "name" || field === "reason" ? input.value.trim() : typedNumber(input.value);
      input.removeAttribute("aria-invalid");
    } catch (error) {
      input.setAttribute("aria-invalid", "true");
      wrong((error as Error).message);
      return;
    }
    if (same(value, row[field])) return;
    const before = row[field];
    Object.assign(row, { [field]: value });
    this.total();
    // an opportunity that nobody named has no entry yet: it is made with its first decision
    const first = !row.kept;
    row.kept = true;
    const path = ["opportunities", `@${row.id}`];
    const outcome = await this.send([first ? { op: "put", path, value: { need: row.need, [field]: value } } : { op: "set", path: [...path, field], value }]);
    if (outcome.kind === "saved") return;
    const theirs = outcome.kind === "theirs" ? outcome.conflict.theirs : before;
    const stands = theirs !== null && typeof theirs === "object" ? (theirs as Record<string, unknown>)[field] : theirs;
    if (outcome.kind !== "theirs") row.kept = !first;
    Object.assign(row, { [field]: stands });
    if (field === "chosen") input.checked = stands === true;
    else input.value = stands === null || stands === undefined ? "" : String(stands);
    this.total();
    if (outcome.kind === "refused") wrong(outcome.mistakes.map((one) => one.message).join(" ") || outcome.problem);
    else if (outcome.kind === "failed") wrong(outcome.problem);
  }

  private async add(form: HTMLFormElement, by: HTMLElement | null): Promise<void> {
    if ((by as HTMLButtonElement | null)?.value !== "add") return;
    const given = new FormData(form);
    const name = String(given.get("name") ?? "").trim();
    const need = String(given.get("need") ?? "").trim();
    if (!name || !need) return;
    const outcome = await this.send([{ op: "add", path: ["opportunities"], value: { id: freshKey(name, new Set(this.rows.keys())), need, name } }]);
    if (outcome.kind === "saved" || outcome.kind === "theirs") document.dispatchEvent(new CustomEvent("nonagon:refresh", { detail: { parts: ["decisions"] } }));
    else wrong(outcome.kind === "refused" ? outcome.mistakes.map((one) => one.message).join(" ") || outcome.problem : outcome.problem);
  }

  // ---------------------------------------------------------------- keys

  private onKey(event: KeyboardEvent): void {
    const at = event.target as HTMLElement;
    const line = at.closest("tr");
    if (!line || !(at instanceof HTMLInputElement)) return;
    if ((event.ctrlKey || event.metaKey) && ["z", "y"].includes(event.key.toLowerCase())) {
      const row = this.rowOf(line);
      const field = at.dataset.field as Field | undefined;
      if (row && field && field !== "chosen" && String(row[field] ?? "") !== at.value) return;
      event.preventDefault();
      const way = event.key.toLowerCase() === "y" || event.shiftKey ? "redo" : "undo";
      void turn(this.root.dataset.url ?? "", baseOf(this.root.dataset.url ?? "", Number(this.root.dataset.base)), way, this.root.dataset[way]);
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const lines = this.lines();
    const fields = within<HTMLInputElement>(line, "input");
    const place = fields.indexOf(at);
    const go = (to: HTMLInputElement | undefined): void => {
      if (!to) return;
      event.preventDefault();
      to.focus();
      if (to.type !== "checkbox") to.select();
    };
    const down = (by: number): void => {
      const next = lines[lines.indexOf(line as HTMLTableRowElement) + by];
      go(next ? within<HTMLInputElement>(next, "input")[place] : undefined);
    };
    if (event.key === "ArrowDown" || (event.key === "Enter" && !event.shiftKey)) down(1);
    else if (event.key === "ArrowUp" || event.key === "Enter") down(-1);
    else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      const whole = at.type === "checkbox" || (at.selectionStart === 0 && at.selectionEnd === at.value.length);
      const right = getComputedStyle(line).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
      if (whole) go(fields[place + (event.key === right ? 1 : -1)]);
    } else if (event.key === "Escape") {
      const field = at.dataset.field as Field | undefined;
      const row = this.rowOf(line);
      if (row && field && field !== "chosen") at.value = String(row[field] ?? "");
    }
  }

  // ---------------------------------------------------------------- order

  private headings(): void {
    for (const heading of within<HTMLElement>(this.root, "th[data-sort]")) {
      const key = heading.dataset.sort ?? "";
      const unit = heading.querySelector(".unit");
      const button = make("button", { type: "button" }, ...[...heading.childNodes].filter((one) => one !== unit));
      heading.prepend(button);
      button.addEventListener("click", () => this.sort(key, heading.getAttribute("aria-sort") === "ascending"));
    }
  }

  private value(row: Row, key: string): string | number | null {
    if (key.startsWith("method")) return row.ranks[Number(key.slice(6))] ?? null;
    switch (key) {
      case "chosen":
        return row.chosen ? 0 : 1;
      case "score":
        return row.score_value;
      case "name":
        return row.name;
      case "rank":
      case "effort":
      case "expected_effect":
      case "budget":
        return row[key];
      default:
        return null;
    }
  }

  private sort(key: string, down: boolean): void {
    sorting = { key, down };
    const sign = down ? -1 : 1;
    const order = this.lines().sort((one, other) => {
      const [a, b] = [this.rowOf(one), this.rowOf(other)].map((row) => (row ? this.value(row, key) : null));
      if (a === b) return 0;
      if (a === null || a === undefined) return 1;
      if (b === null || b === undefined) return -1;
      return sign * (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), language()));
    });
    this.table?.tBodies[0]?.append(...order);
    for (const heading of within<HTMLElement>(this.root, "th[data-sort]")) {
      if (heading.dataset.sort === key) heading.setAttribute("aria-sort", down ? "descending" : "ascending");
      else heading.removeAttribute("aria-sort");
    }
  }

  // ---------------------------------------------------------------- totals

  private total(): void {
    const chosen = [...this.rows.values()].filter((row) => row.chosen);
    const budget = chosen.reduce((sum, row) => sum + row.budget, 0);
    const [low, likely, high] = [0, 1, 2].map((at) => chosen.reduce((sum, row) => sum + (row.benefit[at] ?? 0), 0)) as [number, number, number];
    const whole = this.choice.plan_budget;
    const over = whole !== null && budget > whole;
    const of = whole === null ? "" : over ? tell("over_budget", { whole: money(whole), over: money(budget - whole) }) : tell("of_budget", { whole: money(whole), left: money(whole - budget) });
    const totals = this.root.querySelector<HTMLElement>("[data-choice-totals]");
    if (totals) {
      const figures = tell("totals", { count: chosen.length, budget: money(budget), of, low: money(low), likely: money(likely), high: money(high) });
      const bare = budget === 0 && likely === 0 && chosen.length > 0;
      totals.textContent = chosen.length ? (bare ? `${figures} ${tell("no_figures")}` : figures) : tell("nothing_chosen");
      totals.classList.toggle("over", over);
    }
    const lowest = this.root.querySelector<HTMLElement>("[data-choice-lowest]");
    if (!lowest || !this.choice.lowest.length) return;
    // the rule of the exit criterion: a higher score was chosen, none of the lowest is, and no reason is written
    const needs = new Set(chosen.map((row) => row.need));
    const covered = this.choice.lowest.some((id) => needs.has(this.rows.get(id)?.need ?? ""));
    const silent = !covered && chosen.some((row) => row.rank !== null && !row.reason);
    const apart = chosen.find((row) => row.apart);
    lowest.textContent = !chosen.length ? "" : apart ? tell("set_apart_chosen", { name: apart.name }) : silent ? tell("lowest_passed") : covered ? tell("lowest_taken") : "";
    lowest.classList.toggle("warn", silent || apart !== undefined);
  }
}

function start(): void {
  const root = document.querySelector<HTMLElement>("[data-choosing]");
  const choice = block<Choice>("choice-data");
  if (!root || !choice || root.dataset.ready) return;
  root.dataset.ready = "yes";
  new Grid(root, choice);
}

let held: [id: string, field: string] | null = null;
document.addEventListener("nonagon:refresh", () => {
  const at = document.activeElement;
  const line = at?.closest<HTMLElement>("[data-choosing] tr");
  if (at instanceof HTMLInputElement && line) held = [line.dataset.id ?? "", at.dataset.field ?? ""];
}, true);
start();
document.addEventListener("nonagon:refreshed", () => {
  start();
  if (held) document.querySelector<HTMLElement>(`[data-choosing] tr[data-id="${CSS.escape(held[0])}"] [data-field="${held[1]}"]`)?.focus();
  held = null;
});
// What is approved is what was read and typed on this page. Where a version lies between, somebody else has written: then the
// page's version stays behind, and the server says so instead of approving what was not read.
document.addEventListener("nonagon:saved", (event) => {
  const { url, version } = (event as CustomEvent<{ url: string; version: number }>).detail;
  const base = document.querySelector<HTMLInputElement>("[data-charter-base]");
  if (base && document.querySelector<HTMLElement>("[data-choosing]")?.dataset.url === url && version === Number(base.value) + 1) base.value = String(version);
});
shortcut("Space", tell("key_choose"));
