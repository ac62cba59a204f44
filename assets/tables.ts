// Tables of a section: sorted by their headings, filtered and folded where they are long. Without script they are whole.
import { freshId, make, within } from "./elements";
import { language, say } from "./words";

const LONG = 15;
const SHOWN_FIRST = 12;

/** The first number in a formatted cell, such as "1 234.5", "−0.43 (−0.8 to 0.1)" or "45 %"; null where there is none. */
export function numberIn(text: string): number | null {
  const plain = text.replace(/[\u2009\u202f\u00a0]/g, "").replace(/(\d),(?=\d{3}\b)/g, "$1").replace(/\u2212/g, "-");
  const found = /-?\d+(?:\.\d+)?(?:e-?\d+)?/i.exec(plain);
  return found ? Number(found[0]) : null;
}

type Direction = "ascending" | "descending";

function compare(column: HTMLTableCellElement, direction: Direction): (a: string, b: string) => number {
  const sign = direction === "ascending" ? 1 : -1;
  if (column.classList.contains("number")) {
    return (a, b) => {
      const [first, second] = [numberIn(a), numberIn(b)];
      // what has no number stands last either way
      if (first === null || second === null) return Number(first === null) - Number(second === null);
      return sign * (first - second);
    };
  }
  const collator = new Intl.Collator(language(), { numeric: true, sensitivity: "base" });
  return (a, b) => (a === "" || b === "" ? Number(a === "") - Number(b === "") : sign * collator.compare(a, b));
}

function cellText(row: HTMLTableRowElement, position: number): string {
  return (row.cells[position]?.textContent ?? "").trim();
}

function makeSortable(table: HTMLTableElement, changed: () => void): void {
  const body = table.tBodies[0];
  const heads = [...(table.tHead?.rows[0]?.cells ?? [])];
  if (!body || body.rows.length < 2) return;
  const original = [...body.rows];
  heads.forEach((head, position) => {
    if (!head.textContent?.trim() || head.colSpan > 1) return;
    const button = make("button", { type: "button", class: "sort" });
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const was = head.getAttribute("aria-sort");
      const first: Direction = head.classList.contains("number") ? "descending" : "ascending";
      const second: Direction = first === "ascending" ? "descending" : "ascending";
      const next = was === null ? first : was === first ? second : null;
      for (const one of heads) one.removeAttribute("aria-sort");
      if (next) head.setAttribute("aria-sort", next);
      const order = next ? compare(head, next) : null;
      const rows = order ? [...original].sort((a, b) => order(cellText(a, position), cellText(b, position))) : original;
      body.append(...rows);
      changed();
    });
  });
}

function makeFolding(table: HTMLTableElement): () => void {
  const body = table.tBodies[0];
  const count = body?.rows.length ?? 0;
  if (!body || count <= LONG) return () => undefined;
  const id = freshId("filter");
  const box = make("input", { type: "search", class: "form-control", id, placeholder: say("filter_rows"), "aria-label": say("filter_rows_of", { table: captionOf(table) }) });
  const told = make("span", { class: "quiet", role: "status" });
  const all = make("button", { type: "button", class: "btn btn-ghost btn-sm" }, say("show_all", { count }));
  let open = false;
  const update = (): void => {
    const wanted = box.value.trim().toLocaleLowerCase(language());
    let matching = 0;
    let shown = 0;
    for (const row of body.rows) {
      const fits = !wanted || (row.textContent ?? "").toLocaleLowerCase(language()).includes(wanted);
      row.classList.toggle("filtered", !fits);
      if (fits) matching += 1;
      const folded = fits && !open && !wanted && matching > SHOWN_FIRST;
      row.classList.toggle("folded", folded);
      if (fits && !folded) shown += 1;
    }
    told.textContent = say("rows_shown", { shown, count });
    all.hidden = Boolean(wanted);
    all.textContent = open ? say("show_fewer") : say("show_all", { count });
    all.setAttribute("aria-expanded", String(open));
  };
  box.addEventListener("input", update);
  all.addEventListener("click", () => {
    open = !open;
    update();
  });
  (table.closest(".scroll") ?? table).before(make("div", { class: "table-tools" }, box, told, all));
  update();
  return update;
}

function captionOf(table: HTMLTableElement): string {
  return table.caption?.textContent?.trim() ?? "";
}

/** Only what really scrolls is a stop for the keyboard; a grid with rows has one, and brings into view what has the focus. */
function reachable(box: HTMLElement): void {
  const update = (): void => {
    if (box.scrollWidth > box.clientWidth + 1 && !box.querySelector("table[data-grid] > tbody > tr")) {
      box.tabIndex = 0;
      box.setAttribute("role", "group");
      box.setAttribute("aria-label", box.querySelector("caption")?.textContent?.trim() || box.dataset.label || say("scrolls"));
    } else {
      for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name);
    }
  };
  new ResizeObserver(update).observe(box);
}

/** Says on which sides of what scrolls there is more, for the style sheet to hint at it. */
function hinting(box: HTMLElement): void {
  const update = (): void => {
    const rest = box.scrollWidth - box.clientWidth;
    const gone = Math.abs(box.scrollLeft);
    const sides = [gone > 2 ? "start" : "", rest - gone > 2 ? "end" : ""].filter(Boolean).join(" ");
    if (sides) box.dataset.more = sides;
    else delete box.dataset.more;
  };
  box.addEventListener("scroll", update, { passive: true });
  new ResizeObserver(update).observe(box);
}

export function enhanceTables(root: ParentNode): void {
  for (const table of within<HTMLTableElement>(root, "table[data-sortable]")) {
    if (table.dataset.ready) continue;
    table.dataset.ready = "yes";
    const changed = makeFolding(table);
    makeSortable(table, changed);
  }
  for (const box of within<HTMLElement>(root, ".scroll, .drawing, .edit-scroll, .table-responsive")) {
    if (box.dataset.watched) continue;
    box.dataset.watched = "yes";
    reachable(box);
    hinting(box);
  }
}
