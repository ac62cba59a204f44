// The page of step 6: the plan is drawn anew at every change, saved or not; bars are moved by mouse and by keys.
import "./improvements/improvements.css";
import { csrf, edit, type Edit, type Path } from "../edits";
import { fieldAt, within } from "../elements";
import { control, pathOf, read, target, write, type Holder } from "../fields";
import { problemIn, wrong, type Problem } from "../toasts";

interface Drawn {
  html: string;
  budget: string;
  said: string;
  projects: Record<string, Record<string, unknown>>;
}

/** What a bar is moved to, until it is saved. begins: null for as early as it can be. */
interface Wish {
  begins?: string | null;
  duration?: number;
}

const PAUSE = 200;
const SETTLED = 900;
const DAY = 86_400_000;

const work = () => document.querySelector<HTMLElement>("[data-plan]");
const view = () => document.querySelector<HTMLElement>("[data-plan-view]");
const wishes = new Map<string, Wish>();
const timers = new Map<string, number>();

// ---------------------------------------------------------------- drawing

/** Values that are typed and not saved yet, and bars that are being moved, as edits. */
function unsavedEdits(): Edit[] {
  const found: Edit[] = [];
  for (const holder of within<Holder>(work() ?? document, "[data-path].unsaved")) {
    if (holder.closest("template, tr[data-pending]")) continue;
    try {
      found.push({ op: "set", path: pathOf(holder), value: read(holder) });
    } catch {
      // half typed: the plan is drawn without it
    }
  }
  for (const [activity, wish] of wishes) found.push(...editsOf(activity, wish));
  return found;
}

function editsOf(activity: string, wish: Wish): Edit[] {
  const path = (name: string): Path => ["activities", `@${activity}`, name];
  return [
    ...(wish.begins === undefined ? [] : [{ op: "set" as const, path: path("not_before"), value: wish.begins }]),
    ...(wish.duration === undefined ? [] : [{ op: "set" as const, path: path("duration_days"), value: wish.duration }]),
  ];
}

let asked = 0;
let soon = 0;

function drawSoon(): void {
  clearTimeout(soon);
  soon = window.setTimeout(() => void draw(), PAUSE);
}

async function draw(): Promise<void> {
  const url = work()?.dataset.preview;
  if (!url) return;
  const mine = (asked += 1);
  let response: Response;
  try {
    response = await fetch(url, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrf() },
      body: JSON.stringify({ base: 0, edits: unsavedEdits() }),
    });
  } catch {
    return; // no connection: what is drawn stays, and saving says so
  }
  const text = await response.text();
  if (mine !== asked || drag) return; // a later drawing is on its way
  if (response.ok) show(JSON.parse(text) as Drawn);
  else problem(problemIn(text, response.status), response.status);
}

function show(drawn: Drawn): void {
  const place = view();
  if (!place) return;
  problem(null);
  const focused = place.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset.activity : undefined;
  const open = place.querySelector("details")?.open ?? false;
  place.innerHTML = drawn.html;
  const table = place.querySelector("details");
  if (table) table.open = open;
  const budget = document.getElementById("budget-line");
  if (budget) budget.innerHTML = drawn.budget;
  if (focused) bar(focused)?.focus();
  const said = document.querySelector<HTMLElement>("[data-plan-said]");
  if (said && said.textContent !== drawn.said) said.textContent = drawn.said;
  for (const row of within<HTMLElement>(document, "tr[data-project]")) fill(row, drawn.projects[row.dataset.project ?? ""]);
}

function fill(row: HTMLElement, project: Record<string, unknown> | undefined): void {
  if (!project) return;
  for (const cell of within<HTMLElement>(row, "[data-part]")) {
    const part = cell.dataset.part ?? "";
    const text = part === "best" ? (project.best ? cell.dataset.in : cell.dataset.out) : String(project[part] ?? "");
    const inner = cell.querySelector("bdi") ?? cell;
    if (inner.textContent !== text) inner.textContent = text ?? "";
  }
  const box = row.querySelector<HTMLInputElement>("[data-select]");
  if (box && !choosing) box.checked = Boolean(project.selected);
}

/** What stands in the way of drawing; the last plan that could be drawn stays. */
function problem(found: Problem | null, status = 0): void {
  const place = document.querySelector<HTMLElement>("[data-plan-problem]");
  if (!place) return;
  place.hidden = found === null;
  place.textContent = found ? [found.thing, found.rule].filter(Boolean).join(": ") : "";
  if (found && status !== 422) wrong(found);
}

const bar = (activity: string) => within<HTMLElement>(view() ?? document, "[data-activity]").find((one) => one.dataset.activity === activity);

// ---------------------------------------------------------------- moving bars

const dayOf = (text: string) => Date.parse(`${text}T00:00:00Z`);
const written = (time: number) => new Date(time).toISOString().slice(0, 10);

/** Moves a bar by days from where it is wished to begin. */
function move(at: HTMLElement, days: number): void {
  const activity = at.dataset.activity ?? "";
  const wish = wishes.get(activity) ?? {};
  const from = wish.begins ?? at.dataset.begins ?? "";
  if (!from) return;
  const begins = dayOf(from) + days * DAY;
  // before the first month there is nothing to wait for
  wish.begins = begins <= dayOf(at.closest<HTMLElement>("[data-first]")?.dataset.first ?? "") ? null : written(begins);
  keep(activity, wish);
}

function stretch(at: HTMLElement, days: number): void {
  const activity = at.dataset.activity ?? "";
  const wish = wishes.get(activity) ?? {};
  wish.duration = Math.max(0, (wish.duration ?? Number(at.dataset.duration)) + days);
  keep(activity, wish);
}

/** Draws the wish at once, and saves it when nothing more is pressed for a moment. */
function keep(activity: string, wish: Wish, settled = SETTLED): void {
  wishes.set(activity, wish);
  drawSoon();
  clearTimeout(timers.get(activity));
  timers.set(activity, window.setTimeout(() => void save(activity), settled));
}

async function save(activity: string): Promise<void> {
  clearTimeout(timers.get(activity));
  const wish = wishes.get(activity);
  const to = target(document.getElementById("choose-projects") ?? document.body);
  if (!wish || !to) return;
  const edits = editsOf(activity, wish);
  const outcome = await edit(to.url, to.base, edits);
  if (wishes.get(activity) === wish) wishes.delete(activity);
  if (outcome.kind === "saved") for (const one of edits) showAt(one.path, one.value);
  else if (outcome.kind === "refused" || outcome.kind === "failed") wrong(outcome.problem);
  drawSoon();
}

/** The same value in the list of activities. */
function showAt(path: Path, value: unknown): void {
  const holder = fieldAt(path);
  if (!holder || !control(holder)) return;
  write(holder, value);
  holder.classList.remove("unsaved");
  // the page's own script then knows that this stands
  control(holder)?.dispatchEvent(new Event(holder.dataset.kind === "date" ? "focusout" : "change", { bubbles: true }));
}

function onKey(event: KeyboardEvent): void {
  const at = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>(".gantt-bar[role=slider]") : null;
  if (!at || event.ctrlKey || event.metaKey) return;
  const forward = getComputedStyle(at).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
  const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const days = (event.shiftKey ? 7 : 1) * (way === undefined ? 0 : event.key === forward ? 1 : -1);
  const activity = at.dataset.activity ?? "";
  if (days) {
    if (event.altKey) stretch(at, days);
    else move(at, days);
  } else if (event.key === "Home") keep(activity, { ...wishes.get(activity), begins: null });
  else if (event.key === "Enter" && wishes.has(activity)) void save(activity);
  else if (event.key === "Escape" && wishes.has(activity)) {
    clearTimeout(timers.get(activity));
    wishes.delete(activity);
    drawSoon();
  } else if (event.key === "ArrowUp" || event.key === "ArrowDown") neighbour(at, event.key === "ArrowDown" ? 1 : -1)?.focus();
  else return;
  event.preventDefault();
}

function neighbour(at: HTMLElement, by: number): HTMLElement | undefined {
  const bars = within<HTMLElement>(view() ?? document, ".gantt-bar[role=slider]");
  return bars[bars.indexOf(at) + by];
}

let drag: { at: HTMLElement; x: number; days: number; perDay: number } | null = null;

function startDrag(event: PointerEvent): void {
  const at = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>(".gantt-bar[role=slider]") : null;
  const gantt = at?.closest<HTMLElement>("[data-days]");
  if (!at || !gantt || event.button !== 0) return;
  const width = at.parentElement?.getBoundingClientRect().width ?? 0;
  const turned = getComputedStyle(at).direction === "rtl" ? -1 : 1;
  drag = { at, x: event.clientX, days: 0, perDay: (turned * width) / Number(gantt.dataset.days) };
  at.setPointerCapture(event.pointerId);
  at.classList.add("moving");
}

function onDrag(event: PointerEvent): void {
  if (!drag) return;
  drag.days = Math.round((event.clientX - drag.x) / drag.perDay);
  drag.at.style.transform = `translateX(${drag.days * drag.perDay}px)`;
}

function endDrag(kept: boolean): void {
  if (!drag) return;
  const { at, days } = drag;
  drag = null;
  at.classList.remove("moving");
  if (kept && days) {
    move(at, days);
    void save(at.dataset.activity ?? "");
  } else at.style.transform = "";
  at.focus();
}

// ---------------------------------------------------------------- choosing projects

let choosing = false;

/** The ticked projects become people's choice. */
async function choose(ids: string[]): Promise<void> {
  const to = target(document.getElementById("choose-projects") ?? document.body);
  if (!to) return;
  choosing = true;
  const outcome = await edit(to.url, to.base, [{ op: "replace", path: ["selected"], value: ids }]);
  choosing = false;
  if (outcome.kind === "refused" || outcome.kind === "failed") wrong(outcome.problem);
  const best = document.querySelector<HTMLButtonElement>("[data-take-best]");
  if (best) best.disabled = ids.length === 0;
  drawSoon();
}

/** One place on the page shows what another has saved: the reason on the board and in the list of projects. */
function spread(holder: Holder): void {
  const own = JSON.stringify(pathOf(holder));
  for (const other of within<Holder>(work() ?? document, "[data-path]")) {
    if (other === holder || JSON.stringify(pathOf(other)) !== own || !control(other)) continue;
    const value = read(holder);
    if (JSON.stringify(read(other)) === JSON.stringify(value)) continue;
    write(other, value);
    other.dispatchEvent(new CustomEvent("nonagon:spread"));
  }
}

if (work()) {
  document.addEventListener("keydown", onKey);
  document.addEventListener("pointerdown", startDrag);
  document.addEventListener("pointermove", onDrag);
  document.addEventListener("pointerup", () => endDrag(true));
  document.addEventListener("pointercancel", () => endDrag(false));
  document.addEventListener("input", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-plan] [data-path]")) drawSoon();
  });
  document.addEventListener("change", (event) => {
    const at = event.target instanceof Element ? event.target : null;
    if (at?.matches("[data-select]")) {
      const boxes = within<HTMLInputElement>(document, "[data-select]");
      void choose(boxes.filter((one) => one.checked).map((one) => one.dataset.select ?? ""));
      return;
    }
    const holder = at?.closest<Holder>("[data-plan] [data-path]");
    if (holder && !holder.closest("tr[data-pending]")) spread(holder);
  });
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-take-best]")) void choose([]);
  });
  document.addEventListener("nonagon:saved", drawSoon);
  document.addEventListener("nonagon:refreshed", drawSoon);
  if (work()?.dataset.outdated !== undefined) drawSoon();
}
