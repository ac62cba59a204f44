// Cases: the board by arrow keys; on the page of a case the five whys and the cause-and-effect diagram, each a list of the case.
import "./aftersales/aftersales.css";
import { edit, type Path } from "../edits";
import { within } from "../elements";
import { target } from "../fields";
import { wrong } from "../toasts";

// ---------------------------------------------------------------- the board

const board = document.querySelector<HTMLElement>("[data-case-board]");

/** The card beside this one: up and down in its column, sideways to the column next to it. */
function beside(card: HTMLElement, key: string): HTMLElement | undefined {
  const columns = within<HTMLElement>(board as HTMLElement, ".case-column").map((one) => within<HTMLElement>(one, "[data-card]"));
  const column = columns.findIndex((one) => one.includes(card));
  const row = columns[column]?.indexOf(card) ?? 0;
  const turned = document.documentElement.dir === "rtl" ? { ArrowLeft: "ArrowRight", ArrowRight: "ArrowLeft" }[key] ?? key : key;
  if (turned === "ArrowDown") return columns[column]?.[row + 1];
  if (turned === "ArrowUp") return columns[column]?.[row - 1];
  const way = turned === "ArrowRight" ? 1 : -1;
  for (let at = column + way; at >= 0 && at < columns.length; at += way) {
    const cards = columns[at] ?? [];
    if (cards.length) return cards[Math.min(row, cards.length - 1)];
  }
  return undefined;
}

board?.addEventListener("keydown", (event) => {
  const card = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>("[data-card]") : null;
  if (!card || !event.key.startsWith("Arrow")) return;
  event.preventDefault();
  beside(card, event.key)?.focus();
});

if (board) {
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLElement && event.target.closest("input, select, textarea, dialog");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || event.key.toLowerCase() !== "n") return;
    document.querySelector<HTMLAnchorElement>("[data-new-case]")?.click();
  });
}

// ---------------------------------------------------------------- one case

const page = document.querySelector<HTMLElement>("[data-case]");

/** What an editor of a list says: the whys one a field, the causes one a line under their branch. */
function said(list: HTMLElement): string[] {
  if (list.dataset.listOf === "whys") return within<HTMLInputElement>(list, "input").map((one) => one.value.trim()).filter(Boolean);
  return within<HTMLElement>(list, "[data-branch]").flatMap((branch) =>
    (branch.querySelector("textarea")?.value ?? "")
      .split("\n")
      .map((line) => line.trim())
      .filter(Boolean)
      .map((line) => `${branch.dataset.branch ?? ""}: ${line}`),
  );
}

for (const list of within<HTMLElement>(page ?? document.createElement("div"), "[data-list-of]")) {
  let standing = JSON.stringify(said(list));
  list.addEventListener("change", () => {
    const at = target(list);
    const value = said(list);
    if (!at || JSON.stringify(value) === standing) return;
    const path = [...(JSON.parse(page?.dataset.pathOfCase ?? "[]") as Path), list.dataset.listOf ?? ""];
    void edit(at.url, at.base, [{ op: "set", path, value }]).then((outcome) => {
      if (outcome.kind === "saved") standing = JSON.stringify(value);
      else if (outcome.kind !== "theirs") wrong(outcome.problem);
    });
  });
}

// Yes, no, or not known yet.
page?.addEventListener("change", (event) => {
  const select = event.target;
  if (!(select instanceof HTMLSelectElement) || !select.dataset.three) return;
  const at = target(select);
  if (!at) return;
  const path = [...(JSON.parse(page.dataset.pathOfCase ?? "[]") as Path), select.dataset.three];
  const value = select.value === "" ? null : select.value === "true";
  void edit(at.url, at.base, [{ op: "set", path, value }]).then((outcome) => {
    if (outcome.kind === "refused" || outcome.kind === "failed") wrong(outcome.problem);
  });
});

// Enter goes to the next why: the thought should not stop for the mouse.
page?.addEventListener("keydown", (event) => {
  const input = event.target;
  if (event.key !== "Enter" || !(input instanceof HTMLInputElement) || !input.closest(".case-whys")) return;
  event.preventDefault();
  const next = input.closest("li")?.nextElementSibling?.querySelector("input");
  if (next) next.focus();
  else input.blur();
});

let timer = 0;
if (page) {
  document.addEventListener("nonagon:saved", () => {
    clearTimeout(timer);
    timer = window.setTimeout(
      () => document.dispatchEvent(new CustomEvent("nonagon:refresh", { detail: { parts: ["case-steps", "case-history"] } })),
      400,
    );
  });
}
