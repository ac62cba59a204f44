// The keyboard grid: a table of real inputs in which one moves and types as in a spreadsheet (stops.ts: the keys of every grid).
import { cells, dayIn, flagIn, isTable } from "./clipboard";
import { edit, type Edit, type Path } from "./edits";
import {
  after, chooseMany, commit, control, dirty, enhanceFields, kindOf, mark, options, pathOf, read, settled, stands, showRemarks, takeTurn, target,
  typedNumber, whenPending, whenRenaming, wordsIn, write, type Holder,
} from "./fields";
import { gridKeys, shortcut } from "./keys";
import { within } from "./elements";
import { renameRecord } from "./rename";
import { Stops, type Layout } from "./stops";
import { wrong } from "./toasts";
import { language, say } from "./words";

type Table = HTMLTableElement;
type Row = HTMLTableRowElement;

const grids = new WeakMap<Table, Stops>();

const listOf = (table: Table): Path => {
  const list = table.dataset.list ?? "";
  return list.startsWith("[") ? (JSON.parse(list) as Path) : [list];
};
const keyed = (table: Table): boolean => table.dataset.keyed !== "no";
const rowsOf = (table: Table): Row[] => [...(table.tBodies[0]?.rows ?? [])];
const standingRows = (table: Table): Row[] => rowsOf(table).filter((row) => !row.dataset.pending);
/** A row's own fields: those in a dialog that it opens are that dialog's. */
const own = (row: Row, element: Element): boolean => element.closest("tr") === row && element.closest("dialog") === row.closest("dialog");
const holdersOf = (row: Row): Holder[] => within<Holder>(row, "[data-path]").filter((one) => own(row, one) && control(one));
const stops = (row: Row): HTMLElement[] => [
  ...holdersOf(row).map((one) => control(one) as HTMLElement),
  ...within<HTMLElement>(row, ".below > button, .row-tools button").filter((one) => own(row, one)),
];
const mayEdit = (table: Table): boolean => table.dataset.readonly === undefined;

function pathOfRow(table: Table, row: Row): Path {
  const first = holdersOf(row)[0];
  return first ? pathOf(first).slice(0, listOf(table).length + 1) : [];
}

// ---------------------------------------------------------------- moving

/** What the keys of grids need to know of this one. */
function layoutOf(table: Table): Layout {
  const holderOf = (at: Element): Holder | null => at.closest<Holder>("[data-path]");
  return {
    rows: () => rowsOf(table).length,
    row: (at) => stops(rowsOf(table)[at] as Row),
    place: (element) => {
      const row = element.closest("tr");
      if (!row || row.parentElement !== table.tBodies[0] || !own(row, element)) return null;
      const column = stops(row).findIndex((one) => one.contains(element));
      return column < 0 ? null : [rowsOf(table).indexOf(row), column];
    },
    beside: (stop) => stop.matches("[data-row]"),
    open: (at) => {
      const holder = holderOf(at);
      if (!holder || !mayEdit(table) || kindOf(holder) !== "many" || !options(holder).length) return false;
      void chooseMany(holder);
      return true;
    },
    keep: (at) => void commit(holderOf(at) as Holder),
    takeBack: (at) => {
      const holder = holderOf(at);
      if (!holder || !dirty(holder)) return false;
      write(holder, stands(holder));
      holder.classList.remove("unsaved");
      mark(holder, "");
      return true;
    },
    further: () => void addRow(table, true),
  };
}

function onKey(table: Table, event: KeyboardEvent): void {
  const at = event.target as HTMLElement;
  const row = at.closest("tr") as Row | null;
  const moving = grids.get(table);
  if (!row || row.parentElement !== table.tBodies[0] || event.isComposing || !moving) return;
  const holder = at.closest<Holder>("[data-path]");
  const inText = moving.typing(at);
  if (moving.onKey(event)) return;
  if (act()) event.preventDefault();

  function act(): boolean {
    if (event.altKey) return moves();
    if (event.ctrlKey || event.metaKey) return commands();
    return (event.key === "Delete" || event.key === "Backspace") && empties();
  }

  /** A choice, a day or several words are emptied as a whole; in a text these keys take letters. */
  function empties(): boolean {
    if (!holder || !mayEdit(table) || inText || at instanceof HTMLTextAreaElement) return false;
    if ((at instanceof HTMLInputElement && at.type !== "date") || kindOf(holder) === "flag") return false;
    write(holder, null);
    void commit(holder);
    return true;
  }

  function commands(): boolean {
    const key = event.key.toLowerCase();
    if (key === "backspace" && !inText && mayEdit(table)) {
      void removeRow(table, row as Row);
      return true;
    }
    if (key === "z" || key === "y") {
      if (holder && dirty(holder)) return false; // the browser takes back what is being typed
      void takeTurn(table, key === "y" || event.shiftKey ? "redo" : "undo");
      return true;
    }
    return false;
  }

  function moves(): boolean {
    if (event.key === "Enter" && at instanceof HTMLTextAreaElement) {
      at.setRangeText("\n", at.selectionStart, at.selectionEnd, "end");
      at.dispatchEvent(new Event("input", { bubbles: true }));
      return true;
    }
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return false;
    if (table.dataset.movable === undefined || !mayEdit(table)) return false;
    void moveRow(table, row as Row, event.key === "ArrowUp" ? -1 : 1, at);
    return true;
  }
}

// ---------------------------------------------------------------- rows

/** Paths of lists without ids are positions: they follow the order that is shown. */
function renumber(table: Table): void {
  if (keyed(table)) return;
  const place = listOf(table).length;
  standingRows(table).forEach((row, position) => {
    for (const holder of within<Holder>(row, "[data-path]").filter((one) => !one.closest("template"))) {
      const path = pathOf(holder);
      path[place] = position;
      holder.dataset.path = JSON.stringify(path);
    }
  });
}

let added = 0;

function addRow(table: Table, focus: boolean): Row | null {
  const blank = table.querySelector<HTMLTemplateElement>("template[data-blank-row]");
  const body = table.tBodies[0];
  if (!blank || !body || !mayEdit(table)) return null;
  const row = (blank.content.cloneNode(true) as DocumentFragment).querySelector("tr");
  if (!row) return null;
  added += 1;
  row.dataset.pending = String(added);
  row.classList.add("waiting");
  body.append(row);
  document.getElementById(`${table.id}-empty`)?.setAttribute("hidden", "");
  for (const one of within<HTMLElement>(row, "[id]")) one.id = `${one.id}-${added}`;
  enhanceFields(row);
  grids.get(table)?.take(...stops(row));
  if (focus) grids.get(table)?.focus(rowsOf(table).length - 1, 0);
  return row;
}

/** The entry that a new row stands for; null while a field that an entry must have is empty or unreadable. */
function entryOf(table: Table, row: Row): { value: Record<string, unknown>; id: string } | null {
  const depth = listOf(table).length + 1;
  const value = JSON.parse(table.dataset.new ?? "{}") as Record<string, unknown>;
  let something = false;
  for (const holder of holdersOf(row)) {
    let typed: unknown;
    try {
      typed = read(holder);
    } catch (error) {
      mark(holder, (error as Error).message);
      return null;
    }
    const blank = typed === null || typed === "" || (Array.isArray(typed) && typed.length === 0);
    const generated = keyed(table) && pathOf(holder).at(-1) === "id";
    if (blank && holder.dataset.required !== undefined && !generated) return null;
    if (blank) continue;
    if (dirty(holder)) something = true;
    put(value, pathOf(holder).slice(depth), typed);
  }
  if (!something) return null;
  if (!keyed(table)) return { value, id: "" };
  const id = typeof value.id === "string" && value.id ? value.id : freshKey(table, String(value[table.dataset.idFrom ?? "name"] ?? ""));
  value.id = id;
  return { value, id };
}

function put(into: Record<string, unknown>, path: Path, value: unknown): void {
  let at = into;
  path.slice(0, -1).forEach((part) => (at = (at[part] ??= {}) as Record<string, unknown>));
  at[String(path[path.length - 1])] = value;
}

const SPELT: Record<string, string> = { ä: "ae", ö: "oe", ü: "ue", ß: "ss", æ: "ae", ø: "oe", å: "aa", œ: "oe" };

/** An id that is not in the list yet, from what the entry is called. */
export function freshKey(table: Table, name: string): string {
  const plain = name.toLowerCase().replace(/[äöüßæøåœ]/g, (one) => SPELT[one] ?? one).normalize("NFKD").replace(/[\u0300-\u036f]/g, "");
  const stem = plain.replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "").slice(0, 40) || table.dataset.idStem || "entry";
  const taken = new Set(rowsOf(table).map((row) => String(pathOfRow(table, row).at(-1) ?? "")));
  if (!taken.has(`@${stem}`)) return stem;
  for (let count = 2; ; count += 1) if (!taken.has(`@${stem}_${count}`)) return `${stem}_${count}`;
}

/** Sends a new row once it can stand; until then it is marked as waiting. */
async function addEntry(row: HTMLElement): Promise<void> {
  const table = row.closest<Table>("table[data-grid]");
  if (table && row.dataset.pending) await addEntries(table, [row as Row]);
}

async function addEntries(table: Table, rows: Row[]): Promise<void> {
  const to = target(table);
  if (!to) return;
  const list = listOf(table);
  const ready: { row: Row; sent: Map<Holder, unknown> }[] = [];
  const edits: Edit[] = [];
  for (const row of rows) {
    const entry = entryOf(table, row);
    if (!entry) continue;
    const sent = new Map(holdersOf(row).map((holder): [Holder, unknown] => [holder, read(holder)]));
    // from here on the row is an entry: what is typed next is a change of it, sent behind the addition
    const pending = row.dataset.pending as string;
    delete row.dataset.pending;
    row.dataset.was = pending;
    rowsOf(table).find((one) => one.dataset.pending)?.before(row);
    const key = keyed(table) ? `@${entry.id}` : standingRows(table).indexOf(row);
    for (const holder of within<Holder>(row, "[data-path]").filter((one) => !one.closest("template"))) {
      const path = pathOf(holder);
      path[list.length] = key;
      holder.dataset.path = JSON.stringify(path);
    }
    for (const [holder, value] of sent) {
      settled(holder, value);
      if (pathOf(holder).at(-1) === "id" && keyed(table)) {
        write(holder, entry.id);
        settled(holder, entry.id);
      }
    }
    ready.push({ row, sent });
    edits.push({ op: "add", path: list, value: entry.value });
  }
  if (!edits.length) return;
  const outcome = await edit(to.url, to.base, edits);
  if (outcome.kind === "saved" || outcome.kind === "theirs") {
    for (const { row } of ready) {
      row.classList.remove("waiting");
      if (table.dataset.deeper !== undefined) row.dataset.incomplete = "";
    }
    return;
  }
  for (const { row, sent } of ready) {
    row.dataset.pending = row.dataset.was;
    for (const holder of sent.keys()) {
      settled(holder, null);
      holder.classList.add("unsaved");
    }
  }
  if (outcome.kind === "refused") {
    const left = showRemarks(ready.flatMap(({ row }) => holdersOf(row)), outcome.mistakes);
    if (left.length || !outcome.mistakes.length) wrong(left.length ? left.map((one) => one.message).join(" ") : outcome.problem);
  } else {
    wrong(outcome.problem);
  }
}

async function removeRow(table: Table, row: Row): Promise<void> {
  const rows = rowsOf(table);
  const position = rows.indexOf(row);
  const neighbour = rows[position + 1] ?? rows[position - 1];
  const path = pathOfRow(table, row);
  row.remove();
  const moving = grids.get(table);
  moving?.settle();
  if (neighbour) moving?.focus(rowsOf(table).indexOf(neighbour), 0);
  else document.querySelector<HTMLElement>(`[data-add-row="${table.id}"]`)?.focus();
  if (row.dataset.pending) return;
  renumber(table);
  const to = target(table);
  if (!to) return;
  const outcome = await edit(to.url, to.base, [{ op: "remove", path }]);
  if (outcome.kind === "saved") return;
  table.tBodies[0]?.insertBefore(row, rowsOf(table)[position] ?? null);
  renumber(table);
  if (outcome.kind === "refused" && outcome.mistakes[0]) wrong(outcome.mistakes.map((one) => one.message).join(" "));
  else if (outcome.kind !== "theirs") wrong(outcome.problem);
}

/** Asks for another id of the row's record; typed: what its cell holds already. */
async function renameRow(table: Table, row: Row, typed = ""): Promise<void> {
  const holder = holdersOf(row).find((one) => pathOf(one).at(-1) === "id");
  if (!holder || row.dataset.pending || !table.dataset.renameUrl) return;
  const old = String(stands(holder) ?? "");
  if (await renameRecord(table.dataset.renameUrl, table.dataset.renames ?? "", old, typed)) return;
  write(holder, old);
  settled(holder, old);
}

/** An id that is typed into its cell renames the record, so that what names it follows. */
function renamedInstead(holder: Holder): boolean {
  const table = holder.closest<Table>("table[data-renames]");
  const row = holder.closest("tr") as Row | null;
  const typed = control(holder)?.value.trim() ?? "";
  if (!table || !row || !own(row, holder) || pathOf(holder).at(-1) !== "id" || !stands(holder) || !typed) return false;
  if (!renamesOpen.has(row)) {
    renamesOpen.add(row);
    void renameRow(table, row, typed).finally(() => renamesOpen.delete(row));
  }
  return true;
}

const renamesOpen = new WeakSet<Row>();

async function moveRow(table: Table, row: Row, by: number, at: HTMLElement): Promise<void> {
  if (row.dataset.pending) return;
  const rows = standingRows(table);
  const from = rows.indexOf(row);
  const to = from + by;
  const other = rows[to];
  const address = target(table);
  if (!other || !address) return;
  const path = pathOfRow(table, row);
  if (by < 0) other.before(row);
  else other.after(row);
  renumber(table);
  row.classList.add("moved");
  setTimeout(() => row.classList.remove("moved"), 600);
  at.focus();
  const outcome = await edit(address.url, address.base, [{ op: "move", path, to }]);
  if (outcome.kind === "saved") return;
  if (by < 0) other.after(row);
  else other.before(row);
  renumber(table);
  if (outcome.kind !== "theirs") wrong(outcome.problem);
}

// ---------------------------------------------------------------- pasting

/** Puts a pasted text into a field; says why where it cannot. */
function putText(holder: Holder, text: string): string {
  const clean = text.trim();
  const kind = kindOf(holder);
  if (kind === "number" || kind === "whole") {
    write(holder, clean);
    try {
      typedNumber(clean);
    } catch (error) {
      return (error as Error).message;
    }
    return "";
  }
  if (kind === "date") {
    const day = clean === "" ? "" : dayIn(clean);
    if (day === null) return say("not_a_day", { value: clean });
    write(holder, day);
    return "";
  }
  if (kind === "flag") {
    const flag = flagIn(clean);
    if (flag === null) return say("not_yes_or_no", { value: clean });
    write(holder, flag);
    return "";
  }
  if (kind === "many") {
    write(holder, wordsIn(clean));
    return "";
  }
  if (kind !== "choice") {
    write(holder, text);
    return "";
  }
  const wanted = clean.toLocaleLowerCase(language());
  const found = options(holder).find(([value, label]) => value.toLowerCase() === wanted || label.trim().toLocaleLowerCase(language()) === wanted);
  if (!found && clean !== "") return say("not_an_option", { value: clean });
  write(holder, found ? found[0] : "");
  return "";
}

async function paste(table: Table, from: Holder, text: string): Promise<void> {
  const start = from.closest("tr") as Row;
  const firstRow = rowsOf(table).indexOf(start);
  const firstColumn = holdersOf(start).indexOf(from);
  const changed: Holder[] = [];
  const sent = new Map<Holder, unknown>();
  const newRows: Row[] = [];
  cells(text).forEach((line, down) => {
    const row = rowsOf(table)[firstRow + down] ?? addRow(table, false);
    if (!row) return;
    line.forEach((word, along) => {
      const holder = holdersOf(row)[firstColumn + along];
      if (!holder) return;
      const fault = putText(holder, word);
      mark(holder, fault);
      holder.classList.toggle("unsaved", fault !== "" || dirty(holder));
      if (fault || row.dataset.pending || !dirty(holder)) return;
      changed.push(holder);
      sent.set(holder, read(holder));
    });
    if (row.dataset.pending) newRows.push(row);
  });
  const to = target(table);
  if (to && changed.length) {
    const edits = changed.map((holder): Edit => ({ op: "set", path: pathOf(holder), value: sent.get(holder) }));
    const outcome = await edit(to.url, to.base, edits);
    after(changed, sent, outcome);
  }
  await addEntries(table, newRows);
}

// ---------------------------------------------------------------- starting

/** Tells a screen reader which row a field is in: its own label says the column only. */
function nameCell(table: Table, at: Element): void {
  const holder = at.closest<Holder>("[data-path]");
  const row = at.closest("tr") as Row;
  if (!holder || !holder.dataset.label) return;
  const name = row.dataset.name ?? String(rowsOf(table).indexOf(row) + 1);
  at.setAttribute("aria-label", say("at_row", { label: holder.dataset.label, row: name }));
}

/** Whether an event belongs to this grid and not to one inside a dialog of a row. */
function belongsTo(table: Table, event: Event): boolean {
  return event.target instanceof Element && event.target.closest("table[data-grid]") === table && event.target.closest("dialog") === table.closest("dialog");
}

/** New rows get the editors below them once they are saved and left. */
function completeRows(table: Table, event: FocusEvent): void {
  const row = (event.target as Element).closest("tr") as Row | null;
  if (!row || row.dataset.incomplete === undefined || (event.relatedTarget instanceof Node && row.contains(event.relatedTarget))) return;
  const section = table.closest<HTMLElement>(".edit-block");
  if (!section || rowsOf(table).some((one) => one.dataset.pending) || within<Holder>(section, "[data-path].unsaved").length) return;
  document.dispatchEvent(new CustomEvent("nonagon:refresh", { detail: { parts: [section.id] } }));
}

function begin(table: Table): void {
  const moving = new Stops(table, layoutOf(table));
  grids.set(table, moving);
  moving.settle();
  if (!mayEdit(table)) table.setAttribute("aria-readonly", "true");
  table.addEventListener("keydown", (event) => belongsTo(table, event) && onKey(table, event));
  if (table.dataset.deeper !== undefined) table.addEventListener("focusout", (event) => belongsTo(table, event) && completeRows(table, event));
  table.addEventListener("focusin", (event) => belongsTo(table, event) && nameCell(table, event.target as Element));
  table.addEventListener("click", (event) => {
    if (!belongsTo(table, event)) return;
    const at = event.target as HTMLElement;
    const button = at.closest<HTMLElement>("[data-row]");
    const row = at.closest("tr") as Row | null;
    if (!button || !row) return;
    if (button.dataset.row === "rename") void renameRow(table, row);
    else if (button.dataset.row === "remove") void removeRow(table, row);
    else void moveRow(table, row, button.dataset.row === "up" ? -1 : 1, button);
  });
  table.addEventListener("paste", (event) => {
    const holder = (event.target as Element).closest<Holder>("[data-path]");
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!holder || !mayEdit(table) || !belongsTo(table, event)) return;
    const one = !isTable(text);
    if (one && !["choice", "flag", "date"].includes(kindOf(holder))) return;
    // lines pasted into a text that is being edited are lines of that text
    if (!one && moving.typing(event.target) && event.target instanceof HTMLTextAreaElement && !text.includes("\t")) return;
    event.preventDefault();
    void paste(table, holder, text);
  });
}

export function enhanceGrids(root: ParentNode): void {
  for (const table of within<Table>(root, "table[data-grid]")) {
    if (table.dataset.ready) continue;
    table.dataset.ready = "yes";
    begin(table);
    gridKeys();
    shortcut("Enter", say("keys_enter"));
    shortcut("Esc", say("keys_escape"));
    shortcut("Ctrl + Z", say("keys_undo"));
    shortcut("Ctrl + Shift + Z", say("keys_redo"));
    shortcut("Ctrl + Backspace", say("keys_remove"));
    shortcut("Ctrl + V", say("keys_paste"));
    if (table.dataset.movable !== undefined) shortcut("Alt + ↑ ↓", say("keys_move"));
  }
}

export function startGrids(): void {
  whenPending(addEntry);
  whenRenaming(renamedInstead);
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-add-row]") : null;
    const table = button && document.getElementById(button.dataset.addRow ?? "");
    if (table instanceof HTMLTableElement) addRow(table, true);
  });
}
