// Short messages that do not belong to one field. They are spoken by screen readers and stay until they are closed.
import { icon, make } from "./elements";
import { say } from "./words";

/** The one shape in which the server says what went wrong. */
export interface Problem {
  thing?: string;
  rule?: string;
  received?: unknown;
  next?: string;
}

function place(): HTMLElement {
  const there = document.getElementById("toasts");
  if (there) return there;
  const made = make("div", { id: "toasts", class: "toasts", role: "status", "aria-live": "polite" });
  document.body.append(made);
  return made;
}

function show(kind: "error" | "good", sentence: string, next = ""): void {
  if ([...place().children].some((one) => one.querySelector("p")?.textContent === sentence)) return; // said already
  const text = make("div", {}, make("p", {}, sentence));
  if (next) text.append(make("p", { class: "next" }, next));
  const close = make("button", { type: "button", class: "btn btn-ghost btn-sm btn-icon", "aria-label": say("close") }, icon("x"));
  const card = make("div", { class: `toast-card ${kind}` }, icon(kind === "error" ? "alert-triangle" : "circle-check"), text, close);
  close.addEventListener("click", () => card.remove());
  place().append(card);
  if (kind === "good") setTimeout(() => card.remove(), 6000);
}

/** Something was done. */
export function done(sentence: string): void {
  show("good", sentence);
}

/** Something went wrong. */
export function wrong(problem: Problem | string): void {
  if (typeof problem === "string") {
    show("error", problem);
    return;
  }
  show("error", sentenceOf(problem), problem.next ?? "");
}

/** Something to know, with a button to do something about it; it stays until then. Said again under its name, it is one card. */
export function offer(name: string, sentence: string, label: string, act: () => void): void {
  const button = make("button", { type: "button", class: "btn btn-sm" }, label);
  const close = make("button", { type: "button", class: "btn btn-ghost btn-sm btn-icon", "aria-label": say("close") }, icon("x"));
  const card = make("div", { class: "toast-card", "data-offer": name }, icon("info-circle"), make("div", {}, make("p", {}, sentence), button), close);
  button.addEventListener("click", () => (card.remove(), act()));
  close.addEventListener("click", () => card.remove());
  withdraw(name);
  place().append(card);
}

/** Takes such a card away. */
export function withdraw(name: string): void {
  document.querySelector(`[data-offer="${name}"]`)?.remove();
}

/** A problem as one sentence: the thing, the rule, what was received. */
export function sentenceOf(problem: Problem): string {
  const received = problem.received === undefined || problem.received === null || problem.received === "" ? "" : say("received", { value: shown(problem.received) });
  return [[problem.thing, problem.rule].filter(Boolean).join(": ") || say("went_wrong"), received].filter(Boolean).join(" ");
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The problem in a response's body, whatever its form. */
export function problemIn(body: string, status: number): Problem {
  try {
    const parsed = JSON.parse(body) as { error?: Problem };
    if (parsed.error) return parsed.error;
  } catch {
    // not JSON: said by its status
  }
  if (status === 401) return { thing: say("signed_out"), next: say("sign_in_again") };
  if (status === 403) return { thing: say("not_allowed") };
  if (status === 404) return { thing: say("not_there") };
  if (status === 413) return { thing: say("too_large") };
  if (status === 429) return { thing: say("too_often"), next: say("wait_and_retry") };
  return { thing: say("went_wrong"), next: say("retry_or_reload") };
}
