// The SWOT board: entries are accepted and rejected where they stand, by button or by key; each decision is saved at once.
import { within } from "../elements";
import { edit, type Edit } from "../edits";
import { target } from "../fields";
import { wrong } from "../toasts";

const board = document.querySelector<HTMLElement>("[data-board]");
const words = board?.querySelector<HTMLElement>("[data-words]")?.dataset ?? {};

async function save(edits: Edit[]): Promise<boolean> {
  const at = board ? target(board) : null;
  if (!at) return false;
  const outcome = await edit(at.url, at.base, edits);
  if (outcome.kind === "refused" || outcome.kind === "failed") wrong(outcome.problem);
  return outcome.kind === "saved";
}

/** Asks why, in a dialog of the page; null where the person thinks better of it. */
function reasonFor(sentence: string): Promise<string | null> {
  const dialog = document.createElement("dialog");
  const form = document.createElement("form");
  form.method = "dialog";
  const title = Object.assign(document.createElement("h2"), { textContent: words.why ?? "" });
  const about = Object.assign(document.createElement("p"), { textContent: sentence });
  const input = Object.assign(document.createElement("textarea"), { className: "form-control", rows: 3, required: true });
  input.setAttribute("aria-label", words.why ?? "");
  const go = Object.assign(document.createElement("button"), { className: "btn btn-primary", textContent: words.reject ?? "", value: "go" });
  const stop = Object.assign(document.createElement("button"), { className: "btn", textContent: words.cancel ?? "", value: "", formNoValidate: true });
  const actions = Object.assign(document.createElement("div"), { className: "actions" });
  actions.append(go, stop);
  const inside = Object.assign(document.createElement("div"), { className: "inside" });
  inside.append(title, about, input, actions);
  form.append(inside);
  dialog.append(form);
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue === "go" && input.value.trim() ? input.value.trim() : null);
      dialog.remove();
    });
    dialog.showModal();
  });
}

async function decide(entry: HTMLElement, decision: string): Promise<void> {
  const id = entry.dataset.entry ?? "";
  if (entry.dataset.decision === "added" || entry.dataset.decision === decision) return;
  let reason = "";
  if (decision === "reject") {
    const given = await reasonFor(entry.querySelector(".swot-sentence")?.textContent ?? "");
    entry.focus();
    if (given === null) return;
    reason = given;
  }
  const value = decision ? { id, decision, reason } : null;
  if (!(await save([{ op: "put", path: ["swot", `@${id}`], value }]))) return;
  entry.dataset.decision = decision;
  const place = entry.querySelector("[data-verdict]");
  const said = { accept: words.accepted, reject: `${words.rejected}: ${reason}`, "": words.undecided }[decision];
  if (place) place.textContent = said ?? "";
}

function entries(): HTMLElement[] {
  return board ? within<HTMLElement>(board, ".swot-entry") : [];
}

function onKey(event: KeyboardEvent): void {
  const entry = event.target as HTMLElement;
  if (!entry.classList.contains("swot-entry") || event.ctrlKey || event.metaKey || event.altKey) return;
  const all = entries();
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    all[all.indexOf(entry) + step]?.focus();
    return;
  }
  const decision = { a: "accept", r: "reject", u: "" }[event.key.toLowerCase()];
  if (decision === undefined || !entry.querySelector("[data-decide]")) return;
  event.preventDefault();
  void decide(entry, decision);
}

/** A short name made of words, that no other entry has. */
function nameFor(sentence: string, taken: Set<string>): string {
  const stem = sentence.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 30) || "entry";
  let name = stem;
  for (let count = 2; taken.has(name); count += 1) name = `${stem}-${count}`;
  return name;
}

function complain(form: HTMLFormElement, on: boolean): void {
  form.querySelector<HTMLElement>("[data-problem]")?.toggleAttribute("hidden", !on);
}

async function addEntry(form: HTMLFormElement): Promise<void> {
  const given = new FormData(form);
  const text = (name: string) => String(given.get(name) ?? "").trim();
  const whole = text("sentence") !== "" && text("evidence") !== "";
  complain(form, !whole);
  if (!whole) return;
  const id = nameFor(`${text("quadrant")}-${text("sentence")}`, new Set(entries().map((one) => one.dataset.entry ?? "")));
  const value = { id, quadrant: text("quadrant"), sentence: text("sentence"), evidence: text("evidence"), need: text("need") || null };
  if (await save([{ op: "add", path: ["added"], value }])) location.reload();
}

const LETTERS: Record<string, string> = { strength: "S", weakness: "W", opportunity: "O", threat: "T" };

async function addPair(form: HTMLFormElement): Promise<void> {
  const chosen = within<HTMLInputElement>(form, "input[name=entry]:checked");
  const kinds = new Set(chosen.map((one) => one.dataset.quadrant ?? ""));
  const [inner, ...moreInner] = [...kinds].filter((one) => one === "strength" || one === "weakness");
  const [outer, ...moreOuter] = [...kinds].filter((one) => one === "opportunity" || one === "threat");
  const action = String(new FormData(form).get("action") ?? "").trim();
  const fits = inner !== undefined && outer !== undefined && moreInner.length + moreOuter.length === 0 && action !== "";
  complain(form, !fits);
  if (!fits) return;
  const kind = `${LETTERS[inner]}${LETTERS[outer]}`;
  const taken = new Set(within<HTMLElement>(document, "#edit-tows tr[data-entry]").map((row) => String((JSON.parse(row.dataset.entry ?? "[]") as unknown[]).at(-1)).replace(/^@/, "")));
  const value = { id: nameFor(`${kind}-${action}`, taken), kind, entries: chosen.map((one) => one.value), action };
  if (await save([{ op: "add", path: ["tows"], value }])) location.reload();
}

if (board) {
  board.addEventListener("keydown", onKey);
  board.addEventListener("click", (event) => {
    const button = (event.target as HTMLElement).closest<HTMLElement>("[data-decide], [data-drop]");
    const entry = button?.closest<HTMLElement>(".swot-entry");
    if (!button || !entry) return;
    if (button.dataset.drop !== undefined) {
      void save([{ op: "remove", path: ["added", `@${entry.dataset.entry}`] }]).then((gone) => gone && entry.remove());
    } else {
      void decide(entry, button.dataset.decide ?? "");
    }
  });
  for (const [name, act] of [["add-entry", addEntry], ["add-pair", addPair]] as const) {
    board.querySelector<HTMLFormElement>(`[data-${name}]`)?.addEventListener("submit", (event) => {
      event.preventDefault();
      void act(event.currentTarget as HTMLFormElement);
    });
  }
}
