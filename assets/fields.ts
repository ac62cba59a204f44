// Fields bound to a place in a decision document: <… data-path='["projects","@p1","cost"]' data-kind="number"> around a real
// input. What is changed is sent when the field is left; a refused value stays in its field, with the reason below it.
import { ask } from "./dialogs";
import { freshId, icon, make, within } from "./elements";
import { edit, same, turn, type Outcome, type Path, type Remark } from "./edits";
import { wrong } from "./toasts";
import { language, say } from "./words";

/** many: several words with semicolons between; long: text of more than a few words; map: words by a key, a row each; json: a value that has no input of its own. */
export type Kind = "text" | "long" | "number" | "whole" | "date" | "flag" | "choice" | "many" | "map" | "json";
export type Holder = HTMLElement;
type Option = [value: string, label: string];

/** What stands in the document, as far as this page knows. */
const standing = new WeakMap<Holder, unknown>();

/** What is on its way to the server: Enter sends a field, and leaving it must not send it again. */
const underway = new WeakMap<Holder, { value: unknown }>();

export const kindOf = (holder: Holder): Kind => (holder.dataset.kind as Kind | undefined) ?? "text";
export const pathOf = (holder: Holder): Path => JSON.parse(holder.dataset.path ?? "[]") as Path;

/** The element that takes the focus in a field. */
export function control(holder: Holder): HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement | null {
  return holder.querySelector("input, select, textarea");
}

/** Where a field's edits go: the nearest element with data-url and data-base. */
export function target(element: Element): { url: string; base: number } | null {
  const at = element.closest<HTMLElement>("[data-url][data-base]");
  return at ? { url: at.dataset.url ?? "", base: Number(at.dataset.base) } : null;
}

class Unreadable extends Error {}

/** A number as people type it: spaces between thousands, a decimal point, a minus of any kind. */
export function typedNumber(text: string): number | null {
  const plain = text.replace(/[\s\u2009\u202f\u00a0]/g, "").replace(/\u2212/g, "-");
  if (plain === "") return null;
  if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(plain)) throw new Unreadable(say("not_a_number", { value: text }));
  return Number(plain);
}

function empty(holder: Holder): unknown {
  if (kindOf(holder) === "many") return [];
  if (holder.dataset.optional !== undefined) return null;
  return kindOf(holder) === "text" || kindOf(holder) === "long" ? "" : null;
}

/** The value in a field. Throws Unreadable for what cannot be one. */
export function read(holder: Holder): unknown {
  if (kindOf(holder) === "map") return readMap(holder);
  const at = control(holder);
  if (!at) return null;
  switch (kindOf(holder)) {
    case "flag":
      return (at as HTMLInputElement).checked;
    case "many":
      return wordsIn(at.value);
    case "number":
    case "whole":
      return typedNumber(at.value) ?? empty(holder);
    case "json":
      return typedJson(at.value);
    default:
      return at.value === "" ? empty(holder) : at.value;
  }
}

/** Words between semicolons. */
export function wordsIn(text: string): string[] {
  return text.split(/[;\n]/).map((one) => one.trim()).filter(Boolean);
}

function typedJson(text: string): unknown {
  try {
    return JSON.parse(text || "null") as unknown;
  } catch (error) {
    throw new Unreadable(say("not_json", { why: (error as Error).message }));
  }
}

function readMap(holder: Holder): unknown {
  const found: Record<string, unknown> = {};
  for (const row of within<HTMLElement>(holder, ".map-row")) {
    const [key, value] = [...row.querySelectorAll("input")].map((one) => one.value.trim());
    if (!key && !value) continue;
    if (!key) throw new Unreadable(say("name_missing", { value: value ?? "" }));
    found[key] = mapped(holder.dataset.values, value ?? "");
  }
  return found;
}

function mapped(kind: string | undefined, text: string): unknown {
  if (kind === "many") return wordsIn(text);
  return kind === "number" || kind === "whole" ? typedNumber(text) : text;
}

/** A row more in a map, ready to be typed into. */
function addMapRow(holder: Holder, key = "", value = ""): HTMLElement | null {
  const blank = holder.querySelector("template");
  const row = blank?.content.firstElementChild?.cloneNode(true);
  if (!(row instanceof HTMLElement)) return null;
  const inputs = row.querySelectorAll("input");
  if (inputs[0]) inputs[0].value = key;
  if (inputs[1]) inputs[1].value = value;
  holder.querySelector(".map-rows")?.append(row);
  return row;
}

function writeMap(holder: Holder, value: unknown): void {
  holder.querySelector(".map-rows")?.replaceChildren();
  for (const [key, one] of Object.entries((value ?? {}) as Record<string, unknown>)) addMapRow(holder, key, Array.isArray(one) ? one.join("; ") : String(one));
}

/** Shows a value in a field, without sending it. */
export function write(holder: Holder, value: unknown): void {
  if (kindOf(holder) === "map") {
    writeMap(holder, value);
    return;
  }
  const at = control(holder);
  if (!at) return;
  if (kindOf(holder) === "flag") {
    (at as HTMLInputElement).checked = value === true;
  } else if (kindOf(holder) === "many") {
    at.value = Array.isArray(value) ? value.map(String).join("; ") : "";
  } else if (kindOf(holder) === "json") {
    at.value = JSON.stringify(value ?? null);
  } else {
    at.value = value === null || value === undefined ? "" : String(value);
  }
}

/** What may stand in a field: its choices, or the ids that the cycle knows of its kind. Empty where anything may. */
export function options(holder: Holder): Option[] {
  const at = control(holder);
  if (at instanceof HTMLSelectElement) return [...at.options].map((one): Option => [one.value, one.text]);
  if (holder.dataset.choices) return (JSON.parse(holder.dataset.choices) as string[]).map((one): Option => [one, one.replace(/_/g, " ")]);
  const known = holder.dataset.reference ? document.getElementById(`known-${holder.dataset.reference}`) : null;
  return known instanceof HTMLDataListElement ? [...known.options].map((one): Option => [one.value, one.label || one.value]) : [];
}

/** A list to tick, for a field that holds several. */
export async function chooseMany(holder: Holder): Promise<void> {
  const at = control(holder);
  if (!at) return;
  const chosen = wordsIn(at.value);
  const known = options(holder);
  const extra = chosen.filter((value) => !known.some(([one]) => one === value)).map((value): Option => [value, value]);
  const items = [...extra, ...known].map(([value, label]) => {
    const box = make("input", { type: "checkbox", value });
    box.checked = chosen.includes(value);
    return make("li", {}, make("label", {}, box, label));
  });
  const list = make("ul", { class: "many-list" }, ...items);
  const search = make("input", { type: "search", class: "form-control", "aria-label": say("filter_list"), placeholder: say("filter_list") });
  search.addEventListener("input", () => {
    const wanted = search.value.toLocaleLowerCase(language());
    for (const item of items) item.hidden = !(item.textContent ?? "").toLocaleLowerCase(language()).includes(wanted);
  });
  search.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  const content = items.length > 10 ? [search, list] : [list];
  const answer = await ask(holder.dataset.label ?? say("choose"), content, [{ value: "", label: say("cancel") }, { value: "take", label: say("take_over") }]);
  at.focus();
  if (answer !== "take") return;
  // what was chosen before keeps its order
  const ticked = [...list.querySelectorAll<HTMLInputElement>("input:checked")].map((box) => box.value);
  write(holder, [...chosen.filter((one) => ticked.includes(one)), ...ticked.filter((one) => !chosen.includes(one))]);
  await commit(holder);
}

/** Puts a remark below a field, or takes it away ("" for none). */
export function mark(holder: Holder, message: string, sort: "mistake" | "remark" = "mistake"): void {
  const at = control(holder);
  holder.querySelector(`.at-field.${sort}`)?.remove();
  if (sort === "mistake") {
    holder.toggleAttribute("data-mistake", message !== "");
    if (message) at?.setAttribute("aria-invalid", "true");
    else at?.removeAttribute("aria-invalid");
  }
  if (message) holder.append(make("span", { class: `at-field ${sort}`, id: freshId("at-field") }, message));
  described(holder);
}

/** Ties a field to the remarks below it and to its help. */
function described(holder: Holder): void {
  const told = [...holder.querySelectorAll(".at-field"), ...(holder.closest(".field")?.querySelectorAll(".form-hint") ?? [])];
  const ids = told.map((one) => (one.id ||= freshId("told")));
  if (ids.length) control(holder)?.setAttribute("aria-describedby", ids.join(" "));
  else control(holder)?.removeAttribute("aria-describedby");
}

/** Remembers what a field shows as what stands. */
export function settled(holder: Holder, value: unknown): void {
  standing.set(holder, value);
  holder.classList.remove("unsaved");
}

export const stands = (holder: Holder): unknown => standing.get(holder);

/** A row that is not in the document yet is added as a whole: the grid does that. */
let addPending: ((row: HTMLElement) => Promise<void>) | undefined;
export function whenPending(act: (row: HTMLElement) => Promise<void>): void {
  addPending = act;
}

/** An id that other documents name is not set like another value: the grid renames the record. */
let renamedInstead: ((holder: Holder) => boolean) | undefined;
export function whenRenaming(act: (holder: Holder) => boolean): void {
  renamedInstead = act;
}

/** Whether a field holds what is not saved. */
export function dirty(holder: Holder): boolean {
  try {
    return !same(read(holder), standing.get(holder));
  } catch {
    return true;
  }
}

/** Sends what a field holds, where it is not what stands. */
export async function commit(holder: Holder): Promise<void> {
  let value: unknown;
  try {
    value = read(holder);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    holder.classList.add("unsaved");
    mark(holder, error.message);
    return;
  }
  if (same(value, standing.get(holder)) && !underway.has(holder)) {
    holder.classList.remove("unsaved");
    mark(holder, "");
    return;
  }
  if (holder.closest("form[data-put]")) return; // sent with its form
  const row = holder.closest<HTMLElement>("tr[data-pending]");
  if (row) {
    mark(holder, "");
    await addPending?.(row);
    return;
  }
  if (renamedInstead?.(holder)) return;
  const to = target(holder);
  const flying = underway.get(holder);
  if (!to || (flying && same(flying.value, value))) return;
  holder.classList.add("unsaved");
  const mine = { value };
  underway.set(holder, mine);
  const outcome = await edit(to.url, to.base, [{ op: "set", path: pathOf(holder), value }]);
  if (underway.get(holder) === mine) underway.delete(holder);
  after([holder], new Map([[holder, value]]), outcome);
}

/** Shows how an edit of fields ended. */
export function after(holders: Holder[], sent: Map<Holder, unknown>, outcome: Outcome): void {
  if (outcome.kind === "saved") {
    for (const holder of holders) {
      // what was typed meanwhile is sent by itself when the field is left
      standing.set(holder, sent.get(holder));
      if (!dirty(holder)) holder.classList.remove("unsaved");
      mark(holder, "");
    }
  } else if (outcome.kind === "theirs") {
    for (const holder of holders) {
      const theirs = same(pathOf(holder), outcome.conflict.path);
      const value = theirs ? outcome.conflict.theirs : sent.get(holder);
      settled(holder, value);
      write(holder, value);
      mark(holder, "");
    }
  } else if (outcome.kind === "refused") {
    const left = showRemarks(holders, outcome.mistakes);
    if (left.length || outcome.mistakes.length === 0) wrong(outcome.mistakes.length ? left.map((one) => one.message).join(" ") : outcome.problem);
  } else {
    wrong(outcome.problem);
  }
}

/** Puts remarks at the fields that they belong to; gives back those that have no field here. */
export function showRemarks(holders: Holder[], remarks: Remark[], sort: "mistake" | "remark" = "mistake"): Remark[] {
  return remarks.filter((remark) => {
    const holder = holders.find((one) => belongs(one, remark.path));
    if (holder) mark(holder, remark.message, sort);
    return !holder;
  });
}

/** A path names an entry by "@id" or by its position; both mean the same row. */
function belongs(holder: Holder, path: Path): boolean {
  const own = pathOf(holder);
  if (own.length > path.length) return false;
  return own.every((part, place) => {
    const other = path[place];
    if (String(part) === String(other)) return true;
    if (typeof other !== "number" && !/^\d+$/.test(String(other))) return false;
    return typeof part === "string" && part.startsWith("@") && positionOf(holder) === Number(other);
  });
}

function positionOf(holder: Holder): number {
  const row = holder.closest("tr");
  return row ? [...(row.parentElement?.children ?? [])].filter((one) => one instanceof HTMLTableRowElement).indexOf(row) : -1;
}

/** Faults of the whole document after a save: at their fields, the others in the list that the page keeps for them. */
function showFaults(url: string, faults: Remark[]): void {
  const holders = within<Holder>(document, "[data-path]").filter((one) => target(one)?.url === url);
  for (const holder of holders) if (holder.querySelector(".at-field.remark")) mark(holder, "", "remark");
  const left = showRemarks(holders, faults, "remark");
  for (const box of within<HTMLElement>(document, "[data-faults]")) {
    box.hidden = left.length === 0;
    box.querySelector("ul")?.replaceChildren(...left.map((one) => make("li", {}, one.message)));
  }
}

export function enhanceFields(root: ParentNode): void {
  for (const holder of within<Holder>(root, "[data-path]")) {
    if (standing.has(holder) || (!control(holder) && kindOf(holder) !== "map")) continue;
    try {
      standing.set(holder, read(holder));
    } catch {
      standing.set(holder, null);
    }
    if (holder.dataset.remarkText) mark(holder, holder.dataset.remarkText, "remark");
    else described(holder);
  }
}

/** Whether something typed on this page is not saved. */
export function unsavedFields(): boolean {
  return within<Holder>(document, "[data-path].unsaved, tr[data-pending] [data-path], form[data-put] [data-path]").some((one) => standing.has(one) && dirty(one));
}

export function startFields(): void {
  const holderOf = (event: Event): Holder | null => (event.target instanceof Element ? event.target.closest<Holder>("[data-path]") : null);
  document.addEventListener("change", (event) => {
    const holder = holderOf(event);
    // a date's parts each fire a change; it is sent when the field is left
    if (holder && standing.has(holder) && kindOf(holder) !== "date") void commit(holder);
  });
  document.addEventListener("focusout", (event) => {
    const holder = holderOf(event);
    if (holder && standing.has(holder) && kindOf(holder) === "date") void commit(holder);
  });
  document.addEventListener("input", (event) => {
    const holder = holderOf(event);
    if (holder && standing.has(holder)) holder.classList.toggle("unsaved", dirty(holder));
  });
  document.addEventListener("click", (event) => {
    const at = event.target instanceof Element ? event.target : null;
    const holder = at?.closest("button.many-chooser")?.closest<Holder>("[data-path]");
    if (holder) void chooseMany(holder);
    const map = at?.closest<Holder>("[data-path][data-kind=map]");
    if (map && at?.closest("[data-map-add]")) addMapRow(map)?.querySelector("input")?.focus();
    if (map && at?.closest("[data-map-remove]")) {
      at.closest(".map-row")?.remove();
      void commit(map);
      map.querySelector<HTMLElement>("[data-map-add]")?.focus();
    }
    const turner = at?.closest<HTMLElement>("[data-turn]");
    if (turner) void takeTurn(turner, turner.dataset.turn === "redo" ? "redo" : "undo");
    const clearer = at?.closest<HTMLElement>("[data-clear]");
    if (clearer) void put(clearer, JSON.parse(clearer.dataset.clear ?? "[]") as Path, null);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.dataset.put === undefined) return;
    event.preventDefault();
    void putForm(form);
  });
  document.addEventListener("nonagon:saved", (event) => {
    const detail = (event as CustomEvent<{ url: string; faults: Remark[] }>).detail;
    showFaults(detail.url, detail.faults);
  });
}

/** Takes back the last change, or does it again. */
export async function takeTurn(from: Element, way: "undo" | "redo"): Promise<void> {
  const at = from.closest<HTMLElement>("[data-url][data-base]");
  if (at) await turn(at.dataset.url ?? "", Number(at.dataset.base), way, at.dataset[way]);
}

/** Sets a part of the document as a whole, then shows what stands. */
async function put(from: Element, path: Path, value: unknown): Promise<void> {
  const to = target(from);
  if (!to) return;
  const outcome = await edit(to.url, to.base, [{ op: "set", path, value }]);
  if (outcome.kind === "saved" || outcome.kind === "theirs") {
    document.dispatchEvent(new CustomEvent("nonagon:refresh", { detail: { parts: ["decisions"] } }));
    return;
  }
  const left = outcome.kind === "refused" ? showRemarks(within<Holder>(from, "[data-path]"), outcome.mistakes) : [];
  if (outcome.kind === "failed" || left.length || outcome.mistakes.length === 0) wrong(left.length ? left.map((one) => one.message).join(" ") : outcome.problem);
}

/** A part that was absent, typed into a form of its own and sent as one. */
async function putForm(form: HTMLFormElement): Promise<void> {
  const value: Record<string, unknown> = {};
  for (const holder of within<Holder>(form, "[data-path]")) {
    try {
      const typed = read(holder);
      const blank = typed === null || typed === "" || (Array.isArray(typed) && typed.length === 0);
      if (!blank) value[String(pathOf(holder).at(-1))] = typed;
      mark(holder, "");
    } catch (error) {
      mark(holder, (error as Error).message);
      return;
    }
  }
  await put(form, JSON.parse(form.dataset.put ?? "[]") as Path, value);
}

/** A mark for what is being worked on. */
export function turning(): SVGSVGElement {
  const svg = icon("loader-2");
  svg.classList.add("turning");
  return svg;
}
