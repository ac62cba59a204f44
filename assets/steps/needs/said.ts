// What customers said of the selected need: filtered, turned page by page, coded again by hand.
import { wrong } from "../../toasts";
import { coder, recode } from "./dialogs";
import type { Workbench } from "./workbench";

export interface Said {
  show(need: string): void;
  ticked(): string[];
}

export function startSaid(bench: Workbench): Said {
  const side = bench.section.querySelector<HTMLElement>("[data-said]");
  const list = bench.section.querySelector<HTMLElement>("[data-said-list]");
  const title = bench.section.querySelector<HTMLElement>("[data-said-title]");
  const filter = bench.section.querySelector<HTMLInputElement>("#said-filter");
  if (!side || !list || !title || !filter) return { show: () => undefined, ticked: () => [] };
  let need: string | null = null;
  let page = 1;
  let timer = 0;
  let asked: AbortController | null = null;
  const ticks = new Set<string>();

  const load = async (): Promise<void> => {
    if (need === null) return;
    asked?.abort();
    asked = new AbortController();
    const mine = asked;
    list.setAttribute("aria-busy", "true");
    const answer = await bench.ask<string>("verbatims", { need, page: String(page), q: filter.value.trim() }, mine.signal);
    if (mine !== asked) return;
    list.removeAttribute("aria-busy");
    if (!answer.ok) {
      if (answer.problem.thing !== "") wrong(answer.problem);
      return;
    }
    const fresh = new DOMParser().parseFromString(answer.body, "text/html");
    list.replaceChildren(...[...fresh.body.childNodes].map((one) => document.importNode(one, true)));
    for (const box of list.querySelectorAll<HTMLInputElement>("[data-tick]")) {
      box.checked = ticks.has(box.closest<HTMLElement>("[data-verbatim]")?.dataset.verbatim ?? "");
    }
  };
  const soon = (wait: number): void => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void load(), wait);
  };

  filter.addEventListener("input", () => {
    page = 1;
    soon(250);
  });
  list.addEventListener("change", (event) => {
    const box = event.target instanceof HTMLInputElement ? event.target : null;
    const id = box?.closest<HTMLElement>("[data-verbatim]")?.dataset.verbatim;
    if (!box || !id) return;
    if (box.checked) ticks.add(id);
    else ticks.delete(id);
  });
  list.addEventListener("click", (event) => {
    const at = event.target instanceof Element ? event.target : null;
    const turned = at?.closest<HTMLElement>("[data-said-page]")?.dataset.saidPage;
    if (turned) {
      page = Number(turned);
      void load();
    }
    const entry = at?.closest("[data-recode]") ? at.closest<HTMLElement>("[data-verbatim]") : null;
    if (entry) void again(entry);
  });
  const again = async (entry: HTMLElement): Promise<void> => {
    const needs = JSON.parse(entry.dataset.needs ?? "[]") as string[];
    const chosen = await recode(bench, entry.querySelector("p")?.textContent ?? "", needs);
    if (!chosen) return;
    const answer = await bench.act<{ version: number }>("code", { verbatim: entry.dataset.verbatim, needs: chosen, coder: coder() });
    if (answer.ok) await load();
    else wrong(answer.problem);
  };
  bench.onChange(() => {
    if (need === null) return;
    title.textContent = bench.nameOf(need);
    if (!bench.need(need)) {
      need = null;
      side.hidden = true;
    } else soon(400);
  });

  return {
    show(id: string): void {
      if (need === id) return;
      need = id;
      page = 1;
      ticks.clear();
      filter.value = "";
      side.hidden = false;
      title.textContent = bench.nameOf(id);
      soon(120);
    },
    ticked: () => [...ticks],
  };
}
