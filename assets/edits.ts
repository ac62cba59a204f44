// The one way from a page to a decision document: edits in order, one request at a time. The base stays at what the page shows.
// Every editor on a page, also a step's own, uses `edit`; they share one line for each address.
import { ask } from "./dialogs";
import { fieldAt, make } from "./elements";
import { offer, problemIn, withdraw, type Problem } from "./toasts";
import { language, say } from "./words";

export type Path = (string | number)[];

/**
 * One change: op on a path. `value` for set, add and replace; `to` the position for add and move. `put` sets fields of the entry
 * that the path's last part names ("@need=seat&characteristic=pitch"), makes it where it is not there, and takes it away for null.
 */
export interface Edit {
  op: "set" | "add" | "remove" | "move" | "replace" | "put";
  path: Path;
  value?: unknown;
  to?: number;
}

/** Something that is wrong at a path. */
export interface Remark {
  path: Path;
  message: string;
}

export interface Conflict {
  person: string;
  at: string;
  path: Path;
  theirs: unknown;
  /** What this page wished for the same place. */
  mine?: unknown;
  /** Which of the edits that were sent it met; the two may name the place in different ways. */
  edit: number;
  /** The versions that touched the place; the last of them is told of here. */
  met: number[];
}

/**
 * How an edit ended. saved: it stands. theirs: somebody else's value was kept. refused: the values break a rule.
 * failed: the server would not do it (not signed in, not allowed, broken).
 */
export type Outcome =
  | { kind: "saved"; version: number; faults: Remark[]; document: unknown }
  | { kind: "theirs"; conflict: Conflict }
  | { kind: "refused"; mistakes: Remark[]; problem: Problem }
  | { kind: "failed"; problem: Problem };

export type State = "saved" | "saving" | "offline" | "refused";

interface Waiting {
  edits: Edit[];
  /** Names this request, so that the server can tell a repetition from a second wish. */
  name: string;
  settle: (outcome: Outcome) => void;
}

interface Line {
  url: string;
  /** The version up to which the page shows all there is. */
  base: number;
  /** Later versions that this page made or was told of; what lies between is others', not seen yet. */
  known: Set<number>;
  waiting: Waiting[];
  running: boolean;
  state: State;
  /** Versions that others have made and that this page does not show. */
  unseen: number;
}

/** The lines stand on the window: a step's module is built apart and must meet the same ones. */
const KEY = Symbol.for("nonagon.lines");
const holder = window as unknown as Record<symbol, Map<string, Line> | undefined>;
const lines = (holder[KEY] ??= new Map<string, Line>());

const RETRY_FIRST = 1000;
const RETRY_MOST = 15000;

function lineOf(url: string, base: number): Line {
  let line = lines.get(url);
  if (!line) {
    line = { url, base, known: new Set(), waiting: [], running: false, state: "saved", unseen: 0 };
    lines.set(url, line);
  }
  moveBase(line, base);
  return line;
}

function moveBase(line: Line, base: number): void {
  line.base = Math.max(line.base, base);
  for (const one of line.known) if (one <= line.base) line.known.delete(one);
}

/** Sends edits behind all that wait for the same address. base: the version number that the page was made from. */
export function edit(url: string, base: number, edits: Edit[]): Promise<Outcome> {
  const line = lineOf(url, base);
  return new Promise((resolve) => {
    line.waiting.push({ edits, name: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`, settle: resolve });
    void run(line);
  });
}

/** The newest version number known for an address. */
export function baseOf(url: string, base: number): number {
  return lineOf(url, base).base;
}

/** Whether something waits to be saved. */
export function unsaved(): boolean {
  return [...lines.values()].some((line) => line.waiting.length > 0);
}

function announce(line: Line, state: State): void {
  line.state = state;
  document.dispatchEvent(new CustomEvent("nonagon:saving", { detail: { url: line.url, state, waiting: line.waiting.length } }));
}

async function run(line: Line): Promise<void> {
  if (line.running) return;
  line.running = true;
  let refused = false;
  for (let next = line.waiting[0]; next; next = line.waiting[0]) {
    announce(line, "saving");
    const outcome = await send(line, next);
    line.waiting.shift();
    refused = outcome.kind === "refused" || outcome.kind === "failed";
    next.settle(outcome);
  }
  line.running = false;
  announce(line, refused ? "refused" : "saved");
}

/** One request until it has an answer. */
async function send(line: Line, waiting: Waiting): Promise<Outcome> {
  for (;;) {
    const answer = await reach(line, line.url, { base: line.base, known: [...line.known], edits: waiting.edits }, waiting.name);
    if (answer.status === 200) return saved(line, answer.body);
    const body = parsed(answer.body);
    const problem = problemIn(answer.body, answer.status);
    if (answer.status === 422) return { kind: "refused", mistakes: (body.mistakes as Remark[] | undefined) ?? [], problem };
    if (answer.status !== 409 || !body.conflict) return { kind: "failed", problem };
    const conflict = body.conflict as Conflict;
    for (const one of conflict.met) line.known.add(one);
    tellOthers(line, Math.max(0, line.unseen - conflict.met.length));
    const meant = waiting.edits[conflict.edit];
    conflict.mine ??= meant?.value;
    if (meant?.op === "put") conflict.theirs = alike(conflict.theirs, conflict.mine);
    // the same wish twice, as after a lost answer, is no conflict
    const agreed = meant !== undefined && meant.op !== "remove" && same(conflict.theirs, conflict.mine);
    if (!agreed && (await mineStands(conflict))) continue;
    // what they did to the entry is not in the field that was typed into: the page shows it as it stands
    if (meant && !touches(meant.path, conflict.path)) document.dispatchEvent(new CustomEvent("nonagon:refresh", { detail: { parts: ["decisions"] } }));
    waiting.edits = waiting.edits.filter((one) => one !== meant && !touches(one.path, conflict.path));
    const rest: Outcome = waiting.edits.length ? await send(line, waiting) : { kind: "saved", version: line.base, faults: [], document: undefined };
    return rest.kind === "saved" && !agreed ? { kind: "theirs", conflict } : rest;
  }
}

function saved(line: Line, text: string): Outcome {
  const body = parsed(text);
  const version = Number(body.version ?? 0);
  line.known.add(version);
  moveBase(line, Number(body.base ?? 0));
  tellOthers(line, Number(body.others ?? 0));
  const outcome = { kind: "saved", version, faults: (body.faults as Remark[] | undefined) ?? [], document: body.document } as const;
  document.dispatchEvent(new CustomEvent("nonagon:saved", { detail: { url: line.url, ...outcome } }));
  return outcome;
}

const OTHERS = "changes-of-others";

/** Others have made versions that the page does not show: it says how many, and shows them when it is asked to. */
function tellOthers(line: Line, unseen: number): void {
  if (unseen === line.unseen) return;
  line.unseen = unseen;
  const count = [...lines.values()].reduce((sum, one) => sum + one.unseen, 0);
  if (!count) {
    withdraw(OTHERS);
    return;
  }
  offer(OTHERS, say("others_changed", { n: count }), say("show_them"), () => {
    document.dispatchEvent(new CustomEvent("nonagon:refresh", { detail: { parts: ["decisions"] } }));
  });
}

document.addEventListener("nonagon:refreshed", (event) => {
  if (!(event as CustomEvent<{ parts: string[] }>).detail.parts.includes("decisions")) return;
  for (const line of lines.values()) line.unseen = 0;
  withdraw(OTHERS);
});

function parsed(text: string): Record<string, unknown> {
  try {
    return (JSON.parse(text) as Record<string, unknown> | null) ?? {};
  } catch {
    return {};
  }
}

/** Posts until the server answers: a lost connection or a server that starts again is waited for. */
async function reach(line: Line, url: string, body: unknown, name: string): Promise<{ status: number; body: string }> {
  for (let pause = RETRY_FIRST; ; pause = Math.min(pause * 2, RETRY_MOST)) {
    try {
      const response = await fetch(url, {
        method: "POST",
        credentials: "same-origin",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrf(), "X-Edit-Name": name },
        body: JSON.stringify(body),
      });
      if (![502, 503, 504].includes(response.status)) return { status: response.status, body: await response.text() };
    } catch {
      // no connection: below
    }
    announce(line, "offline");
    await waited(pause);
  }
}

function waited(pause: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, pause);
    addEventListener("online", () => (clearTimeout(timer), resolve()), { once: true });
  });
}

/** The token against forged requests. */
export function csrf(): string {
  return document.querySelector<HTMLMetaElement>("meta[name=csrf-token]")?.content ?? "";
}

/** Whether two values are the same to JSON. */
export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}

/** Of somebody's entry the fields that I wished to set: those are compared and shown. */
function alike(theirs: unknown, mine: unknown): unknown {
  if (theirs === null || typeof theirs !== "object" || mine === null || typeof mine !== "object") return theirs;
  return Object.fromEntries(Object.keys(mine).map((key) => [key, (theirs as Record<string, unknown>)[key]]));
}

/** Whether one path lies in the other. */
export function touches(a: Path, b: Path): boolean {
  const shorter = Math.min(a.length, b.length);
  return a.slice(0, shorter).every((part, place) => String(part) === String(b[place]));
}

async function mineStands(conflict: Conflict): Promise<boolean> {
  const at = new Date(conflict.at);
  const time = Number.isNaN(at.getTime()) ? conflict.at : at.toLocaleString(language(), { dateStyle: "medium", timeStyle: "short" });
  const where = named(conflict.path);
  const sides = make(
    "dl",
    { class: "both-sides" },
    make("div", {}, make("dt", {}, say("theirs", { person: conflict.person })), make("dd", {}, readable(conflict.theirs))),
    make("div", {}, make("dt", {}, say("yours")), make("dd", {}, readable(conflict.mine))),
  );
  const title = say("changed_meanwhile");
  const sentence = say("who_changed", { person: conflict.person, time, where });
  const choices = [
    { value: "theirs", label: say("keep_theirs") },
    { value: "mine", label: say("put_mine") },
  ];
  // Closing the dialog keeps what stands: nothing of another person is lost without being asked for.
  return (await ask(title, [sentence, sides], choices, false)) === "mine";
}

/** What people call the field of a path: its label on this page, else the path. */
function named(path: Path): string {
  const at = fieldAt(path);
  const row = at?.closest("tr")?.dataset.name;
  const words = at?.dataset.label ? [row, at.dataset.label] : path.map((part) => String(part).replace(/^@/, ""));
  return words.filter(Boolean).join(" › ");
}

function readable(value: unknown): string {
  if (value === null || value === undefined || value === "") return say("nothing");
  if (value === true || value === false) return say(value ? "yes" : "no");
  if (Array.isArray(value) && value.every((one) => typeof one !== "object")) return value.join(", ");
  if (typeof value === "object" && !Array.isArray(value) && Object.keys(value).length === 1) return readable(Object.values(value)[0]);
  return typeof value === "object" ? JSON.stringify(value, null, 1) : String(value);
}

/** Takes back the last change, or puts it again; then the page shows what stands. */
export async function turn(url: string, base: number, way: "undo" | "redo", address = url.replace(/edit\/?$/, way)): Promise<boolean> {
  const line = lineOf(url, base);
  while (line.running) await new Promise((resolve) => setTimeout(resolve, 50));
  line.running = true; // edits made meanwhile wait
  announce(line, "saving");
  const answer = await reach(line, address, { base: line.base }, crypto.randomUUID?.() ?? String(Date.now()));
  line.running = false;
  void run(line);
  if (answer.status === 200) {
    saved(line, answer.body);
    announce(line, "saved");
    document.dispatchEvent(new CustomEvent("nonagon:refresh", { detail: { parts: ["decisions"] } }));
    return true;
  }
  announce(line, "saved");
  document.dispatchEvent(new CustomEvent("nonagon:problem", { detail: problemIn(answer.body, answer.status) }));
  return false;
}
