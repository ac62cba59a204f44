// Moving in a grid by keys, after the grid pattern of WAI-ARIA: the whole grid is one stop of the Tab key, at the cell that was
// used last; arrows, Home, End, Page Up and Page Down go on from there.
//
// Gone to: a cell has the focus and its text is selected; keys go to other cells, typing replaces, Tab leaves the grid.
// Typed in (Enter, F2, a second click, or the first letter): arrows move inside the text; Enter keeps and goes down, Tab keeps and
// goes to the next cell, Escape takes back.

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

export interface Layout {
  /** How many rows there are. */
  rows(): number;
  /** The stops of a row by column; a column without one is passed over. */
  row(at: number): (HTMLElement | undefined)[];
  /** Where a stop stands; null for what is none of this grid's. */
  place(element: Element): [row: number, column: number] | null;
  /** Buttons for a whole row stand beside its cells: Home, End and Tab pass them over. */
  beside?(stop: HTMLElement): boolean;
  /** Opens what a cell has of its own to edit it with; false where it has nothing. */
  open?(at: Control): boolean;
  /** Keeps what was typed in a cell. */
  keep(at: Control): void;
  /** Takes back what was typed in a cell; false where nothing was. */
  takeBack(at: Control): boolean;
  /** Enter in a cell of the last row. */
  further?(): void;
}

const PAGE = 10;

/** A cell with a text, a day or a choice of its own; a box to tick is not typed in. */
function typed(at: EventTarget | null): at is Control {
  if (at instanceof HTMLInputElement) return at.type !== "checkbox";
  return at instanceof HTMLTextAreaElement || at instanceof HTMLSelectElement;
}

const isDay = (at: EventTarget | null): at is HTMLInputElement => at instanceof HTMLInputElement && at.type === "date";
const reached = (stop: HTMLElement | undefined): stop is HTMLElement => stop !== undefined && !stop.matches(":disabled") && stop.checkVisibility({ visibilityProperty: true });

/** What the Tab key can come to in the window, or in the dialog that is open. */
function tabStops(around: Element): HTMLElement[] {
  const all = (around.closest("dialog") ?? document).querySelectorAll<HTMLElement>("a[href], button, input, select, textarea, summary, [tabindex]");
  return [...all].filter((one) => one.tabIndex >= 0 && reached(one));
}

export class Stops {
  private held: HTMLElement | undefined;
  private inside: EventTarget | null = null;
  private arriving: EventTarget | null = null;

  constructor(
    private readonly root: HTMLElement,
    private readonly layout: Layout,
  ) {
    root.setAttribute("role", "grid");
    root.addEventListener("focusin", (event) => this.onFocus(event.target as HTMLElement));
    root.addEventListener("beforeinput", (event) => (this.inside = event.target));
    root.addEventListener("input", (event) => isDay(event.target) && (this.inside = event.target));
    root.addEventListener("pointerdown", (event) => this.onPress(event.target as HTMLElement));
    root.addEventListener("click", (event) => this.onClick(event.target as HTMLElement));
  }

  // ---------------------------------------------------------------- the one stop

  /** Takes stops in; the first of a grid has the Tab key until another is used. */
  take(...stops: HTMLElement[]): void {
    for (const one of stops) if (one !== this.held) one.tabIndex = -1;
    if (!this.held) this.hold(stops.find((one) => !one.matches(":disabled")));
  }

  /** After rows went: the Tab key has a stop as long as there is one. */
  settle(): void {
    if (this.held?.isConnected) return;
    this.forget();
    for (let row = 0; row < this.layout.rows(); row += 1) this.take(...this.layout.row(row).filter((one) => one !== undefined));
  }

  /** Before all stops are built anew. */
  protected forget(): void {
    this.held = undefined;
  }

  private hold(stop: HTMLElement | undefined): void {
    if (this.held) this.held.tabIndex = -1;
    this.held = stop;
    if (stop) stop.tabIndex = 0;
  }

  private onFocus(at: HTMLElement): void {
    if (this.inside !== at) this.inside = null;
    const stop = this.stopAt(at);
    if (!stop) return;
    this.hold(stop);
    // Beside what stays in sight: a browser leaves a cell that is seen in part where it is.
    stop.scrollIntoView({ block: "nearest", inline: "nearest" });
    if (at instanceof HTMLTextAreaElement && this.arriving !== at) at.select();
  }

  private stopAt(at: Element): HTMLElement | undefined {
    const here = this.layout.place(at);
    return here ? this.layout.row(here[0])[here[1]] : undefined;
  }

  // ---------------------------------------------------------------- the pointer: first to a cell, then into its text

  private onPress(at: HTMLElement): void {
    if (!this.layout.place(at)) return;
    this.arriving = document.activeElement === at ? null : at;
    if (this.arriving === null && typed(at)) this.inside = at;
  }

  private onClick(at: HTMLElement): void {
    if (this.arriving === at && typed(at) && !isDay(at) && !(at instanceof HTMLSelectElement)) at.select();
    this.arriving = null;
  }

  // ---------------------------------------------------------------- moving

  focus(row: number, column: number): void {
    this.to(row < this.layout.rows() ? this.layout.row(row)[column] : undefined);
  }

  private to(stop: HTMLElement | undefined): boolean {
    if (!reached(stop)) return false;
    this.inside = null;
    stop.focus();
    if (typed(stop) && !(stop instanceof HTMLSelectElement)) stop.select();
    return true;
  }

  /** Goes on from an element to the next stop in a direction; false at the edge. */
  go(from: Element, down: number, along: number): boolean {
    const here = this.layout.place(from);
    if (!here) return false;
    let [row, column] = here;
    for (;;) {
      row += down;
      column += along;
      if (row < 0 || column < 0 || row >= this.layout.rows()) return false;
      const stops = this.layout.row(row);
      if (column >= stops.length && along !== 0) return false;
      if (this.to(stops[column])) return true;
    }
  }

  /** The cells of a row, without the buttons beside them. */
  private cells(row: number): HTMLElement[] {
    return this.layout.row(row).filter((one) => reached(one) && !this.layout.beside?.(one)) as HTMLElement[];
  }

  private toEdge(row: number, first: boolean): void {
    const cells = this.cells(row);
    this.to(cells[first ? 0 : cells.length - 1]);
  }

  private page(from: Element, down: number): void {
    const [row, column] = this.layout.place(from) ?? [0, 0];
    const last = this.layout.rows() - 1;
    for (let to = Math.max(0, Math.min(last, row + down * PAGE)); to !== row; to -= down) if (this.to(this.layout.row(to)[column])) return;
  }

  /** To the cell after the one that was typed in, from the end of a row to the next; false at the end of the grid. */
  private onward(at: HTMLElement, by: number): boolean {
    const here = this.layout.place(at);
    if (!here) return false;
    const cells = this.cells(here[0]);
    const next = cells[cells.indexOf(at) + by];
    if (next) return this.to(next);
    const row = here[0] + by;
    if (row < 0 || row >= this.layout.rows()) return false;
    const others = this.cells(row);
    return this.to(others[by > 0 ? 0 : others.length - 1]);
  }

  /** Out of the grid. The browser does it but from a day, where it would go on to the month. */
  private leave(by: number): boolean {
    const all = tabStops(this.root);
    const here = this.held ? all.indexOf(this.held) : -1;
    const next = here < 0 ? undefined : all[here + by];
    next?.focus();
    return next !== undefined;
  }

  // ---------------------------------------------------------------- keys

  /** Whether a cell is typed in. */
  typing(at: EventTarget | null): boolean {
    return at !== null && this.inside === at;
  }

  /** What a key does to where one is; true where it was one that moves or edits. */
  onKey(event: KeyboardEvent): boolean {
    const at = event.target as HTMLElement;
    if (event.isComposing || event.altKey || !this.layout.place(at)) return false;
    const done = this.act(event, at);
    if (done) event.preventDefault();
    return done;
  }

  private act(event: KeyboardEvent, at: HTMLElement): boolean {
    const command = event.ctrlKey || event.metaKey;
    const back = event.shiftKey ? -1 : 1;
    if (event.key === "Home" || event.key === "End") return this.ends(at, event.key === "Home", command);
    if (command) return false;
    switch (event.key) {
      case "ArrowUp":
      case "ArrowDown":
        // in a line of text these keys would do nothing
        if (this.typing(at) && !(at instanceof HTMLInputElement && !isDay(at))) return false;
        this.go(at, event.key === "ArrowUp" ? -1 : 1, 0);
        return true; // also at the edge, so that a choice does not change by itself
      case "ArrowLeft":
      case "ArrowRight":
        if (this.typing(at)) return false;
        this.go(at, 0, (event.key === "ArrowRight") === (getComputedStyle(this.root).direction === "rtl") ? -1 : 1);
        return true;
      case "PageUp":
      case "PageDown":
        if (this.typing(at)) return false;
        this.page(at, event.key === "PageUp" ? -1 : 1);
        return true;
      case "Tab":
        if (this.typing(at)) return this.onward(at, back);
        return isDay(at) && this.leave(back);
      case "Enter":
        return this.enter(at, back);
      case "F2":
        return typed(at) && this.edit(at);
      case "Escape":
        return typed(at) && this.giveBack(event, at);
      default:
        if (isDay(at) && /^\d$/.test(event.key)) this.inside = at;
        return false;
    }
  }

  private ends(at: HTMLElement, first: boolean, whole: boolean): boolean {
    const here = this.layout.place(at);
    if (!here || this.typing(at)) return false;
    this.toEdge(whole ? (first ? 0 : this.layout.rows() - 1) : here[0], first);
    return true;
  }

  private enter(at: HTMLElement, by: number): boolean {
    if (at.matches("button, a, summary")) return false;
    if (at instanceof HTMLInputElement && at.type === "checkbox") {
      at.click();
      return true;
    }
    if (typed(at)) {
      if (!this.typing(at)) return this.edit(at);
      this.layout.keep(at);
      this.inside = null;
    }
    if (!this.go(at, by, 0) && by > 0) this.layout.further?.();
    return true;
  }

  private edit(at: Control): boolean {
    if (this.layout.open?.(at)) return true;
    this.inside = at;
    if (at instanceof HTMLSelectElement || isDay(at)) {
      try {
        at.showPicker();
      } catch {
        // the browser only opens it by mouse: the keys still work
      }
    } else {
      at.setSelectionRange(at.value.length, at.value.length);
    }
    return true;
  }

  private giveBack(event: KeyboardEvent, at: Control): boolean {
    const was = this.typing(at);
    if (!this.layout.takeBack(at) && !was) return false;
    event.stopPropagation();
    this.to(at);
    return true;
  }
}
