// The grid of the house: needs against characteristics, with importances, planning, targets, both assessments and weights.
import { ask } from "../../dialogs";
import type { Edit } from "../../edits";
import { icon, make } from "../../elements";
import { typedNumber } from "../../fields";
import { wrong } from "../../toasts";
import { cellName, named, percent, refresh, send, short, tell, turned, wayOf, type Characteristic, type House, type Need, type Place } from "./model";
import { roofOf } from "./roof";
import { Matrix } from "./stops";
import { classic, exact, improvement, type Cells, type Weights } from "./weights";

const SYMBOLS: Record<number, string> = { 9: "●", 3: "○", 1: "△" };
const STRENGTHS: Record<number, string> = { 9: "strong", 3: "medium", 1: "weak" };
const ARROWS = { higher: "↑", lower: "↓", target: "◎" };
const KEYS: Record<string, number | null> = { "9": 9, "3": 3, "1": 1, "0": 0, Delete: null, Backspace: null };
const NEXT: Record<number, number> = { 0: 1, 1: 3, 3: 9, 9: 0 };

/** The judge whose cells are shown; null for the mean of all. */
export interface Look {
  judge: string | null;
  numbers: boolean;
}

interface Column {
  key: string;
  label: string;
  cell: (need: Need, row: number) => HTMLElement | string;
}

export class Grid {
  readonly stops: Matrix;
  private readonly table = make("table", { class: "house-grid" });
  private readonly scroll = make("div", { class: "house-scroll" });
  private readonly status = make("p", { class: "house-said", role: "status" });
  private readonly output = new Map<string, HTMLElement>();
  private weights: Weights;
  private timer = 0;
  private asked = 0;
  private observed = "";
  onChange: () => void = () => undefined;

  constructor(
    private readonly root: HTMLElement,
    private readonly place: Place,
    readonly house: House,
    readonly cells: Cells,
    readonly look: Look,
  ) {
    this.stops = new Matrix(this.table);
    this.weights = classic(house, cells);
    this.build();
    this.table.addEventListener("keydown", (event) => this.onKey(event));
    this.table.addEventListener("mousedown", (event) => this.onPress(event));
    this.root.replaceChildren(this.scroll, this.status);
    this.roof();
    this.recalculate();
  }

  // ---------------------------------------------------------------- building

  /** One more line of measurements below the grid. */
  addSubject(subject: string): void {
    this.house.subjects.push(subject);
    this.table.replaceChildren();
    this.output.clear();
    this.stops.clear();
    this.build();
    this.recalculate();
    this.stops.focus(this.house.needs.length + 6 + this.house.subjects.length, 1);
  }

  private build(): void {
    const planning = this.planning();
    this.table.setAttribute("aria-label", tell("key_strength"));
    const head = make("tr", {}, make("th", { scope: "col", class: "house-need" }, tell("need")), make("th", { scope: "col", class: "house-side" }, tell("importance")), make("th", { scope: "col", class: "house-side" }, tell("share_word")));
    this.house.characteristics.forEach((column, at) => head.append(this.heading(column, at)));
    for (const one of planning) head.append(make("th", { scope: "col", class: "house-side" }, one.label));
    const body = make("tbody", {});
    this.house.needs.forEach((need, row) => body.append(this.row(need, row, planning)));
    const foot = make("tbody", { class: "house-foot" });
    this.basement().forEach((line, place) => foot.append(this.footRow(line, this.house.needs.length + 1 + place, planning.length)));
    this.table.append(make("thead", {}, head), body, foot);
    this.scroll.append(this.table);
  }

  private heading(column: Characteristic, at: number): HTMLElement {
    const words = `${column.name}${column.unit ? ` (${column.unit})` : ""}`;
    const button = make("button", { type: "button", class: "house-heading", title: words }, make("span", { class: "house-name" }, words), make("span", { "aria-hidden": "true" }, ARROWS[column.direction]));
    this.stops.add(0, at + 1, button);
    button.addEventListener("click", () => void this.columnActions(column));
    const cell = make("th", { scope: "col", class: "house-column" }, button);
    this.output.set(`head ${column.id}`, cell);
    return cell;
  }

  private row(need: Need, row: number, planning: Column[]): HTMLElement {
    const name = make("th", { scope: "row", class: "house-need", title: need.above ? `${need.above} › ${need.name}` : need.name }, make("span", {}, need.name));
    this.output.set(`need ${need.id}`, name);
    const importance = make("td", { class: "house-side" }, this.importance(need, row));
    const share = make("td", { class: "house-side house-read" });
    this.output.set(`share ${row}`, share);
    const line = make("tr", {}, name, importance, share);
    this.house.characteristics.forEach((_column, at) => {
      const cell = make("td", { class: "house-cell" });
      this.stops.add(row + 1, at + 1, cell);
      this.output.set(`cell ${row} ${at}`, cell);
      this.show(row, at, cell);
      line.append(cell);
    });
    planning.forEach((one, at) => {
      const content = one.cell(need, row);
      const cell = make("td", { class: typeof content === "string" ? "house-side house-read" : "house-side" }, content);
      if (content instanceof HTMLElement) this.stops.add(row + 1, this.house.characteristics.length + 1 + at, content);
      if (one.key === "improvement") this.output.set(`improvement ${row}`, cell);
      line.append(cell);
    });
    return line;
  }

  private importance(need: Need, row: number): HTMLElement {
    const decided = need.kind === "decided";
    const shown = `${short(need.importance, 3) || "–"}${decided ? "*" : ""}`;
    const words = `${shown}, ${tell("importance")}: ${need.name}${decided ? `, ${tell("decided_importance")}` : ""}`;
    const button = make("button", { type: "button", class: "house-number", "aria-label": words, title: decided ? need.decided?.reason || tell("decided_importance") : need.kind }, shown);
    button.disabled = !this.place.mayEdit;
    button.addEventListener("click", () => void this.decideImportance(need));
    this.stops.add(row + 1, 0, button);
    return button;
  }

  private planning(): Column[] {
    const subjects = [...new Set(this.house.needs.flatMap((need) => Object.keys(need.competitors)))];
    const typed = (key: "now" | "target" | "sales_point", label: string): Column => ({
      key,
      label,
      cell: (need, row) => this.number(`${label}: ${need.name}`, need[key], key === "now" ? short(need.ours) : "", async (value) => {
        const before = need[key];
        need[key] = value;
        this.recalculate(row);
        const sent = key === "sales_point" ? (value ?? 1) : value;
        const emptied = need.now === null && need.target === null && (need.sales_point ?? 1) === 1;
        const edit: Edit = { op: "put", path: ["need_targets", named({ need: need.id })], value: emptied ? null : { [key]: sent } };
        await send(this.place, [edit], (theirs) => {
          need[key] = theirs === undefined ? before : ((theirs as Record<string, number | null> | null)?.[key] ?? null);
          this.recalculate(row);
          refresh();
        });
      }),
    });
    return [
      typed("now", tell("now_surveyed")),
      typed("target", tell("target")),
      { key: "improvement", label: tell("ratio"), cell: (need) => short(improvement(need)) },
      typed("sales_point", tell("sales_point")),
      { key: "us", label: tell("us"), cell: (need) => short(need.ours) },
      ...subjects.map((subject): Column => ({ key: subject, label: subject, cell: (need) => short(need.competitors[subject]) })),
    ];
  }

  private basement(): { label: string; key: string; cell: (column: Characteristic, at: number) => HTMLElement | string }[] {
    const typed = (key: "target" | "lower_limit" | "upper_limit" | "difficulty", label: string) => ({
      label,
      key,
      cell: (column: Characteristic) => this.number(`${label}: ${column.name}`, column[key], "", async (value) => {
        const before = column[key];
        column[key] = value;
        await send(this.place, [{ op: "set", path: ["characteristics", `@${column.id}`, key], value }], (theirs) => {
          column[key] = theirs === undefined ? before : (theirs as number | null);
          refresh();
        });
      }),
    });
    const measured = (subject: string, label: string) => ({
      label,
      key: `technical ${subject}`,
      cell: (column: Characteristic) => {
        const ours = subject === this.house.subject ? [subject, "us"] : [subject];
        const held = this.house.technical.find((one) => one[0] === column.id && ours.includes(one[1]));
        return this.number(`${label}: ${column.name}`, held?.[2] ?? null, "", async (value) => {
          const path = ["technical", named({ characteristic: column.id, subject: held?.[1] ?? subject })];
          await send(this.place, [{ op: "put", path, value: value === null ? null : { value } }], () => refresh());
        });
      },
    });
    const direction = {
      label: tell("direction"),
      key: "direction",
      cell: (column: Characteristic) => {
        const options = (["higher", "lower", "target"] as const).map((one) => make("option", { value: one, selected: column.direction === one }, ARROWS[one]));
        const select = make("select", { "aria-label": `${tell("direction")}: ${column.name}`, title: tell(column.direction === "target" ? "target_word" : column.direction) }, ...options);
        select.disabled = !this.place.mayEdit;
        select.addEventListener("change", () => {
          void send(this.place, [{ op: "set", path: ["characteristics", `@${column.id}`, "direction"], value: select.value }], () => refresh());
        });
        return select;
      },
    };
    const read = (key: string) => ({ label: tell(key), key, cell: (_column: Characteristic, at: number) => this.keep(`${key} ${at}`) });
    return [
      direction,
      typed("target", tell("target")),
      typed("lower_limit", tell("lower_limit")),
      typed("upper_limit", tell("upper_limit")),
      typed("difficulty", tell("difficulty")),
      measured(this.house.subject, tell("technical", { subject: tell("us") })),
      ...this.house.subjects.map((subject) => measured(subject, tell("technical", { subject }))),
      ...["absolute", "relative", "rank", "ratio_share", "ratio_rank"].map(read),
    ];
  }

  private footRow(line: { label: string; cell: (column: Characteristic, at: number) => HTMLElement | string }, row: number, planning: number): HTMLElement {
    const made = make("tr", {}, make("th", { scope: "row", class: "house-need", colspan: "3" }, line.label));
    this.house.characteristics.forEach((column, at) => {
      const content = line.cell(column, at);
      const editable = content instanceof HTMLElement && content.matches("input, select");
      made.append(make("td", { class: editable ? "house-under" : "house-under house-read" }, content));
      if (editable) this.stops.add(row, at + 1, content as HTMLElement);
    });
    if (planning) made.append(make("td", { colspan: String(planning), class: "house-blank" }));
    return made;
  }

  private keep(key: string): HTMLElement {
    const made = make("bdi", {});
    this.output.set(key, made);
    return made;
  }

  /** A number that is typed where it stands. */
  private number(label: string, value: number | null, hint: string, commit: (value: number | null) => Promise<void>): HTMLInputElement {
    const input = make("input", { type: "text", inputmode: "decimal", "aria-label": label, value: value === null ? "" : String(value), placeholder: hint, autocomplete: "off" });
    input.readOnly = !this.place.mayEdit;
    input.addEventListener("change", () => {
      try {
        const typed = typedNumber(input.value);
        input.removeAttribute("aria-invalid");
        void commit(typed);
      } catch (error) {
        input.setAttribute("aria-invalid", "true");
        wrong((error as Error).message);
      }
    });
    return input;
  }

  // ---------------------------------------------------------------- cells

  strength(need: string, column: string): number {
    return this.look.judge === null ? this.cells.mean(need, column) : (this.cells.of(need, column, this.look.judge) ?? 0);
  }

  private show(row: number, at: number, cell = this.output.get(`cell ${row} ${at}`)): void {
    const [need, column] = [this.house.needs[row], this.house.characteristics[at]];
    if (!cell || !need || !column) return;
    const strength = this.strength(need.id, column.id);
    const word = STRENGTHS[strength];
    const denied = this.look.judge && this.cells.of(need.id, column.id, this.look.judge) === 0;
    cell.textContent = strength ? (this.look.numbers || !word ? short(strength, 1) : (SYMBOLS[strength] ?? "")) : denied ? "0" : "";
    cell.dataset.strength = word ?? (strength ? "mean" : "");
    cell.setAttribute("aria-label", tell("cell_is", { need: need.name, characteristic: column.name, strength: word ? tell(word) : strength ? short(strength, 1) : tell("none") }));
  }

  showAll(): void {
    this.house.needs.forEach((_need, row) => this.house.characteristics.forEach((_column, at) => this.show(row, at)));
    this.recalculate();
  }

  /** Sets one cell, shows it and what follows at once, and sends it. */
  async put(row: number, at: number, strength: number | null): Promise<void> {
    const [need, column] = [this.house.needs[row], this.house.characteristics[at]];
    const judge = this.look.judge;
    if (!need || !column || judge === null || !this.place.mayEdit) return;
    // without judges "none" is no cell at all; a judge's no is recorded
    const wished = strength === 0 && judge === "" ? null : strength;
    const before = this.cells.of(need.id, column.id, judge);
    if (before === wished) return;
    this.cells.put(need.id, column.id, judge, wished);
    this.show(row, at);
    this.recalculate(row, at);
    const path = ["relationships", cellName(need.id, column.id, judge)];
    const value = wished === null ? null : { strength: wished };
    await send(this.place, [{ op: "put", path, value }], (theirs) => {
      const stands = theirs === undefined ? before : ((theirs as { strength?: number } | null)?.strength ?? null);
      this.cells.put(need.id, column.id, judge, stands);
      this.show(row, at);
      this.recalculate(row, at);
    });
  }

  // ---------------------------------------------------------------- weights

  /** The classic sum at once, then the exact weights from the server. */
  recalculate(row = -1, at = -1): void {
    this.weights = { ...classic(this.house, this.cells), ratio: null };
    this.showWeights(false);
    if (row >= 0) {
      const cell = this.output.get(`improvement ${row}`);
      const need = this.house.needs[row];
      if (cell && need) cell.textContent = short(improvement(need));
    }
    this.onChange();
    clearTimeout(this.timer);
    this.asked += 1;
    const mine = this.asked;
    this.timer = window.setTimeout(() => {
      void exact(this.place.preview, this.house, this.cells).then((found) => {
        if (!found || mine !== this.asked) return;
        this.weights = found;
        this.showWeights(true);
        const column = this.house.characteristics[at];
        if (column && found.rank[at] !== undefined) this.status.textContent = tell("rank_said", { name: column.name, rank: found.rank[at] ?? "", share: percent(found.relative[at] ?? 0) });
        else this.status.textContent = found.why ? tell("not_weighed", { why: found.why }) : tell("confirmed");
      });
    }, 250);
  }

  get current(): Weights {
    return this.weights;
  }

  private showWeights(confirmed: boolean): void {
    const { absolute, relative, rank, ratio, share } = this.weights;
    this.table.classList.toggle("house-typing", !confirmed);
    share.forEach((one, row) => this.write(`share ${row}`, percent(one)));
    this.house.characteristics.forEach((_column, at) => {
      this.write(`absolute ${at}`, short(absolute[at], 2));
      this.write(`relative ${at}`, relative[at] === undefined ? "" : percent(relative[at]));
      this.write(`rank ${at}`, rank[at] === undefined ? "" : String(rank[at]));
      this.write(`ratio_share ${at}`, ratio ? percent(ratio.relative[at] ?? 0) : "…");
      this.write(`ratio_rank ${at}`, ratio ? String(ratio.rank[at] ?? "") : "…");
    });
    for (const need of this.house.needs) {
      const empty = this.house.characteristics.every((column) => this.cells.mean(need.id, column.id) === 0);
      this.output.get(`need ${need.id}`)?.classList.toggle("house-hole", empty && !(need.id in this.house.accepted_rows));
    }
    for (const column of this.house.characteristics) {
      const empty = this.house.needs.every((need) => this.cells.mean(need.id, column.id) === 0);
      this.output.get(`head ${column.id}`)?.classList.toggle("house-hole", empty);
    }
  }

  private write(key: string, text: string): void {
    const at = this.output.get(key);
    if (at && at.textContent !== text) at.textContent = text;
  }

  // ---------------------------------------------------------------- keys and pointer

  private onKey(event: KeyboardEvent): void {
    const at = event.target as HTMLElement;
    const here = this.stops.of(at);
    if (!here || event.isComposing) return;
    const command = event.ctrlKey || event.metaKey;
    if (this.stops.typing(at) && wayOf(event)) return; // what is typed is the browser's to take back
    if (turned(event, this.place)) return;
    if (event.altKey && event.key.startsWith("Arrow")) {
      event.preventDefault();
      void this.move(here, event.key);
      return;
    }
    if (this.stops.onKey(event)) return;
    if (!at.classList.contains("house-cell") || command) return;
    if (event.key in KEYS) {
      event.preventDefault();
      void this.put(here[0] - 1, here[1] - 1, KEYS[event.key] ?? null);
    } else if (event.key === " ") {
      event.preventDefault();
      this.cycle(here[0] - 1, here[1] - 1);
    }
  }

  /** A press on the cell that has the focus already goes on to the next strength. */
  private onPress(event: MouseEvent): void {
    const cell = (event.target as HTMLElement).closest<HTMLElement>(".house-cell");
    const here = cell && this.stops.of(cell);
    if (!cell || !here || event.button !== 0) return;
    if (document.activeElement === cell) this.cycle(here[0] - 1, here[1] - 1);
  }

  private cycle(row: number, at: number): void {
    const [need, column] = [this.house.needs[row], this.house.characteristics[at]];
    if (need && column) void this.put(row, at, NEXT[this.strength(need.id, column.id)] ?? 9);
  }

  /** Alt and an arrow: the row or the column goes to another place. */
  private async move([row, at]: [number, number], key: string): Promise<void> {
    if (!this.place.mayEdit) return;
    if (key === "ArrowUp" || key === "ArrowDown") {
      const order = this.house.needs.map((need) => need.id);
      const to = row - 1 + (key === "ArrowUp" ? -1 : 1);
      if (row < 1 || row > order.length || to < 0 || to >= order.length) return;
      order.splice(to, 0, ...order.splice(row - 1, 1));
      remember(to + 1, at);
      await send(this.place, [{ op: "set", path: ["rows"], value: order }]);
    } else {
      const forward = getComputedStyle(this.table).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
      const to = at - 1 + (key === forward ? 1 : -1);
      const column = this.house.characteristics[at - 1];
      if (!column || to < 0 || to >= this.house.characteristics.length) return;
      remember(row, to + 1);
      await send(this.place, [{ op: "move", path: ["characteristics", `@${column.id}`], to }]);
    }
    refresh();
  }

  // ---------------------------------------------------------------- dialogs

  private async columnActions(column: Characteristic): Promise<void> {
    const choices = [{ value: "list", label: tell("go_to_list") }];
    if (this.place.mayEdit) choices.unshift({ value: "remove", label: tell("remove_column") });
    const answer = await ask(tell("column_actions", { name: column.name }), [], choices);
    if (answer === "list") {
      const row = document.querySelector<HTMLElement>(`#edit-characteristics [data-entry='${CSS.escape(JSON.stringify(["characteristics", `@${column.id}`]))}']`) ?? document.getElementById("edit-characteristics");
      row?.scrollIntoView({ block: "center" });
      row?.querySelector<HTMLElement>("input")?.focus();
    }
    if (answer !== "remove") return;
    const taken = (path: Edit["path"]): Edit => ({ op: "put", path, value: null });
    await send(this.place, [
      ...this.house.cells.filter((one) => one[1] === column.id).map((one) => taken(["relationships", cellName(one[0], one[1], one[2])])),
      ...this.house.roof.filter(([a, b]) => a === column.id || b === column.id).map(([a, b]) => taken(["roof", named({ a, b })])),
      ...this.house.technical.filter((one) => one[0] === column.id).map(([characteristic, subject]) => taken(["technical", named({ characteristic, subject })])),
      ...Object.keys(this.house.accepted_conflicts).filter((pair) => pair.split("/").includes(column.id)).map((pair) => taken(["accepted_conflicts", pair])),
      { op: "remove", path: ["characteristics", `@${column.id}`] },
    ]);
    refresh();
  }

  private async decideImportance(need: Need): Promise<void> {
    const field = (label: string, value: string): [HTMLElement, HTMLInputElement] => {
      const input = make("input", { class: "form-control", value, autocomplete: "off" });
      return [make("label", { class: "form-label house-field" }, label, input), input];
    };
    const [valueField, value] = field(tell("importance"), need.decided ? String(need.decided.value) : "");
    const [lowField, low] = field(tell("low"), need.decided?.low === undefined || need.decided.low === null ? "" : String(need.decided.low));
    const [highField, high] = field(tell("high"), need.decided?.high === undefined || need.decided.high === null ? "" : String(need.decided.high));
    const [reasonField, reason] = field(tell("decided_reason"), need.decided?.reason ?? "");
    const answer = await ask(`${tell("importance")}: ${need.name}`, [valueField, lowField, highField, reasonField], [{ value: "", label: tell("cancel") }, { value: "save", label: tell("save") }]);
    if (answer !== "save") return;
    try {
      const typed = typedNumber(value.value);
      const sent = typed === null ? null : { value: typed, low: typedNumber(low.value), high: typedNumber(high.value), reason: reason.value };
      const outcome = await send(this.place, [{ op: "put", path: ["importance", named({ need: need.id })], value: sent }]);
      if (outcome.kind === "saved" || outcome.kind === "theirs") refresh();
    } catch (error) {
      wrong((error as Error).message);
    }
  }

  // ---------------------------------------------------------------- roof

  private roof(): void {
    if (this.house.characteristics.length < 2) return;
    const holder = make("details", { class: "house-roof" }, make("summary", {}, icon("home"), " ", tell("roof")));
    holder.open = this.house.characteristics.length <= 24;
    this.scroll.prepend(holder);
    const drawn = roofOf(this.house, this.place, () => this.onChange(), () => this.stops.focus(0, 1));
    holder.append(make("p", { class: "quiet house-hint" }, tell("roof_hint")), drawn.element);
    const fit = (): void => {
      const first = this.stops.get(0, 1)?.closest("th");
      const last = this.stops.get(0, this.house.characteristics.length)?.closest("th");
      if (!first || !last) return;
      const [from, to, box] = [first.getBoundingClientRect(), last.getBoundingClientRect(), this.table.getBoundingClientRect()];
      const rtl = getComputedStyle(this.table).direction === "rtl";
      const start = rtl ? box.right - from.right : from.left - box.left;
      const width = rtl ? from.right - to.left : to.right - from.left;
      const now = `${Math.round(start)} ${Math.round(width)}`;
      if (width <= 0 || now === this.observed) return;
      this.observed = now;
      drawn.fit(start, width, rtl);
    };
    new ResizeObserver(fit).observe(this.table);
    fit();
  }
}

let wanted: [row: number, column: number] | null = null;

/** Where the focus shall be after the page has shown what stands. */
export function remember(row: number, column: number): void {
  wanted = [row, column];
}

export function remembered(): [row: number, column: number] | null {
  const found = wanted;
  wanted = null;
  return found;
}
