// The page of step 4: the House of Quality edited where it is seen, ideas, paired comparisons, further houses.
import "./house/house.css";
import { ask } from "../dialogs";
import { make } from "../elements";
import { shortcut } from "../keys";
import { furtherOf, type Carried } from "./house/further";
import { Grid, remembered, remember, type Look } from "./house/grid";
import { Holes } from "./house/holes";
import { readHouse, refresh, send, tell, watchOthers, type House, type Place } from "./house/model";
import { pairsOf } from "./house/pairs";
import { phoneOf } from "./house/phone";
import { pughOf } from "./house/pugh";
import { Cells } from "./house/weights";

const look: Look = { judge: "", numbers: false };
let looked = false;
let judgeAdded: string | null = null;

function start(): void {
  const root = document.getElementById("house");
  const house = readHouse();
  if (!root || !house || root.dataset.ready) return;
  root.dataset.ready = "yes";
  const place: Place = {
    url: root.dataset.url ?? "",
    undo: root.dataset.undo ?? "",
    redo: root.dataset.redo ?? "",
    base: Number(root.dataset.base),
    mayEdit: root.dataset.readonly === undefined,
    preview: root.dataset.preview ?? "",
    pairs: root.dataset.pairs ?? "",
  };
  watchOthers(place);
  const cells = new Cells(house);
  chooseJudge(cells);
  const holder = root.querySelector<HTMLElement>("[data-house-grid]");
  const problems = root.querySelector<HTMLElement>("[data-house-holes]");
  if (!holder || !problems) return;
  const grid = new Grid(holder, place, house, cells, look);
  const holes = new Holes(problems, place, house, cells);
  const phone = phoneOf(grid, place.mayEdit);
  holder.after(phone.element);
  const houses = furtherHouses(house, place, () => cascade());
  const cascade = (): void => {
    let weights = grid.current.relative;
    for (const one of houses) weights = one.weigh(weights);
  };
  grid.onChange = () => {
    holes.show(grid.current);
    phone.show();
    cascade();
  };
  grid.onChange();
  tools(root, grid, house, cells, place);
  fill("house-pugh", house.concepts.map((one) => pughOf(one, place)));
  fill("house-pairs", house.needs.length > 1 ? [pairsOf(house, place)] : []);
  fill("house-further", houses.map((one) => one.element));
  const back = remembered();
  if (back) grid.stops.focus(...back);
}

function fill(id: string, parts: HTMLElement[]): void {
  document.getElementById(id)?.replaceChildren(...parts);
}

function furtherHouses(house: House, place: Place, changed: () => void): ReturnType<typeof furtherOf>[] {
  let rows: Carried[] = house.characteristics;
  return house.houses.map((one) => {
    const made = furtherOf(one, rows, place, changed);
    rows = one.columns;
    return made;
  });
}

/** The judge whose cells are shown first: the one that was looked at, else the team, else the first judge. */
function chooseJudge(cells: Cells): void {
  const known = [...cells.judges, ...(judgeAdded === null ? [] : [judgeAdded])];
  if (!looked || (look.judge !== null && !known.includes(look.judge))) look.judge = known[0] ?? "";
  looked = true;
}

function tools(root: HTMLElement, grid: Grid, house: House, cells: Cells, place: Place): void {
  const judge = root.querySelector<HTMLSelectElement>("[data-house-judge]");
  if (judge) {
    const named = [...new Set([...cells.judges, ...(judgeAdded === null ? [] : [judgeAdded]), look.judge ?? ""])].filter((one) => one !== "" || cells.judges.length === 0 || cells.judges.includes(""));
    judge.replaceChildren(
      ...named.map((one) => make("option", { value: `=${one}` }, one || tell("team"))),
      ...(cells.judges.length > 1 ? [make("option", { value: "mean" }, tell("mean_of_judges"))] : []),
      ...(place.mayEdit ? [make("option", { value: "new" }, tell("add_judge"))] : []),
    );
    judge.value = look.judge === null ? "mean" : `=${look.judge}`;
    judge.addEventListener("change", () => {
      if (judge.value === "new") void addJudge(house, place).then((added) => !added && (judge.value = look.judge === null ? "mean" : `=${look.judge}`));
      else {
        look.judge = judge.value === "mean" ? null : judge.value.slice(1);
        grid.showAll();
      }
    });
  }
  const numbers = root.querySelector<HTMLInputElement>("[data-house-numbers]");
  if (numbers) {
    numbers.checked = look.numbers;
    numbers.addEventListener("change", () => {
      look.numbers = numbers.checked;
      grid.showAll();
    });
  }
  root.querySelector("[data-house-add]")?.addEventListener("click", () => void addColumn(house, place));
  root.querySelector("[data-house-rows]")?.addEventListener("click", () => void chooseRows(house, place));
  root.querySelector("[data-house-subject]")?.addEventListener("click", () => void addSubject(house, grid));
}

function typed(label: string, value = ""): [HTMLElement, HTMLInputElement] {
  const input = make("input", { class: "form-control", value, autocomplete: "off" });
  return [make("label", { class: "form-label house-field" }, label, input), input];
}

/** A further judge; where nobody was named so far, first whose the strengths are that stand. */
async function addJudge(house: House, place: Place): Promise<boolean> {
  const unnamed = house.cells.some((one) => one[2] === "");
  const [oldField, old] = typed(tell("judge_first"));
  const [newField, fresh] = typed(tell("judge_name"));
  const answer = await ask(tell("add_judge"), unnamed ? [oldField, newField] : [newField], [{ value: "", label: tell("cancel") }, { value: "add", label: tell("add") }]);
  const name = fresh.value.trim();
  if (answer !== "add" || !name || (unnamed && !old.value.trim())) return false;
  judgeAdded = name;
  look.judge = name;
  if (unnamed) {
    const value = house.cells.map(([need, characteristic, judge, strength]) => ({ need, characteristic, strength, judge: judge || old.value.trim() }));
    await send(place, [{ op: "set", path: ["relationships"], value }]);
  }
  refresh();
  return true;
}

async function addColumn(house: House, place: Place): Promise<void> {
  const [nameField, name] = typed(tell("name"));
  const [unitField, unit] = typed(tell("unit"));
  const direction = make("select", { class: "form-select" }, ...(["higher", "lower", "target"] as const).map((one) => make("option", { value: one }, tell(one === "target" ? "target_word" : one))));
  const answer = await ask(tell("add_column"), [nameField, unitField, make("label", { class: "form-label house-field" }, tell("direction"), direction)], [{ value: "", label: tell("cancel") }, { value: "add", label: tell("add") }]);
  if (answer !== "add" || !name.value.trim()) return;
  const taken = new Set(house.characteristics.map((one) => one.id));
  const stem = name.value.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f]/g, "").replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "").slice(0, 40) || "characteristic";
  let id = stem;
  for (let count = 2; taken.has(id); count += 1) id = `${stem}_${count}`;
  remember(1, house.characteristics.length + 1);
  const value = { id, name: name.value.trim(), unit: unit.value.trim(), direction: direction.value };
  const outcome = await send(place, [{ op: "add", path: ["characteristics"], value }]);
  if (outcome.kind === "saved") refresh();
}

async function chooseRows(house: House, place: Place): Promise<void> {
  const held = house.rows_chosen ? house.needs.map((need) => need.id) : [];
  const items = house.all_needs.map((need) => {
    const box = make("input", { type: "checkbox", value: need.id });
    box.checked = held.includes(need.id);
    const label = make("label", {}, box, need.name);
    label.style.marginInlineStart = `${need.depth * 1.5}rem`;
    return make("li", {}, label);
  });
  const list = make("ul", { class: "many-list" }, ...items);
  const answer = await ask(tell("rows_title"), [make("p", { class: "quiet" }, tell("rows_default")), list], [{ value: "", label: tell("cancel") }, { value: "save", label: tell("save") }]);
  if (answer !== "save") return;
  const ticked = [...list.querySelectorAll<HTMLInputElement>("input:checked")].map((box) => box.value);
  const value = [...held.filter((one) => ticked.includes(one)), ...ticked.filter((one) => !held.includes(one))];
  const outcome = await send(place, [{ op: "set", path: ["rows"], value }]);
  if (outcome.kind === "saved") refresh();
}

/** A line for one more competitor's measurements; it is kept with its first value. */
async function addSubject(house: House, grid: Grid): Promise<void> {
  const [field, name] = typed(tell("subject_name"));
  const answer = await ask(tell("add_subject"), [field], [{ value: "", label: tell("cancel") }, { value: "add", label: tell("add") }]);
  if (answer === "add" && name.value.trim() && !house.subjects.includes(name.value.trim())) grid.addSubject(name.value.trim());
}

/** The stop that has the focus, as a selector: it is found again once the page shows what stands. */
function focused(): string {
  const at = document.activeElement?.closest<HTMLElement>("[data-stop], [data-pair]");
  const part = at?.closest("#house, #house-pugh, #house-pairs, #house-further");
  if (!at || !part) return "";
  const table = [...part.querySelectorAll("table, svg[role=grid]")].indexOf(at.closest("table, svg[role=grid]") as Element);
  const stop = at.dataset.stop === undefined ? `[data-pair="${at.dataset.pair ?? ""}"]` : `[data-stop="${at.dataset.stop}"]`;
  return JSON.stringify([part.id, table, stop]);
}

let held = "";
document.addEventListener("nonagon:refresh", () => (held = focused() || held), true);
start();
document.addEventListener("nonagon:refreshed", () => {
  start();
  if (!held) return;
  const [id, table, stop] = JSON.parse(held) as [string, number, string];
  held = "";
  if (!document.activeElement || document.activeElement === document.body) {
    document.getElementById(id)?.querySelectorAll("table, svg[role=grid]")[table]?.querySelector<HTMLElement>(stop)?.focus();
  }
});
shortcut("9, 3, 1, 0", tell("key_strength"));
shortcut("Alt + ← ↑ → ↓", tell("key_move"));
shortcut("+ / −", tell("key_roof"));
