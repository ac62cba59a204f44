// Dialogs are the browser's own: they hold the focus, close by Escape and give the focus back.
import { icon, make, within } from "./elements";
import { say } from "./words";

/** What a question offers. */
export interface Choice {
  value: string;
  label: string;
  danger?: boolean;
}

/**
 * Asks and waits. The value of the choice, or "" when the dialog was closed. ready: the last choice has the focus; without it the
 * question has, so that a key pressed for something else chooses nothing.
 */
export function ask(title: string, content: (Node | string)[], choices: Choice[], ready = true): Promise<string> {
  const heading = make("h2", { id: "question-title", tabindex: "-1", autofocus: !ready }, title);
  const form = make("form", { method: "dialog" }, heading);
  form.append(...content.map((part) => (typeof part === "string" ? make("p", {}, part) : part)));
  const buttons = choices.map((choice, position) => {
    const last = position === choices.length - 1;
    const look = choice.danger ? "btn btn-danger" : last ? "btn btn-primary" : "btn";
    return make("button", { class: look, value: choice.value, autofocus: last && ready }, choice.label);
  });
  form.append(make("div", { class: "actions" }, ...buttons));
  const dialog = make("dialog", { "aria-labelledby": "question-title" }, form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue);
      dialog.remove();
    });
  });
}

/** Yes or no. */
export async function sure(sentence: string, yes = say("yes"), danger = false): Promise<boolean> {
  const choices = [{ value: "", label: say("cancel") }, { value: "yes", label: yes, danger }];
  return (await ask(say("please_confirm"), [sentence], choices)) === "yes";
}

/** Buttons that open and close dialogs; forms that ask before they send. */
export function startDialogs(): void {
  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const opener = target?.closest<HTMLElement>("[data-opens]");
    if (opener) {
      const dialog = document.getElementById(opener.dataset.opens ?? "");
      if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
    }
    target?.closest("[data-closes]")?.closest("dialog")?.close();
    closeMenus(target);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.activeElement?.closest<HTMLDetailsElement>("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.dataset.confirm || form.dataset.sure) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const by = event.submitter;
    void sure(form.dataset.confirm, form.dataset.confirmYes, "danger" in form.dataset).then((yes) => {
      if (!yes) return;
      form.dataset.sure = "yes";
      form.requestSubmit(by);
      delete form.dataset.sure;
    });
  }, true);
}

function closeMenus(except: Element | null): void {
  const kept = except?.closest("details.menu");
  for (const menu of within<HTMLDetailsElement>(document, "details.menu[open]")) if (menu !== kept) menu.open = false;
}

/** A closing mark for a dialog made by script. */
export function closeMark(): HTMLButtonElement {
  return make("button", { type: "button", class: "btn btn-ghost btn-icon close-mark", "data-closes": true, "aria-label": say("close") }, icon("x"));
}
