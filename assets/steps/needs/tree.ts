// The tree: walked, moved, named by keyboard or by hand. It is drawn from the workbench after every change.
import { icon, make } from "../../elements";
import { takeTurn } from "../../fields";
import { shortcut } from "../../keys";
import { mergeNeed, removeNeed, splitNeed } from "./dialogs";
import type { Said } from "./said";
import type { Goal, Need, Workbench } from "./workbench";

export function startTree(bench: Workbench, said: Said): void {
  const place = bench.section.querySelector<HTMLElement>("[data-tree]");
  if (place) new Tree(bench, said, place);
}

class Tree {
  private selected: string | null = null;
  private readonly closed = new Set<string>();
  private naming: { id: string | null; parent: string | null } | null = null;
  private typed = "";
  private typedAt = 0;
  private dragged: string | null = null;
  private readonly rtl = document.documentElement.dir === "rtl";

  constructor(
    private readonly bench: Workbench,
    private readonly said: Said,
    private readonly place: HTMLElement,
  ) {
    place.setAttribute("role", "tree");
    place.addEventListener("keydown", (event) => this.key(event));
    place.addEventListener("click", (event) => this.click(event));
    place.addEventListener("focusin", (event) => {
      const id = event.target instanceof HTMLElement ? event.target.dataset.need : undefined;
      if (id && id !== this.selected) this.select(id, false);
    });
    place.addEventListener("dblclick", (event) => {
      const id = this.idAt(event.target);
      if (id && bench.mayEdit) this.startNaming(id);
    });
    place.addEventListener("dragstart", (event) => this.dragStart(event));
    place.addEventListener("dragover", (event) => this.dragOver(event));
    place.addEventListener("dragleave", () => this.unmark());
    place.addEventListener("drop", (event) => this.drop(event));
    place.addEventListener("dragend", () => this.dragEnd());
    bench.section.addEventListener("click", (event) => this.button(event));
    bench.onChange(() => this.draw());
    this.draw();
    const ordered = bench.inOrder().map((one) => one.need.id);
    const first = ordered.find((id) => bench.count(id).verbatims > 0) ?? ordered[0];
    if (first) this.select(first, false);
    for (const [keys, does] of this.keysTold()) shortcut(keys, does);
  }

  private keysTold(): [string, string][] {
    if (!this.bench.mayEdit) return [];
    const words: [string, string][] = [];
    for (const button of this.bench.section.querySelectorAll<HTMLElement>("[data-need-act]")) {
      const keys = button.querySelector("kbd")?.textContent ?? "";
      words.push([keys, (button.textContent ?? "").replace(keys, "").trim()]);
    }
    return words;
  }

  // ---------------------------------------------------------------- drawing

  private draw(): void {
    const focused = this.place.contains(document.activeElement) && !this.naming;
    const { needs } = this.bench;
    if (this.selected && !this.bench.need(this.selected)) this.selected = this.bench.inOrder()[0]?.need.id ?? null;
    const empty = this.bench.section.querySelector<HTMLElement>("[data-no-needs]");
    if (empty) empty.hidden = needs.length > 0 || this.naming !== null;
    const items = this.level(null, 1);
    this.place.replaceChildren(...items);
    if (items.length) this.place.setAttribute("role", "tree");
    else this.place.removeAttribute("role");
    if (this.naming) this.place.querySelector<HTMLInputElement>("input")?.focus();
    else if (focused) this.focus();
    this.dull();
  }

  private level(parent: string | null, depth: number): HTMLElement[] {
    const items = this.bench.below(parent).map((need) => this.item(need, depth));
    if (this.naming?.id === null && this.naming.parent === parent) {
      items.push(make("div", { role: "treeitem", "aria-level": String(depth), class: "need-item" }, this.nameField("")));
    }
    return items;
  }

  private item(need: Need, depth: number): HTMLElement {
    const inside = this.level(need.id, depth + 1);
    const open = !this.closed.has(need.id) || this.naming?.parent === need.id;
    const count = this.bench.count(need.id);
    const counted = count.verbatims || count.heard ? this.bench.say("heard", { verbatims: count.verbatims, heard: count.heard }) : this.bench.say("nothing_said");
    const row = make(
      "div",
      { class: "need-row", draggable: this.bench.mayEdit && this.naming?.id !== need.id ? "true" : undefined },
      inside.length ? make("span", { class: "need-twist", "data-twist": true, "aria-hidden": "true" }, icon(open ? "chevron-down" : this.rtl ? "chevron-left" : "chevron-right")) : make("span", { class: "need-twist", "aria-hidden": "true" }),
      this.naming?.id === need.id ? this.nameField(need.name) : make("span", { class: "need-name" }, make("bdi", {}, need.name)),
      make("span", { class: "need-count", title: counted }, make("span", { "aria-hidden": "true" }, count.verbatims ? String(count.verbatims) : "–"), make("span", { class: "unseen" }, `, ${counted}`)),
    );
    const item = make(
      "div",
      {
        role: "treeitem",
        class: "need-item",
        "data-need": need.id,
        "aria-level": String(depth),
        "aria-selected": String(need.id === this.selected),
        "aria-expanded": inside.length ? String(open) : undefined,
        tabindex: need.id === this.selected ? "0" : "-1",
      },
      row,
    );
    // What lies below stands beside the item, not inside: an item's words are its own. Its level says where it belongs.
    const branch = make("div", { class: "need-branch" }, item);
    if (inside.length && open) branch.append(make("div", { role: "group", class: "need-group" }, ...inside));
    return branch;
  }

  private itemOf(id: string | null): HTMLElement | null {
    return id === null ? null : this.place.querySelector<HTMLElement>(`[data-need="${CSS.escape(id)}"]`);
  }

  private idAt(target: EventTarget | null): string | null {
    return target instanceof Element ? (target.closest<HTMLElement>("[data-need]")?.dataset.need ?? null) : null;
  }

  private focus(): void {
    this.itemOf(this.selected)?.focus({ preventScroll: false });
  }

  private select(id: string, focus = true): void {
    const before = this.itemOf(this.selected);
    before?.setAttribute("aria-selected", "false");
    before?.setAttribute("tabindex", "-1");
    this.selected = id;
    const now = this.itemOf(id);
    now?.setAttribute("aria-selected", "true");
    now?.setAttribute("tabindex", "0");
    if (focus) this.focus();
    this.said.show(id);
    this.dull();
  }

  /** Buttons that need a need wait until there is one. */
  private dull(): void {
    for (const button of this.bench.section.querySelectorAll<HTMLButtonElement>("[data-need-act]")) {
      const act = button.dataset.needAct;
      button.disabled = act !== "new" && (this.selected === null || (act === "merge" && this.bench.needs.length < 2));
    }
  }

  private tell(key: string, places: Record<string, string | number> = {}): void {
    const at = this.bench.section.querySelector("[data-tree-said]");
    if (at) at.textContent = this.bench.say(key, places);
  }

  // ---------------------------------------------------------------- walking

  private visible(): string[] {
    return [...this.place.querySelectorAll<HTMLElement>("[data-need]")].map((one) => one.dataset.need ?? "");
  }

  private walk(step: number): void {
    const ids = this.visible();
    const at = ids.indexOf(this.selected ?? "");
    const next = ids[Math.min(ids.length - 1, Math.max(0, at + step))];
    if (next) this.select(next);
  }

  private key(event: KeyboardEvent): void {
    if (this.naming) return;
    const id = this.selected;
    const inward = this.rtl ? "ArrowLeft" : "ArrowRight";
    const outward = this.rtl ? "ArrowRight" : "ArrowLeft";
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && this.bench.mayEdit) {
      event.preventDefault();
      void takeTurn(this.bench.section, event.shiftKey ? "redo" : "undo");
      return;
    }
    if (event.ctrlKey || event.metaKey) return;
    if (event.altKey) {
      const moves: Record<string, () => void> = {
        ArrowUp: () => this.step(-1),
        ArrowDown: () => this.step(1),
        [inward]: () => this.indent(),
        [outward]: () => this.outdent(),
      };
      const move = moves[event.key];
      if (!move || !this.bench.mayEdit) return;
      event.preventDefault();
      move();
      return;
    }
    const keys: Record<string, () => void> = {
      ArrowDown: () => this.walk(1),
      ArrowUp: () => this.walk(-1),
      Home: () => this.walk(-1e6),
      End: () => this.walk(1e6),
      [inward]: () => this.openOrDown(id),
      [outward]: () => this.closeOrUp(id),
    };
    if (this.bench.mayEdit) {
      Object.assign(keys, {
        Enter: () => id && this.startNaming(id),
        F2: () => id && this.startNaming(id),
        Insert: () => this.startNew(id),
        n: () => this.startNew(id),
        N: () => this.startNew(id ? (this.bench.need(id)?.parent ?? null) : null),
        m: () => this.act("merge"),
        s: () => this.act("split"),
        Delete: () => this.act("remove"),
        Backspace: () => this.act("remove"),
      });
    }
    const does = keys[event.key] ?? (event.key.length === 1 && /\S/.test(event.key) ? () => this.find(event.key) : null);
    if (!does) return;
    event.preventDefault();
    event.stopPropagation();
    does();
  }

  private openOrDown(id: string | null): void {
    if (id === null || !this.bench.below(id).length) return;
    if (this.closed.delete(id)) this.draw();
    else this.walk(1);
  }

  private closeOrUp(id: string | null): void {
    if (id === null) return;
    if (this.bench.below(id).length && !this.closed.has(id)) {
      this.closed.add(id);
      this.draw();
      return;
    }
    const parent = this.bench.need(id)?.parent;
    if (parent && this.bench.need(parent)) this.select(parent);
  }

  /** Letters that are no command of their own go to the next need that begins so. */
  private find(letter: string): void {
    const now = Date.now();
    this.typed = now - this.typedAt > 800 ? letter : this.typed + letter;
    this.typedAt = now;
    const ids = this.visible();
    const from = ids.indexOf(this.selected ?? "") + (this.typed.length > 1 ? 0 : 1);
    const ordered = [...ids.slice(from), ...ids.slice(0, from)];
    const found = ordered.find((one) => this.bench.nameOf(one).toLowerCase().startsWith(this.typed.toLowerCase()));
    if (found) this.select(found);
  }

  // ---------------------------------------------------------------- moving

  private move(id: string, goal: Goal, told: string, places: Record<string, string> = {}): void {
    if (goal.parent) this.closed.delete(goal.parent);
    const sent = this.bench.place(id, goal);
    this.tell(sent ? told : "not_possible_here", { name: this.bench.nameOf(id), ...places });
  }

  private step(by: 1 | -1): void {
    const need = this.selected ? this.bench.need(this.selected) : undefined;
    if (!need) return;
    const beside = this.bench.below(this.bench.parentOf(need));
    const at = beside.findIndex((one) => one.id === need.id);
    const other = beside[at + by];
    if (!other) {
      this.tell("not_possible_here");
      return;
    }
    const before = by < 0 ? other.id : (beside[at + 2]?.id ?? null);
    this.move(need.id, { parent: need.parent, before }, by < 0 ? "moved_up" : "moved_down");
  }

  private indent(): void {
    const need = this.selected ? this.bench.need(this.selected) : undefined;
    if (!need) return;
    const beside = this.bench.below(this.bench.parentOf(need));
    const above = beside[beside.findIndex((one) => one.id === need.id) - 1];
    if (above) this.move(need.id, { parent: above.id, before: null }, "moved_in", { parent: above.name });
    else this.tell("not_possible_here");
  }

  private outdent(): void {
    const need = this.selected ? this.bench.need(this.selected) : undefined;
    const parent = need?.parent ? this.bench.need(need.parent) : undefined;
    if (!need || !parent) {
      this.tell("not_possible_here");
      return;
    }
    const uncles = this.bench.below(this.bench.parentOf(parent));
    const next = uncles[uncles.findIndex((one) => one.id === parent.id) + 1];
    this.move(need.id, { parent: parent.parent, before: next?.id ?? null }, "moved_out");
  }

  // ---------------------------------------------------------------- naming

  private nameField(value: string): HTMLElement {
    const input = make("input", { class: "form-control need-field", "data-naming": true, value, "aria-label": this.bench.say(value ? "need_name" : "name_of_new"), dir: "auto", maxlength: "200" });
    let over = false;
    const finish = (keep: boolean, again: boolean): void => {
      if (over) return;
      over = true;
      this.named(keep ? input.value.trim() : "", again);
    };
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.isComposing) return;
      if (event.key === "Enter") finish(true, event.shiftKey);
      else if (event.key === "Escape") finish(false, false);
      else return;
      event.preventDefault();
    });
    input.addEventListener("blur", () => finish(true, false));
    queueMicrotask(() => input.select());
    return input;
  }

  private startNaming(id: string): void {
    this.naming = { id, parent: null };
    this.draw();
  }

  private startNew(parent: string | null): void {
    if (parent) this.closed.delete(parent);
    this.naming = { id: null, parent };
    this.draw();
  }

  /** A name was typed. again: another one beside it follows. */
  private named(name: string, again: boolean): void {
    const naming = this.naming;
    this.naming = null;
    if (!naming) return;
    if (naming.id !== null) {
      const same = this.bench.nameOf(naming.id) === name;
      this.draw();
      if (name && !same) void this.bench.rename(naming.id, name);
      this.focus();
      return;
    }
    this.draw();
    if (name) {
      const id = this.bench.freshId(name);
      void this.bench.add({ id, name, parent: naming.parent, level: null }, { parent: naming.parent, before: null });
      this.select(id);
      if (again) this.startNew(naming.parent);
    } else this.focus();
  }

  // ---------------------------------------------------------------- buttons and pointer

  private button(event: Event): void {
    const at = event.target instanceof Element ? event.target : null;
    const act = at?.closest<HTMLElement>("[data-need-act]")?.dataset.needAct;
    if (act) this.act(act);
    const taken = at?.closest<HTMLElement>("[data-take-need]");
    if (taken) {
      const id = taken.dataset.takeNeed ?? "";
      void this.bench.add({ id, name: taken.dataset.name ?? id, parent: null, level: null }, { parent: null, before: null });
      this.select(id);
      taken.closest("li")?.remove();
    }
  }

  private act(act: string): void {
    const need = this.selected ? this.bench.need(this.selected) : undefined;
    if (act === "new") this.startNew(this.selected);
    if (!need) return;
    if (act === "rename") this.startNaming(need.id);
    if (act === "merge") void mergeNeed(this.bench, need).then((into) => into && this.select(into));
    if (act === "split") void splitNeed(this.bench, need, this.said.ticked()).then((made) => made && this.select(made));
    if (act === "remove") {
      const ids = this.visible();
      const next = ids[ids.indexOf(need.id) + 1] ?? ids[ids.indexOf(need.id) - 1];
      void removeNeed(this.bench, need).then((gone) => gone && next && this.bench.need(next) && this.select(next));
    }
  }

  private click(event: MouseEvent): void {
    const id = this.idAt(event.target);
    if (!id || !(event.target instanceof Element) || event.target.closest("input")) return;
    if (event.target.closest("[data-twist]") && this.bench.below(id).length) {
      if (!this.closed.delete(id)) this.closed.add(id);
      this.draw();
      return;
    }
    this.select(id);
  }

  private dragStart(event: DragEvent): void {
    this.dragged = this.idAt(event.target);
    if (!this.dragged || !event.dataTransfer) return;
    // A tree that is drawn anew would end the drag.
    this.bench.section.dataset.busy = "drag";
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", this.bench.nameOf(this.dragged));
  }

  private dragEnd(): void {
    this.dragged = null;
    delete this.bench.section.dataset.busy;
    this.unmark();
  }

  /** Over the upper quarter of a row: before it; over the lower one: after it; between: inside. */
  private goalAt(event: DragEvent): { goal: Goal; row: HTMLElement; where: string } | null {
    const id = this.idAt(event.target);
    const row = this.itemOf(id)?.querySelector<HTMLElement>(".need-row");
    const over = id ? this.bench.need(id) : undefined;
    if (!row || !over || !this.dragged || this.bench.branch(this.dragged).has(over.id)) return null;
    const box = row.getBoundingClientRect();
    const share = (event.clientY - box.top) / box.height;
    const parent = this.bench.parentOf(over);
    if (share < 0.25) return { goal: { parent, before: over.id }, row, where: "before" };
    if (share <= 0.75) return { goal: { parent: over.id, before: null }, row, where: "inside" };
    const beside = this.bench.below(parent).filter((one) => one.id !== this.dragged);
    const next = beside[beside.findIndex((one) => one.id === over.id) + 1];
    return { goal: { parent, before: next?.id ?? null }, row, where: "after" };
  }

  private dragOver(event: DragEvent): void {
    this.unmark();
    const found = this.goalAt(event);
    if (!found) return;
    event.preventDefault();
    found.row.dataset.drop = found.where;
  }

  private drop(event: DragEvent): void {
    const found = this.goalAt(event);
    const id = this.dragged;
    this.dragEnd();
    if (!found || !id) return;
    event.preventDefault();
    this.select(id, false);
    this.move(id, found.goal, "dropped", { where: found.goal.parent ? this.bench.nameOf(found.goal.parent) : this.bench.say("top_level") });
  }

  private unmark(): void {
    for (const one of this.place.querySelectorAll<HTMLElement>("[data-drop]")) delete one.dataset.drop;
  }
}
