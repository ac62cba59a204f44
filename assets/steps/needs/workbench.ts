// What all parts of the page work on: the needs as they stand, and the way to the server.
import { baseOf, csrf, edit, unsaved, type Edit, type Outcome } from "../../edits";
import { reach, type Answer } from "../../reach";
import { wrong } from "../../toasts";

export interface Need {
  id: string;
  name: string;
  parent: string | null;
  level: number | null;
}

export interface Rule {
  need: string;
  phrases: string[];
  regex: string;
}

export interface Count {
  name: string;
  verbatims: number;
  heard: number;
}

interface Data {
  needs: Need[];
  rules: Rule[];
  merged: Record<string, string>;
  counts: Record<string, Count>;
  urls: Record<string, string>;
  words: Record<string, string>;
  version: number;
}

interface Index {
  byId: Map<string, Need>;
  below: Map<string | null, Need[]>;
}

/** Where a need goes: under which one, and before which of those there (null: after all of them). */
export interface Goal {
  parent: string | null;
  before: string | null;
}

export class Workbench {
  readonly url: string;
  readonly mayEdit: boolean;
  private data: Data;
  private readonly firstBase: number;
  private readonly listeners: (() => void)[] = [];
  private timer = 0;
  /** Made when it is asked for, gone with every change. */
  private index: Index | null = null;

  constructor(readonly section: HTMLElement) {
    this.data = JSON.parse(document.getElementById("workbench-data")?.textContent ?? "{}") as Data;
    this.url = section.dataset.url ?? "";
    this.firstBase = Number(section.dataset.base ?? 0);
    this.mayEdit = section.dataset.readonly === undefined;
    // Whatever changes the document, a field further below or an undo, changes the tree too.
    document.addEventListener("nonagon:saved", (event) => {
      if ((event as CustomEvent<{ url: string }>).detail.url === this.url) this.refreshSoon();
    });
    document.addEventListener("nonagon:refreshed", (event) => {
      if ((event as CustomEvent<{ parts: string[] }>).detail.parts.includes("section")) this.refreshSoon();
    });
  }

  get needs(): Need[] {
    return this.data.needs;
  }

  get rules(): Rule[] {
    return this.data.rules;
  }

  get base(): number {
    return baseOf(this.url, this.firstBase);
  }

  /** A sentence of the page, its {places} filled in. */
  say(key: string, places: Record<string, string | number> = {}): string {
    return (this.data.words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name: string) => String(places[name] ?? whole));
  }

  address(name: string, query: Record<string, string> = {}): string {
    const at = this.data.urls[name] ?? "";
    const more = new URLSearchParams(query).toString();
    return more ? `${at}?${more}` : at;
  }

  need(id: string): Need | undefined {
    return this.indexed().byId.get(id);
  }

  private indexed(): Index {
    if (!this.index) {
      const byId = new Map(this.data.needs.map((one) => [one.id, one]));
      const below = new Map<string | null, Need[]>();
      this.index = { byId, below };
      for (const one of this.data.needs) {
        const parent = this.parentOf(one);
        below.set(parent, [...(below.get(parent) ?? []), one]);
      }
    }
    return this.index;
  }

  nameOf(id: string): string {
    return this.need(id)?.name ?? id;
  }

  count(id: string): Count {
    return this.data.counts[id] ?? { name: id, verbatims: 0, heard: 0 };
  }

  /** The needs right below one, or at the top, in their order. */
  below(parent: string | null): Need[] {
    return this.indexed().below.get(parent) ?? [];
  }

  /** Where the tree shows a need: under its parent, or at the top where its parents lead nowhere or in a circle. */
  parentOf(need: Need): string | null {
    const seen = new Set([need.id]);
    for (let above = need.parent; above !== null; ) {
      const one = seen.has(above) ? undefined : this.need(above);
      if (!one) return null;
      seen.add(above);
      above = one.parent;
    }
    return need.parent;
  }

  /** Ids of a need and of all below it. */
  branch(id: string): Set<string> {
    const found = new Set([id]);
    for (const one of found) for (const child of this.below(one)) found.add(child.id);
    return found;
  }

  /** All needs as the tree shows them, each with its depth. */
  inOrder(parent: string | null = null, depth = 0): { need: Need; depth: number }[] {
    if (depth > this.needs.length) return [];
    return this.below(parent).flatMap((need) => [{ need, depth }, ...this.inOrder(need.id, depth + 1)]);
  }

  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  private changed(): void {
    this.index = null;
    for (const listener of this.listeners) listener();
  }

  /** Shows a change at once and sends it; when it is not kept, what stands comes back. */
  async change(edits: Edit[], apply: () => void): Promise<boolean> {
    apply();
    this.changed();
    const outcome: Outcome = await edit(this.url, this.base, edits);
    if (outcome.kind === "saved") return true;
    if (outcome.kind !== "theirs") wrong(outcome.problem);
    await this.refresh();
    return false;
  }

  rename(id: string, name: string): Promise<boolean> {
    return this.change([{ op: "set", path: ["needs", `@${id}`, "name"], value: name }], () => {
      const need = this.need(id);
      if (need) need.name = name;
    });
  }

  add(need: Need, goal: Goal): Promise<boolean> {
    const to = this.positionFor(goal, this.needs);
    return this.change([{ op: "add", path: ["needs"], value: need, to }], () => this.needs.splice(to, 0, need));
  }

  /** Moves a need, with all below it. Stated levels are taken off what moves, so that the place in the tree counts. */
  place(id: string, goal: Goal): Promise<boolean> | null {
    const need = this.need(id);
    if (!need || (goal.parent !== null && this.branch(id).has(goal.parent)) || goal.before === id) return null;
    const rest = this.needs.filter((one) => one.id !== id);
    const to = this.positionFor(goal, rest);
    const edits: Edit[] = [];
    if (need.parent !== goal.parent) {
      edits.push({ op: "set", path: ["needs", `@${id}`, "parent"], value: goal.parent });
      for (const one of this.branch(id)) {
        if (this.need(one)?.level !== null) edits.push({ op: "set", path: ["needs", `@${one}`, "level"], value: null });
      }
    }
    if (to !== this.needs.findIndex((one) => one.id === id)) edits.push({ op: "move", path: ["needs", `@${id}`], to });
    if (!edits.length) return null;
    const branch = need.parent === goal.parent ? new Set<string>() : this.branch(id);
    return this.change(edits, () => {
      need.parent = goal.parent;
      for (const one of this.needs) if (branch.has(one.id)) one.level = null;
      this.data.needs = [...rest.slice(0, to), need, ...rest.slice(to)];
    });
  }

  /** The position in the flat list, from which the moving need is taken out already. */
  private positionFor(goal: Goal, list: Need[]): number {
    if (goal.before !== null) return Math.max(0, list.findIndex((one) => one.id === goal.before));
    // Behind the last one there and all below it, so that the list reads as the tree does.
    if (goal.parent === null) return list.length;
    const inside = this.branch(goal.parent);
    return list.reduce((last, one, place) => (inside.has(one.id) ? place + 1 : last), 0);
  }

  /** A short name for other documents, made of the need's name, that nobody has yet. */
  freshId(name: string): string {
    const plain = name.toLowerCase().replace(/ä/g, "ae").replace(/ö/g, "oe").replace(/ü/g, "ue").replace(/ß/g, "ss");
    const letters = plain.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").replace(/[^a-z0-9]+/g, "_");
    const stem = letters.replace(/^_+|_+$/g, "").slice(0, 32).replace(/_+$/, "") || "need";
    const taken = new Set([...this.needs.map((one) => one.id), ...Object.keys(this.data.merged ?? {})]);
    let id = stem;
    for (let more = 2; taken.has(id); more += 1) id = `${stem}_${more}`;
    return id;
  }

  /** Asks the server; the answer's body, or what is wrong. */
  async ask<T>(name: string, query: Record<string, string>, signal?: AbortSignal): Promise<Answer<T>> {
    return reach<T>(this.address(name, query), { signal });
  }

  /** Has the server do something that is more than an edit of one place. */
  async act<T extends { version?: number }>(name: string, body: unknown): Promise<Answer<T>> {
    const answer = await reach<T>(this.address(name), {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrf() },
      body: JSON.stringify(body),
    });
    if (answer.ok) {
      baseOf(this.url, Number(answer.body.version ?? 0));
      document.dispatchEvent(new CustomEvent("nonagon:refresh", { detail: { parts: ["decisions", "computing"] } }));
      await this.refresh();
    }
    return answer;
  }

  /** The tree as the server holds it. */
  async refresh(): Promise<void> {
    const answer = await this.ask<Data>("tree", {});
    if (!answer.ok || this.busy()) return;
    baseOf(this.url, answer.body.version);
    this.data = { ...this.data, ...answer.body };
    this.changed();
  }

  /** Whether something is under way that a fresh tree would disturb. */
  private busy(): boolean {
    return unsaved() || this.section.dataset.busy !== undefined || this.section.querySelector("[data-naming]") !== null;
  }

  private refreshSoon(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      if (this.busy()) this.refreshSoon();
      else void this.refresh();
    }, 700);
  }
}
