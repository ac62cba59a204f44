// The entry page for measurements: a value that was typed is kept on the device until the server has said that it is in the
// database. Sending it again is harmless, since each carries a key of its own.
import "./control/control.css";
import { csrf } from "../edits";
import { make, within } from "../elements";
import { problemIn, sentenceOf } from "../toasts";

interface Entry {
  key: string;
  item: string;
  value: string;
  at: string;
  subgroup?: string;
  size?: string;
  note?: string;
  corrects?: string;
  /** Why the server would not have it; it then waits for the person. */
  why?: string;
}

interface Told {
  verdict: "inside" | "outside_limits" | "outside_specification";
  sentence: string;
  responder: string;
  reaction: string;
}

const RETRY_FIRST = 2000;
const RETRY_MOST = 30000;

const root = document.querySelector<HTMLElement>("[data-measure]");
const form = root?.querySelector<HTMLFormElement>("[data-measure-form]");
const said = document.getElementById("measure-said");
const list = document.getElementById("measure-queue");
const store = `nonagon.measure.${root?.dataset.store ?? ""}`;
const words = JSON.parse(document.getElementById("measure-words")?.textContent ?? "{}") as Record<string, string>;

const word = (name: string, places: Record<string, string | number> = {}): string =>
  (words[name] ?? name).replace(/\{(\w+)\}/g, (whole, place: string) => String(places[place] ?? whole));

// ---------------------------------------------------------------- what waits, in the browser's storage

/** Where there is no storage (a private window) the entries wait in the page alone. */
let inPage: Entry[] = [];

function waiting(): Entry[] {
  try {
    return JSON.parse(localStorage.getItem(store) ?? "[]") as Entry[];
  } catch {
    return inPage;
  }
}

function keep(entries: Entry[]): void {
  inPage = entries;
  try {
    if (entries.length) localStorage.setItem(store, JSON.stringify(entries));
    else localStorage.removeItem(store);
  } catch {
    // kept in the page
  }
  show(entries);
}

function drop(key: string): void {
  keep(waiting().filter((one) => one.key !== key));
}

function mark(key: string, why: string): void {
  keep(waiting().map((one) => (one.key === key ? { ...one, why } : one)));
}

// ---------------------------------------------------------------- what the page shows of it

function show(entries: Entry[]): void {
  if (!list) return;
  const refused = entries.filter((one) => one.why);
  const open = entries.length - refused.length;
  const cards = refused.map((one) => {
    const again = make("button", { type: "button", class: "btn btn-sm" }, word("again"));
    const away = make("button", { type: "button", class: "btn btn-sm" }, word("drop"));
    again.addEventListener("click", () => {
      keep(waiting().map((other) => (other.key === one.key ? { ...other, why: undefined } : other)));
      void flush();
    });
    away.addEventListener("click", () => drop(one.key));
    const sentence = `${one.value}: ${word("refused", { why: one.why ?? "" })}`;
    return make("div", { class: "alert alert-danger" }, make("p", {}, sentence), make("div", { class: "actions" }, again, away));
  });
  const line = open ? [make("p", { class: "measure-waiting" }, word("waiting", { count: open }))] : [];
  list.replaceChildren(...line, ...cards);
}

function tell(kind: "success" | "danger" | "warning", ...sentences: (string | HTMLElement)[]): void {
  const box = make("div", { class: `alert alert-${kind}` }, ...sentences.map((one) => (typeof one === "string" ? make("p", {}, one) : one)));
  said?.replaceChildren(box);
}

function answered(told: Told): void {
  const inside = told.verdict === "inside";
  const lines: (string | HTMLElement)[] = [make("p", { class: "measure-verdict" }, told.sentence)];
  if (told.reaction) lines.push(make("p", { dir: "auto" }, make("strong", {}, told.reaction)));
  if (told.responder) lines.push(word("reacts", { who: told.responder }));
  tell(inside ? "success" : "danger", ...lines);
  if (!inside) navigator.vibrate?.(200);
  document.dispatchEvent(new CustomEvent("nonagon:refresh", { detail: { parts: ["measure-last"] } }));
}

// ---------------------------------------------------------------- sending

let sending = false;
let timer = 0;
let pause = RETRY_FIRST;

/** Sends what waits, one after the other; what cannot be sent is tried again. */
async function flush(): Promise<void> {
  if (sending || !root) return;
  sending = true;
  clearTimeout(timer);
  try {
    for (let next = waiting().find((one) => !one.why); next; next = waiting().find((one) => !one.why)) {
      if (!(await send(next))) break;
      pause = RETRY_FIRST;
    }
  } finally {
    sending = false;
  }
  if (waiting().some((one) => !one.why)) {
    timer = window.setTimeout(() => void flush(), pause);
    pause = Math.min(pause * 2, RETRY_MOST);
  }
}

/** Whether the server has answered for this one, with yes or with no. */
async function send(entry: Entry): Promise<boolean> {
  let response: Response;
  try {
    response = await fetch(root?.dataset.url ?? "", {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrf() },
      body: JSON.stringify({ ...entry, why: undefined }),
    });
  } catch {
    tell("warning", word("waits"));
    return false;
  }
  if (response.redirected) {
    tell("warning", word("signed_out"));
    return false;
  }
  if (response.ok) {
    const told = (await response.json()) as Told;
    drop(entry.key);
    answered(told);
    return true;
  }
  if (response.status >= 500 || response.status === 429) {
    tell("warning", word("waits"));
    return false;
  }
  const why = sentenceOf(problemIn(await response.text(), response.status));
  mark(entry.key, why);
  back(entry, why);
  return true;
}

/** A refused value stands in the form again, if nothing else was typed meanwhile. */
function back(entry: Entry, why: string): void {
  const field = form?.elements.namedItem("value");
  if (!(field instanceof HTMLInputElement) || field.value || entry.item !== text("item")) return;
  field.value = entry.value;
  field.setAttribute("aria-invalid", "true");
  drop(entry.key);
  tell("danger", word("refused", { why }));
  field.focus();
}

// ---------------------------------------------------------------- typing

function text(name: string): string {
  const field = form?.elements.namedItem(name);
  return field instanceof HTMLInputElement ? field.value.trim() : "";
}

/** This moment as the server reads it: with the offset from UTC, so that no time zone is guessed. */
function now(): string {
  return new Date().toISOString();
}

function fresh(): string {
  if (crypto.randomUUID) return crypto.randomUUID();
  // without a secure connection browsers give no UUID, but they give random bytes
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  const value = form.elements.namedItem("value");
  if (!(value instanceof HTMLInputElement)) return;
  value.removeAttribute("aria-invalid");
  if (!form.reportValidity()) return;
  const entry: Entry = { key: fresh(), item: text("item"), value: text("value"), at: text("at") || now() };
  for (const name of ["subgroup", "size", "note", "corrects"] as const) if (text(name)) entry[name] = text(name);
  keep([...waiting(), entry]);
  tell("success", word("sending", { value: entry.value }));
  value.value = "";
  for (const name of ["note", "at"]) {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement) field.value = "";
  }
  if (entry.corrects) for (const one of within<HTMLElement>(form, "input[name=corrects], p.alert")) one.remove();
  value.focus();
  void flush();
});

addEventListener("online", () => ((pause = RETRY_FIRST), void flush()));
document.addEventListener("visibilitychange", () => void flush());
if (root) {
  show(waiting());
  void flush();
}
