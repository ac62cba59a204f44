// The House of Quality as the page knows it: what came from the server, changed as one types.
import { edit, turn, type Edit, type Outcome, type Path } from "../../edits";
import { wrong } from "../../toasts";

export interface Need {
  id: string;
  name: string;
  above: string;
  importance: number | null;
  kind: string;
  decided: { value: number; low: number | null; high: number | null; reason: string } | null;
  ours: number | null;
  competitors: Record<string, number | null>;
  now: number | null;
  target: number | null;
  sales_point: number | null;
}

export interface Characteristic {
  id: string;
  name: string;
  unit: string;
  direction: "higher" | "lower" | "target";
  target: number | null;
  lower_limit: number | null;
  upper_limit: number | null;
  difficulty: number | null;
  measurement: string | null;
}

export interface Idea {
  id: string;
  name: string;
  scores: Record<string, number>;
}

export interface Concepts {
  id: string;
  question: string;
  datum: string;
  criteria: { name: string; weight: number }[];
  ideas: Idea[];
  chosen: string[];
  reason: string;
}

export interface Further {
  id: string;
  name: string;
  columns: { id: string; name: string; unit: string }[];
  relationships: { row: string; column: string; strength: number }[];
}

export interface House {
  subject: string;
  needs: Need[];
  all_needs: { id: string; name: string; depth: number }[];
  rows_chosen: boolean;
  characteristics: Characteristic[];
  cells: [need: string, characteristic: string, judge: string, strength: number][];
  roof: [a: string, b: string, sign: string][];
  technical: [characteristic: string, subject: string, value: number][];
  subjects: string[];
  pairs: [a: string, b: string, times: number][];
  concepts: Concepts[];
  houses: Further[];
  accepted_rows: Record<string, string>;
  accepted_conflicts: Record<string, string>;
}

/** Where edits go and who may make them. */
export interface Place {
  url: string;
  undo: string;
  redo: string;
  base: number;
  mayEdit: boolean;
  preview: string;
  pairs: string;
}

function block<T>(id: string): T | null {
  const at = document.getElementById(id);
  return at?.textContent ? (JSON.parse(at.textContent) as T) : null;
}

export const readHouse = (): House | null => block<House>("house-data");

/** The sentence of a key in the language of the page. */
export function tell(key: string, places: Record<string, string | number> = {}): string {
  const known = block<Record<string, string>>("house-words") ?? {};
  return (known[key] ?? key).replace(/\{(\w+)\}/g, (whole, name: string) => String(places[name] ?? whole));
}

/** The name of an entry that has no id: its fields in a fixed order. */
export const named = (fields: Record<string, string>): string => `@${new URLSearchParams(fields).toString()}`;

export const cellName = (need: string, characteristic: string, judge: string): string => named({ need, characteristic, judge });

/** Sends edits. `kept` runs where something else stands than what was wished: somebody's value, or the one before. */
export async function send(place: Place, edits: Edit[], kept?: (theirs: unknown, path: Path | null) => void): Promise<Outcome> {
  const outcome = await edit(place.url, place.base, edits);
  if (outcome.kind === "theirs") kept?.(outcome.conflict.theirs, outcome.conflict.path);
  if (outcome.kind === "refused" || outcome.kind === "failed") {
    kept?.(undefined, null);
    const said = outcome.kind === "refused" ? outcome.mistakes.map((one) => one.message).join(" ") : "";
    wrong(said || outcome.problem);
  }
  return outcome;
}

let newest = 0;

/** Each save is one version. Where more lie between, somebody else has written: that comes onto the page at once. */
export function watchOthers(place: Place): void {
  const watching = newest > 0;
  newest = Math.max(newest, place.base);
  if (watching) return;
  document.addEventListener("nonagon:saved", (event) => {
    const { url, version } = (event as CustomEvent<{ url: string; version: number }>).detail;
    if (url !== place.url) return;
    if (version > newest + 1) refresh();
    newest = Math.max(newest, version);
  });
}

/** Fetches what stands and shows it. */
export function refresh(): void {
  document.dispatchEvent(new CustomEvent("nonagon:refresh", { detail: { parts: ["decisions"] } }));
}

/** What a key asks for: Ctrl+Z takes back; Ctrl+Y and Ctrl+Shift+Z make again. */
export function wayOf(event: KeyboardEvent): "undo" | "redo" | null {
  const key = event.key.toLowerCase();
  if (!(event.ctrlKey || event.metaKey) || !["z", "y"].includes(key)) return null;
  return key === "y" || event.shiftKey ? "redo" : "undo";
}

/** Takes back or makes again where the key asks for it; true where it did. */
export function turned(event: KeyboardEvent, place: Place): boolean {
  const way = wayOf(event);
  if (!way) return false;
  event.preventDefault();
  void turn(place.url, place.base, way, way === "undo" ? place.undo : place.redo);
  return true;
}

/** A number in a cell, short. */
export function short(value: number | null | undefined, digits = 2): string {
  if (value === null || value === undefined) return "";
  return Number.isInteger(value) ? String(value) : String(Number(value.toFixed(digits)));
}

export const percent = (share: number, digits = 1): string => `${(share * 100).toFixed(digits)} %`;

/** Ranks, 1 the highest; values equal to twelve digits share the better rank, as in the analysis. */
export function ranks(values: number[]): number[] {
  const scale = Math.max(...values.map(Math.abs), 0) || 1;
  const rounded = values.map((one) => Number((one / scale).toFixed(12)));
  return rounded.map((one) => 1 + rounded.filter((other) => other > one).length);
}
