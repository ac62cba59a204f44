// Keys that work on every page, and "?" that lists them. Pages add their own with `shortcut`.
import { closeMark } from "./dialogs";
import { make } from "./elements";
import { say } from "./words";

interface Shortcut {
  keys: string;
  does: string;
  act?: () => void;
}

declare global {
  interface Document {
    nonagonKeys?: Shortcut[];
  }
}

/** One list a page: each step's script is a bundle of its own, with its own copy of this module. */
const known: Shortcut[] = (document.nonagonKeys ??= []);

/**
 * Makes a key known. keys: as shown and as compared with KeyboardEvent.key ("g"), or a description ("Alt + ↑") without `act`
 * for keys that something else handles.
 */
export function shortcut(keys: string, does: string, act?: () => void): void {
  if (known.some((one) => one.keys === keys && one.does === does)) return;
  known.push(act ? { keys, does, act } : { keys, does });
}

/** The keys of every grid, which stops.ts handles. */
export function gridKeys(): void {
  shortcut("Tab", say("keys_tab"));
  shortcut("← ↑ ↓ →", say("keys_arrows"));
  shortcut("Home + End + Page ↑ + Page ↓", say("keys_ends"));
  shortcut("Enter + F2", say("keys_edit"));
}

/** Whether keys typed now are text that belongs to a field. */
function typing(): boolean {
  const at = document.activeElement;
  return at instanceof HTMLElement && (at.isContentEditable || at.matches("input:not([type=checkbox],[type=radio],[type=button]), textarea, select"));
}

export function showKeys(): void {
  if (document.querySelector("dialog[open]")) return;
  const rows = known.map((one) => make("tr", {}, make("th", { scope: "row" }, ...pressed(one.keys)), make("td", {}, one.does)));
  const table = make("table", { class: "keys-table" }, make("tbody", {}, ...rows));
  const inside = make("div", { class: "inside" }, make("h2", { id: "keys-title" }, say("keys_title")), table, closeMark());
  const dialog = make("dialog", { "aria-labelledby": "keys-title" }, inside);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function pressed(keys: string): (Node | string)[] {
  return keys.split(" + ").flatMap((key, place) => (place ? [" + ", make("kbd", {}, key)] : [make("kbd", {}, key)]));
}

/** Goes to where a link of the navigation leads: data-key on a link is its key after "g". */
function goTo(key: string): void {
  document.querySelector<HTMLAnchorElement>(`a[data-key="${CSS.escape(key)}"]`)?.click();
}

let afterG = false;

export function startKeys(): void {
  shortcut("?", say("keys_help"), showKeys);
  if (document.querySelector("a[data-key]")) shortcut("g + 1 … 9", say("keys_step"));
  if (document.querySelector("a[data-key='o']")) shortcut("g + o", say("keys_overview"));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || typing()) return;
    if (afterG) {
      afterG = false;
      goTo(event.key);
      return;
    }
    if (event.key === "g") {
      afterG = true;
      setTimeout(() => (afterG = false), 1500);
      return;
    }
    const found = known.find((one) => one.act && one.keys === event.key);
    if (!found?.act) return;
    event.preventDefault();
    found.act();
  });
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-show-keys]")) showKeys();
  });
}
