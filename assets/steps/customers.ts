// Live counts: how many customers a class takes while its rule is typed, before it is saved.
import { within } from "../elements";
import { csrf, type Path } from "../edits";
import { pathOf, read, type Holder } from "../fields";

const PAUSE = 300;

interface Count {
  id: string;
  customers: number | null;
  sentence: string;
  problem: boolean;
}

type Entry = Record<string, unknown>;

const area = document.querySelector<HTMLElement>("[data-live-counts]");

/** The value at a path below an entry, made of what stands in the inputs. */
function put(entry: Entry, path: Path, value: unknown): void {
  let here: Record<string | number, unknown> = entry;
  path.forEach((part, place) => {
    if (place === path.length - 1) here[part] = value;
    else here = (here[part] ??= typeof path[place + 1] === "number" ? [] : {}) as Record<string | number, unknown>;
  });
}

/** Everything that the inputs below a path hold now; what can't be read yet is left out. */
function typed(root: ParentNode, prefix: Path): Entry {
  const entry: Entry = {};
  for (const holder of within<Holder>(root, "[data-path]")) {
    const path = pathOf(holder);
    if (path.length <= prefix.length || !prefix.every((part, place) => String(part) === String(path[place]))) continue;
    try {
      put(entry, path.slice(prefix.length), read(holder));
    } catch {
      // half typed: the count of the rest says more than none
    }
  }
  if (Array.isArray(entry.rule)) entry.rule = (entry.rule as Entry[]).filter(Boolean).map(whole);
  return entry;
}

/** A condition without the tests that it does not make. */
function whole(condition: Entry): Entry {
  return Object.fromEntries(Object.entries(condition).filter(([key, value]) => key === "field" || !(value === null || (Array.isArray(value) && value.length === 0))));
}

function rows(): { row: HTMLTableRowElement; path: Path; id: string }[] {
  return within<HTMLTableRowElement>(document, "#edit-classes tr[data-entry]").map((row) => {
    const path = JSON.parse(row.dataset.entry ?? "[]") as Path;
    return { row, path, id: String(path[path.length - 1]).replace(/^@/, "") };
  });
}

function outputIn(place: Element): HTMLOutputElement {
  const there = place.querySelector<HTMLOutputElement>("output.live-count");
  if (there) return there;
  const made = document.createElement("output");
  made.className = "live-count quiet";
  made.setAttribute("aria-live", "polite");
  place.append(made);
  return made;
}

async function ask(body: { classes: Entry[]; key_customers?: Entry }): Promise<Count[]> {
  const response = await fetch(area?.dataset.countUrl ?? "", {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrf() },
    body: JSON.stringify(body),
  });
  return response.ok ? ((await response.json()) as { counts: Count[] }).counts : [];
}

function show(place: Element | null | undefined, count: Count | undefined): void {
  if (!place || !count) return;
  const output = outputIn(place);
  output.textContent = count.sentence;
  output.classList.toggle("text-danger", count.problem);
}

const keySection = () => document.getElementById("edit-key_customers");

/** Nothing is decided yet, and nothing is typed: there is nothing to count, and no mistake either. */
function untouched(section: Element): boolean {
  const form = section.querySelector<HTMLFormElement>("form.put-form");
  return form !== null && within<HTMLInputElement>(form, "input, textarea").every((one) => one.value === one.defaultValue);
}

function keyCriteria(): Entry | undefined {
  const section = keySection();
  if (!section || untouched(section)) return undefined;
  const entry = typed(section, ["key_customers"]);
  return Object.keys(entry).length ? entry : undefined;
}

let asked = 0;

async function count(): Promise<void> {
  const mine = (asked += 1);
  const all = rows();
  const counts = await ask({ classes: all.map(({ row, path, id }) => ({ id, ...typed(row, path) })), key_customers: keyCriteria() });
  if (mine !== asked) return; // a later question is on its way
  for (const { row, id } of all) show(row.cells[1] ?? row.cells[0], counts.find((one) => one.id === id));
  const key = keyCriteria();
  if (key) show(keySection(), counts.find((one) => one.id === String(key.id ?? "key_customers")));
}

/** Values of the attribute that a condition asks, suggested where the value is typed. */
function suggest(event: Event): void {
  const holder = (event.target as HTMLElement).closest<Holder>("[data-path]");
  const path = holder ? pathOf(holder) : [];
  const last = path[path.length - 1];
  const input = holder?.querySelector("input");
  if (!holder || !input) return;
  if (last === "field") input.setAttribute("list", "known-rule-field");
  if (last !== "one_of" && last !== "none_of") return;
  const field = within<Holder>(document, "[data-path]").find((one) => JSON.stringify(pathOf(one)) === JSON.stringify([...path.slice(0, -1), "field"]));
  const name = String(field ? read(field) : "");
  const values = (JSON.parse(document.getElementById("rule-values")?.textContent ?? "{}") as Record<string, string[]>)[name] ?? [];
  let list = document.getElementById("known-rule-values");
  if (!list) {
    list = document.createElement("datalist");
    list.id = "known-rule-values";
    document.body.append(list);
  }
  list.replaceChildren(...values.map((value) => Object.assign(document.createElement("option"), { value })));
  input.setAttribute("list", list.id);
}

if (area) {
  let timer = 0;
  const soon = () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void count(), PAUSE);
  };
  area.addEventListener("input", soon);
  document.addEventListener("nonagon:saved", soon);
  area.addEventListener("focusin", suggest);
  void count();
}
