// The stops of a matrix: cells at fixed rows and columns.
import { Stops, type Layout } from "../../stops";

/** Where the cells of a matrix stand, and what becomes of a number that is typed in one. */
class Places implements Layout {
  readonly at: (HTMLElement | undefined)[][] = [];
  private readonly stood = new WeakMap<Element, string>();

  rows = (): number => this.at.length;
  row = (at: number): (HTMLElement | undefined)[] => this.at[at] ?? [];

  place(element: Element): [row: number, column: number] | null {
    const stop = element.closest<HTMLElement>("[data-stop]")?.dataset.stop;
    if (!stop) return null;
    const [row = 0, column = 0] = stop.split(",").map(Number);
    return [row, column];
  }

  arrive(at: EventTarget | null): void {
    if (at instanceof HTMLInputElement) this.stood.set(at, at.value);
  }

  /** Leaving it tells that it changed. */
  keep(at: HTMLElement): void {
    at.blur();
    at.focus();
  }

  takeBack(at: HTMLElement): boolean {
    const before = this.stood.get(at);
    if (!(at instanceof HTMLInputElement) || before === undefined || before === at.value) return false;
    at.value = before;
    return true;
  }
}

export class Matrix extends Stops {
  constructor(
    root: HTMLElement,
    private readonly places = new Places(),
  ) {
    super(root, places);
    root.addEventListener("focusin", (event) => places.arrive(event.target));
  }

  add(row: number, column: number, element: HTMLElement): void {
    element.dataset.stop = `${row},${column}`;
    while (this.places.at.length <= row) this.places.at.push([]);
    const line = this.places.at[row];
    if (line) line[column] = element;
    this.take(element);
  }

  clear(): void {
    this.places.at.length = 0;
    this.forget();
  }

  get(row: number, column: number): HTMLElement | undefined {
    return this.places.row(row)[column];
  }

  of(element: Element): [row: number, column: number] | null {
    return this.places.place(element);
  }
}
