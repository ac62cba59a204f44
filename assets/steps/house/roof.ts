// The roof: half a lattice above the columns; the cell of two characteristics lies where their diagonals meet.
import { named, send, tell, turned, type House, type Place } from "./model";

const SPACE = "http://www.w3.org/2000/svg";
const SIGNS: Record<string, string> = { "++": "supports_strongly", "+": "supports", "-": "hinders", "--": "hinders_strongly" };

function svg<K extends keyof SVGElementTagNameMap>(name: K, attributes: Record<string, string>): SVGElementTagNameMap[K] {
  const made = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

/** The entry of two characteristics, whichever of them stands first. */
export function roofEntry(house: House, a: string, b: string): House["roof"][number] | undefined {
  return house.roof.find((one) => (one[0] === a && one[1] === b) || (one[0] === b && one[1] === a));
}

function next(sign: string, key: string): string | null | undefined {
  if (key === "+") return sign === "+" ? "++" : "+";
  if (key === "-" || key === "−") return sign === "-" ? "--" : "-";
  if (key === "0" || key === "Delete" || key === "Backspace") return null;
  return undefined;
}

export function roofOf(house: House, place: Place, changed: () => void, leave: () => void): { element: SVGSVGElement; fit: (start: number, width: number, rtl: boolean) => void } {
  const count = house.characteristics.length;
  const element = svg("svg", { class: "house-roof-drawing", role: "grid", "aria-label": tell("roof") });
  const cells = new Map<string, SVGGElement>();
  for (let first = 0; first < count; first += 1) {
    const row = svg("g", { role: "row" });
    for (let second = first + 1; second < count; second += 1) {
      const cell = svg("g", { role: "gridcell", tabindex: cells.size === 0 ? "0" : "-1", class: "roof-cell" });
      cell.append(svg("polygon", {}), svg("text", { "text-anchor": "middle", "dominant-baseline": "central" }));
      cell.dataset.pair = `${first},${second}`;
      cells.set(`${first},${second}`, cell);
      row.append(cell);
    }
    if (row.childNodes.length) element.append(row);
  }

  const show = (first: number, second: number): void => {
    const cell = cells.get(`${first},${second}`);
    const [a, b] = [house.characteristics[first], house.characteristics[second]];
    if (!cell || !a || !b) return;
    const sign = roofEntry(house, a.id, b.id)?.[2] ?? "";
    const text = cell.querySelector("text");
    if (text) text.textContent = sign.replace(/-/g, "−");
    cell.dataset.sign = sign;
    cell.setAttribute("aria-label", tell("roof_is", { a: a.name, b: b.name, sign: tell(SIGNS[sign] ?? "none") }));
  };
  for (const pair of cells.keys()) {
    const [first = 0, second = 0] = pair.split(",").map(Number);
    show(first, second);
  }

  const put = async (first: number, second: number, sign: string | null): Promise<void> => {
    const [a, b] = [house.characteristics[first], house.characteristics[second]];
    if (!a || !b || !place.mayEdit) return;
    const held = roofEntry(house, a.id, b.id);
    const before = held?.[2] ?? null;
    if (before === sign) return;
    const [one, other] = held ? [held[0], held[1]] : [a.id, b.id];
    const keep = (now: string | null): void => {
      house.roof = house.roof.filter((entry) => !(entry[0] === one && entry[1] === other));
      if (now) house.roof.push([one, other, now]);
      show(first, second);
      changed();
    };
    keep(sign);
    const path = ["roof", named({ a: one, b: other })];
    await send(place, [{ op: "put", path, value: sign ? { sign } : null }], (theirs) => {
      keep(theirs === undefined ? before : ((theirs as { sign?: string } | null)?.sign ?? null));
    });
  };

  const focus = (first: number, second: number): boolean => {
    const cell = cells.get(`${first},${second}`);
    if (!cell) return false;
    for (const one of cells.values()) one.setAttribute("tabindex", one === cell ? "0" : "-1");
    cell.focus();
    return true;
  };
  const pairAt = (target: EventTarget | null): [number, number] | null => {
    const cell = target instanceof Element ? target.closest<SVGGElement>(".roof-cell") : null;
    if (!cell?.dataset.pair) return null;
    const [first = 0, second = 0] = cell.dataset.pair.split(",").map(Number);
    return [first, second];
  };
  element.addEventListener("keydown", (event) => {
    const pair = pairAt(event.target);
    if (!pair) return;
    const [first, second] = pair;
    if (turned(event, place)) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const forward = getComputedStyle(element).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    if (event.key.startsWith("Arrow")) {
      event.preventDefault();
      const sideways = event.key === "ArrowLeft" || event.key === "ArrowRight";
      const to: [number, number] = sideways ? [first + (event.key === forward ? 1 : -1), second] : [first, second + (event.key === "ArrowUp" ? 1 : -1)];
      if (!focus(...to) && event.key === "ArrowDown") leave();
      return;
    }
    const sign = next(house.characteristics[first] && house.characteristics[second] ? (roofEntry(house, house.characteristics[first].id, house.characteristics[second].id)?.[2] ?? "") : "", event.key);
    if (sign === undefined) return;
    event.preventDefault();
    void put(first, second, sign);
  });
  element.addEventListener("click", (event) => {
    const pair = pairAt(event.target);
    if (pair) focus(...pair);
  });

  /** Lays the lattice over columns that begin at `start` and are `width` wide together. */
  const fit = (start: number, width: number, rtl: boolean): void => {
    const across = width / count;
    const up = Math.max(9, Math.min(across / 2, 300 / count));
    const height = up * count + 2;
    element.setAttribute("width", String(width));
    element.setAttribute("height", String(height));
    element.setAttribute("viewBox", `0 0 ${width} ${height}`);
    element.style.marginInlineStart = `${start}px`;
    for (const [pair, cell] of cells) {
      const [first = 0, second = 0] = pair.split(",").map(Number);
      const middle = (across * (first + second + 1)) / 2;
      const x = rtl ? width - middle : middle;
      const y = height - up * (second - first);
      const corners = [[x, y - up], [x + across / 2, y], [x, y + up], [x - across / 2, y]].map((one) => one.map((value) => value.toFixed(1)).join(",")).join(" ");
      cell.querySelector("polygon")?.setAttribute("points", corners);
      const text = cell.querySelector("text");
      text?.setAttribute("x", x.toFixed(1));
      text?.setAttribute("y", y.toFixed(1));
    }
  };
  return { element, fit };
}
