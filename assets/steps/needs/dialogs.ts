// Merging, splitting and removing: what will change is said before it is done.
import { ask } from "../../dialogs";
import { make } from "../../elements";
import { done, sentenceOf, wrong } from "../../toasts";
import type { Need, Workbench } from "./workbench";

interface Told {
  sentences: string[];
  blocked: string[];
}

interface Several {
  version: number;
  steps: number[];
}

function told(bench: Workbench, lead: string, nothing: string, found: Told): Node[] {
  const parts: Node[] = [];
  if (found.blocked.length) {
    parts.push(make("p", { class: "field-error" }, bench.say("blocked")), list(found.blocked));
  }
  if (found.sentences.length) parts.push(make("p", {}, lead), list(found.sentences));
  else if (!found.blocked.length) parts.push(make("p", {}, nothing));
  return parts;
}

function list(sentences: string[]): HTMLElement {
  return make("ul", { class: "changes-told" }, ...sentences.map((one) => make("li", {}, one)));
}

/** Asks into which need, says what that changes, does it. The need that is kept, or null. */
export async function mergeNeed(bench: Workbench, need: Need): Promise<string | null> {
  const options = bench.inOrder().filter((one) => one.need.id !== need.id);
  const select = make("select", { class: "form-select", id: "merge-into", autofocus: true });
  for (const one of options) select.append(make("option", { value: one.need.id }, `${"\u2003".repeat(one.depth)}${one.need.name}`));
  const near = need.parent ?? options.find((one) => one.need.parent === need.parent)?.need.id;
  if (near) select.value = near;
  const changes = make("div", { class: "changes", role: "status" });
  let blocked = true;
  const look = async (): Promise<void> => {
    const into = select.value;
    const button = (): HTMLButtonElement | null => changes.closest("dialog")?.querySelector<HTMLButtonElement>("button[value=merge]") ?? null;
    // What was not told yet cannot be confirmed.
    blocked = true;
    queueMicrotask(() => button()?.toggleAttribute("disabled", blocked));
    const answer = await bench.ask<Told>("merge", { need: need.id, into });
    if (into !== select.value) return;
    blocked = !answer.ok || answer.body.blocked.length > 0;
    button()?.toggleAttribute("disabled", blocked);
    const lead = bench.say("merge_does", { need: need.name, into: bench.nameOf(into) });
    changes.replaceChildren(...(answer.ok ? told(bench, lead, bench.say("merge_nothing"), answer.body) : [make("p", { class: "field-error" }, sentenceOf(answer.problem))]));
  };
  select.addEventListener("change", () => void look());
  void look();
  const label = make("label", { class: "form-label", for: "merge-into" }, bench.say("choose_into"));
  const title = bench.say("merge_title", { name: need.name });
  const choice = await ask(title, [label, select, changes], [{ value: "", label: bench.say("cancel") }, { value: "merge", label: bench.say("merge") }]);
  if (choice !== "merge" || blocked) return null;
  const into = select.value;
  const answer = await bench.act<Several>("merge", { need: need.id, into });
  if (!answer.ok) {
    wrong(answer.problem);
    return null;
  }
  done(bench.say("merged", { steps: answer.body.steps.join(", ") }));
  return into;
}

/** Asks where something would be lost, then removes. Whether it is gone. */
export async function removeNeed(bench: Workbench, need: Need): Promise<boolean> {
  const found = await bench.ask<Told>("remove", { need: need.id });
  if (!found.ok) {
    wrong(found.problem);
    return false;
  }
  const { verbatims } = bench.count(need.id);
  const { sentences, blocked } = found.body;
  const title = bench.say("remove_title", { name: need.name });
  if (verbatims || sentences.length || blocked.length) {
    const lead = bench.say("remove_does", { count: verbatims });
    const parts = told(bench, lead, lead, found.body);
    if (bench.below(need.id).length) parts.push(make("p", {}, bench.say("remove_children")));
    const choices = [{ value: "", label: bench.say("cancel") }];
    const choice = await ask(title, parts, blocked.length ? choices : [...choices, { value: "yes", label: bench.say("remove"), danger: true } as { value: string; label: string }]);
    if (choice !== "yes") return false;
  }
  const answer = await bench.act<Several>("remove", { need: need.id });
  if (answer.ok) done(bench.say("removed"));
  else wrong(answer.problem);
  return answer.ok;
}

/** A new need out of this one: which rules go with it, and which verbatims. The new need, or null. */
export async function splitNeed(bench: Workbench, need: Need, ticked: string[]): Promise<string | null> {
  const name = make("input", { class: "form-control", id: "split-name", maxlength: "200", dir: "auto", autofocus: true });
  const id = make("input", { class: "form-control", id: "split-id", maxlength: "60", dir: "ltr" });
  name.addEventListener("input", () => (id.value = name.value.trim() ? bench.freshId(name.value) : ""));
  const rules = bench.rules.flatMap((rule, place) => (rule.need === need.id ? [{ rule, place }] : []));
  const boxes = rules.map(({ place }) => make("input", { type: "checkbox", value: String(place), id: `split-rule-${place}` }, ""));
  const choices = make(
    "fieldset",
    {},
    make("legend", {}, bench.say("split_rules")),
    ...rules.map(({ rule, place }, at) => make("div", { class: "check-line" }, boxes[at] as HTMLElement, make("label", { for: `split-rule-${place}`, dir: "auto" }, rule.phrases.join(", ") || rule.regex))),
  );
  if (!rules.length && !ticked.length) choices.append(make("p", { class: "quiet" }, bench.say("split_none")));
  if (ticked.length) choices.append(make("p", {}, bench.say("split_verbatims", { count: ticked.length })));
  const where = make("select", { class: "form-select", id: "split-where" }, make("option", { value: "beside" }, bench.say("split_beside")), make("option", { value: "below" }, bench.say("split_below")));
  const labelled = (control: HTMLElement, text: string): HTMLElement => make("div", { class: "field" }, make("label", { class: "form-label", for: control.id }, text), control);
  const parts = [labelled(name, bench.say("name_of_new")), labelled(id, bench.say("short_name")), choices, labelled(where, bench.say("split_place"))];
  const title = bench.say("split_title", { name: need.name });
  const choice = await ask(title, parts, [{ value: "", label: bench.say("cancel") }, { value: "split", label: bench.say("split") }]);
  if (choice !== "split") return null;
  if (!name.value.trim()) {
    wrong(bench.say("unnamed"));
    return null;
  }
  const made = id.value.trim() || bench.freshId(name.value);
  const answer = await bench.act<{ version: number }>("split", {
    base: bench.base,
    need: need.id,
    id: made,
    name: name.value.trim(),
    rules: boxes.filter((one) => one.checked).map((one) => Number(one.value)),
    verbatims: ticked,
    beside: where.value === "beside",
    coder: coder(),
  });
  if (answer.ok) return made;
  wrong(answer.problem);
  return null;
}

/** Who codes, as the page holds it. */
export function coder(): string {
  return document.querySelector<HTMLInputElement>("#coder")?.value.trim() || "first";
}

/** The needs that a verbatim speaks of, ticked; another one can be added by its name. Null when nothing was decided. */
export async function recode(bench: Workbench, text: string, needs: string[]): Promise<string[] | null> {
  const boxes = needs.map((one) => make("input", { type: "checkbox", value: one, id: `recode-${one}`, checked: true }));
  const lines = boxes.map((box) => make("div", { class: "check-line" }, box, make("label", { for: box.id }, bench.nameOf(box.value))));
  const more = make("select", { class: "form-select", id: "recode-more" }, make("option", { value: "" }, "–"));
  for (const one of bench.inOrder()) if (!needs.includes(one.need.id)) more.append(make("option", { value: one.need.id }, `${"\u2003".repeat(one.depth)}${one.need.name}`));
  const label = make("label", { class: "form-label", for: "recode-more" }, bench.say("add"));
  const quote = make("blockquote", { dir: "auto" }, text);
  const title = bench.say("recode_title");
  const choice = await ask(title, [quote, ...lines, label, more], [{ value: "", label: bench.say("cancel") }, { value: "code", label: bench.say("recode") }]);
  if (choice !== "code") return null;
  return [...boxes.filter((box) => box.checked).map((box) => box.value), ...(more.value ? [more.value] : [])];
}
