// Moving in a matrix by keys: one stop has the tab key, arrows go on from it.
export class Stops {
  private readonly at = new Map<string, HTMLElement>();
  private rows = 0;
  private columns = 0;

  constructor(private readonly root: HTMLElement) {}

  add(row: number, column: number, element: HTMLElement): void {
    element.dataset.stop = `${row},${column}`;
    if (!(element instanceof HTMLInputElement)) element.tabIndex = this.at.size === 0 ? 0 : -1;
    this.at.set(`${row},${column}`, element);
    this.rows = Math.max(this.rows, row + 1);
    this.columns = Math.max(this.columns, column + 1);
    element.addEventListener("focus", () => this.hold(element));
  }

  clear(): void {
    this.at.clear();
    this.rows = 0;
    this.columns = 0;
  }

  get(row: number, column: number): HTMLElement | undefined {
    return this.at.get(`${row},${column}`);
  }

  of(element: Element): [row: number, column: number] | null {
    const stop = element.closest<HTMLElement>("[data-stop]")?.dataset.stop;
    if (!stop) return null;
    const [row = 0, column = 0] = stop.split(",").map(Number);
    return [row, column];
  }

  /** The tab key leads to the stop that was used last. */
  private hold(element: HTMLElement): void {
    for (const one of this.at.values()) if (!(one instanceof HTMLInputElement)) one.tabIndex = one === element ? 0 : -1;
  }

  focus(row: number, column: number): void {
    const element = this.get(row, column);
    element?.focus();
    if (element instanceof HTMLInputElement) element.select();
    element?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** Goes on from an element to the next stop in a direction; false at the edge. */
  go(from: Element, down: number, along: number): boolean {
    const here = this.of(from);
    if (!here) return false;
    let [row, column] = here;
    for (;;) {
      row += down;
      column += along;
      if (row < 0 || column < 0 || row >= this.rows || column >= this.columns) return false;
      if (this.get(row, column)) {
        this.focus(row, column);
        return true;
      }
    }
  }

  /** What arrow keys do; true where the key was one. */
  arrows(event: KeyboardEvent): boolean {
    const at = event.target as HTMLElement;
    if (event.ctrlKey || event.metaKey || event.altKey || !event.key.startsWith("Arrow")) return false;
    const sideways = event.key === "ArrowLeft" || event.key === "ArrowRight";
    const forward = getComputedStyle(this.root).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    if (sideways && at instanceof HTMLInputElement && !atEdge(at, event.key === "ArrowRight")) return false;
    this.go(at, sideways ? 0 : event.key === "ArrowUp" ? -1 : 1, sideways ? (event.key === forward ? 1 : -1) : 0);
    event.preventDefault();
    return true;
  }
}

function atEdge(input: HTMLInputElement, right: boolean): boolean {
  const [start, end, length] = [input.selectionStart ?? 0, input.selectionEnd ?? 0, input.value.length];
  return (start === 0 && end === length) || (right ? start === length : end === 0);
}
