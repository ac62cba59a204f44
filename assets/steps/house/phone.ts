// On a phone: one need at a time, its strengths as buttons.
import { icon, make } from "../../elements";
import type { Grid } from "./grid";
import { percent, tell } from "./model";

const CHOICES: [value: number, word: string][] = [[9, "strong"], [3, "medium"], [1, "weak"], [0, "none"]];

export function phoneOf(grid: Grid, mayEdit: boolean): { element: HTMLElement; show: () => void } {
  const { house } = grid;
  const element = make("div", { class: "house-phone" });
  const select = make("select", { class: "form-select", id: "house-phone-need" }, ...house.needs.map((need, row) => make("option", { value: String(row) }, need.name)));
  const step = (by: number, name: string): HTMLButtonElement => {
    const button = make("button", { type: "button", class: "btn btn-icon", "aria-label": tell("need") + (by < 0 ? " −" : " +") }, icon(name));
    button.addEventListener("click", () => {
      select.value = String((Number(select.value) + by + house.needs.length) % house.needs.length);
      show();
    });
    return button;
  };
  const list = make("ul", { class: "house-phone-list" });
  element.append(make("label", { class: "form-label", for: "house-phone-need" }, tell("need")), make("div", { class: "house-phone-need" }, step(-1, "chevron-left"), select, step(1, "chevron-right")), list);
  select.addEventListener("change", () => show());

  function show(): void {
    const row = Number(select.value);
    const need = house.needs[row];
    if (!need) return;
    const focused = document.activeElement?.closest<HTMLElement>("[data-choice]")?.dataset.choice;
    list.replaceChildren(
      ...house.characteristics.map((column, at) => {
        const held = grid.strength(need.id, column.id);
        const share = grid.current.relative[at];
        const buttons = CHOICES.map(([value, word]) => {
          const button = make("button", { type: "button", class: "btn btn-sm", "aria-pressed": String(held === value), "data-choice": `${at} ${value}`, "aria-label": `${column.name}: ${tell(word)}` }, value ? String(value) : "–");
          button.disabled = !mayEdit || grid.look.judge === null;
          button.addEventListener("click", () => void grid.put(row, at, value).then(show));
          return button;
        });
        return make("li", {}, make("span", {}, column.name, make("small", { class: "quiet" }, ` ${share === undefined ? "" : percent(share)}`)), make("div", { class: "house-phone-choices", role: "group", "aria-label": column.name }, ...buttons));
      }),
    );
    if (focused) list.querySelector<HTMLElement>(`[data-choice="${focused}"]`)?.focus();
  }
  show();
  return { element, show };
}
