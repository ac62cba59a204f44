// Another short id for a record: what will change is shown first, then everything that names it follows. The server does both.
import { ask } from "./dialogs";
import { csrf } from "./edits";
import { make } from "./elements";
import { reach } from "./reach";
import { done, sentenceOf, wrong, type Problem } from "./toasts";
import { say } from "./words";

interface Foreseen {
  places: number;
  told: string;
  sentences: string[];
  blocked: string[];
}

const lost = (): Problem => ({ thing: say("no_connection"), next: say("retry_or_reload") });

/**
 * Asks for another id of the record of a kind that is named `old`, and gives it. wanted: what was typed already; where nothing else
 * names the record it is given without a question. Whether it has the new id now.
 */
export async function renameRecord(url: string, kind: string, old: string, wanted = ""): Promise<boolean> {
  const foreseen = await reach<Foreseen>(`${url}?${new URLSearchParams({ kind, id: old }).toString()}`, {}, lost);
  if (!foreseen.ok) {
    wrong(foreseen.problem);
    return false;
  }
  let typed = wanted;
  let remark = "";
  for (let asked = wanted !== "" && foreseen.body.places === 1 && !foreseen.body.blocked.length; ; asked = false) {
    const given = asked ? typed : await askForId(foreseen.body, old, typed || old, remark);
    if (!given) return false;
    const headers = { Accept: "application/json", "X-CSRFToken": csrf() };
    const answer = await reach(url, { method: "POST", headers, body: new URLSearchParams({ kind, id: old, to: given }) }, lost);
    if (answer.ok) {
      done(say("renamed", { old, id: given }));
      document.dispatchEvent(new CustomEvent("nonagon:refresh", { detail: { parts: ["decisions", "computing"] } }));
      return true;
    }
    typed = given;
    remark = sentenceOf(answer.problem);
  }
}

async function askForId(foreseen: Foreseen, old: string, typed: string, remark: string): Promise<string> {
  const title = say("rename_title", { id: old });
  const places = make("ul", {}, ...foreseen.sentences.map((one) => make("li", {}, one)));
  if (foreseen.blocked.length) {
    await ask(title, foreseen.blocked, [{ value: "", label: say("close") }]);
    return "";
  }
  const input = make("input", { class: "form-control", id: "rename-to", value: typed, autocomplete: "off", spellcheck: "false", autofocus: true, maxlength: "60" });
  const label = make("label", { class: "form-label", for: "rename-to" }, say("rename_to"));
  const told = make("details", { class: "rename-places" }, make("summary", {}, say("rename_changes", { places: foreseen.told })), places);
  const content: (Node | string)[] = [label, input];
  if (remark) {
    const fault = make("p", { class: "field-error", id: "rename-fault" }, remark);
    input.setAttribute("aria-describedby", fault.id);
    input.setAttribute("aria-invalid", "true");
    content.push(fault);
  }
  // Enter in the input takes the form's first button, which is not the one that is meant.
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    input.closest("dialog")?.close("rename");
  });
  const choices = [{ value: "", label: say("cancel") }, { value: "rename", label: say("rename") }];
  const chosen = await ask(title, [...content, told], choices, false);
  return chosen === "rename" ? input.value.trim() : "";
}
