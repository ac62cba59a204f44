// Ideas against what is there today (Pugh matrix): + better, − worse, twice for much; 0 as today.
import { make } from "../../elements";
import { typedNumber } from "../../fields";
import { wrong } from "../../toasts";
import { named, refresh, send, short, tell, turned, type Concepts, type Place } from "./model";
import { Matrix } from "./stops";

const MARKS: Record<number, string> = { 2: "++", 1: "+", 0: "0", [-1]: "−", [-2]: "−−" };

function next(mark: number | undefined, key: string): number | null | undefined {
  if (key === "+") return mark === 1 ? 2 : 1;
  if (key === "-" || key === "−") return mark === -1 ? -2 : -1;
  if (key === "0") return 0;
  if (key === "Delete" || key === "Backspace") return null;
  return undefined;
}

export function pughOf(compared: Concepts, place: Place): HTMLElement {
  const path = ["concepts", `@${compared.id}`];
  const table = make("table", { class: "house-grid house-small", "aria-label": compared.question || compared.id });
  const stops = new Matrix(table);
  const sums: HTMLElement[] = [];
  const recalculate = (): void => {
    compared.ideas.forEach((idea, at) => {
      const sum = compared.criteria.reduce((total, one) => total + one.weight * (idea.scores[one.name] ?? 0), 0);
      if (sums[at]) sums[at].textContent = sum < 0 ? `−${short(-sum)}` : short(sum);
    });
  };
  const show = (cell: HTMLElement, criterion: string, at: number): void => {
    const idea = compared.ideas[at];
    const mark = idea?.scores[criterion];
    cell.textContent = mark === undefined ? "" : (MARKS[mark] ?? "");
    cell.dataset.sign = mark === undefined ? "" : mark > 0 ? "+" : mark < 0 ? "-" : "0";
    cell.setAttribute("aria-label", tell("mark_is", { idea: idea?.name ?? "", criterion, mark: mark === undefined ? tell("none") : (MARKS[mark] ?? "") }));
  };
  const head = make("tr", {}, make("th", { scope: "col", class: "house-need" }, tell("criterion")), make("th", { scope: "col", class: "house-side" }, tell("weight")), ...compared.ideas.map((idea) => make("th", { scope: "col", class: "house-idea" }, idea.name)));
  const body = make("tbody", {});
  compared.criteria.forEach((criterion, row) => {
    const weight = make("input", { type: "text", inputmode: "decimal", value: String(criterion.weight), "aria-label": `${tell("weight")}: ${criterion.name}` });
    weight.readOnly = !place.mayEdit;
    weight.addEventListener("change", () => {
      try {
        const value = typedNumber(weight.value);
        if (value === null) return;
        const before = criterion.weight;
        criterion.weight = value;
        recalculate();
        void send(place, [{ op: "set", path: [...path, "criteria", named({ name: criterion.name }), "weight"], value }], () => {
          criterion.weight = before;
          weight.value = String(before);
          recalculate();
        });
      } catch (error) {
        wrong((error as Error).message);
      }
    });
    stops.add(row, 0, weight);
    const line = make("tr", {}, make("th", { scope: "row", class: "house-need" }, criterion.name), make("td", { class: "house-side" }, weight));
    compared.ideas.forEach((idea, at) => {
      const cell = make("td", { class: "house-cell house-mark" });
      stops.add(row, at + 1, cell);
      show(cell, criterion.name, at);
      cell.addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey || !place.mayEdit) return;
        const before = idea.scores[criterion.name];
        const mark = next(before, event.key);
        if (mark === undefined) return;
        event.preventDefault();
        const keep = (value: number | null | undefined): void => {
          if (value === null || value === undefined) delete idea.scores[criterion.name];
          else idea.scores[criterion.name] = value;
          show(cell, criterion.name, at);
          recalculate();
        };
        keep(mark);
        void send(place, [{ op: "put", path: [...path, "ideas", `@${idea.id}`, "scores", criterion.name], value: mark }], (theirs) => {
          keep(theirs === undefined ? before : (theirs as number | null));
        });
      });
      line.append(cell);
    });
    body.append(line);
  });
  const total = make("tr", {}, make("th", { scope: "row", class: "house-need", colspan: "2" }, tell("score")));
  const taken = make("tr", {}, make("th", { scope: "row", class: "house-need", colspan: "2" }, tell("chosen")));
  compared.ideas.forEach((idea, at) => {
    const sum = make("bdi", {});
    sums.push(sum);
    total.append(make("td", { class: "house-under house-read" }, sum));
    const box = make("input", { type: "checkbox", "aria-label": `${tell("chosen")}: ${idea.name}` });
    box.checked = compared.chosen.includes(idea.id);
    box.disabled = !place.mayEdit;
    box.addEventListener("change", () => {
      compared.chosen = compared.ideas.map((one) => one.id).filter((id) => (id === idea.id ? box.checked : compared.chosen.includes(id)));
      void send(place, [{ op: "set", path: [...path, "chosen"], value: compared.chosen }], () => refresh());
    });
    taken.append(make("td", { class: "house-under" }, box));
    stops.add(compared.criteria.length, at + 1, box);
  });
  body.append(total, taken);
  table.append(make("thead", {}, head), body);
  table.addEventListener("keydown", (event) => {
    if (!turned(event, place)) stops.onKey(event);
  });
  const reason = make("input", { type: "text", class: "form-control", value: compared.reason, "aria-label": `${tell("reason")}: ${compared.question}` });
  reason.readOnly = !place.mayEdit;
  reason.addEventListener("change", () => void send(place, [{ op: "set", path: [...path, "reason"], value: reason.value }], () => refresh()));
  recalculate();
  return make("section", { class: "house-part" }, make("h4", {}, compared.question || compared.id), make("p", { class: "quiet" }, compared.datum), make("div", { class: "house-scroll" }, table), make("label", { class: "form-label house-field" }, tell("reason"), reason));
}
