// What every page runs.
import htmx from "htmx.org";
import { startCopying } from "./copying";
import { startDialogs, sure } from "./dialogs";
import { csrf, unsaved, type State } from "./edits";
import { fieldAt, icon, meta, within } from "./elements";
import { enhanceFields, startFields, turning, unsavedFields } from "./fields";
import { enhanceGrids, startGrids } from "./grid";
import { startKeys } from "./keys";
import { startOnPage } from "./onpage";
import { enhanceTables } from "./tables";
import { problemIn, wrong, type Problem } from "./toasts";
import { say } from "./words";

// No evaluated text, no style elements (content security policy); no copies of pages in the browser's storage (the plan is confidential).
htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.historyCacheSize = 0;
htmx.config.refreshOnHistoryMiss = true;

/** Everything that a part of a page needs once it is there. */
function enhance(root: ParentNode): void {
  enhanceTables(root);
  enhanceFields(root);
  enhanceGrids(root);
  watchCharts(root);
}

// ---------------------------------------------------------------- charts, loaded when one comes into view

type Charts = { draw(figure: HTMLElement): Promise<void> };
let charts: Promise<Charts> | undefined;

const seen = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      seen.unobserve(entry.target);
      charts ??= import(meta("charts")) as Promise<Charts>;
      // what cannot be drawn keeps its still picture
      void charts.then((module) => module.draw(entry.target as HTMLElement)).catch((error: unknown) => console.warn("chart", error));
    }
  },
  { rootMargin: "200px" },
);

function watchCharts(root: ParentNode): void {
  if (!meta("charts")) return;
  for (const figure of within<HTMLElement>(root, "figure[data-chart]")) {
    if (figure.dataset.ready) continue;
    figure.dataset.ready = "yes";
    seen.observe(figure);
  }
}

// ---------------------------------------------------------------- htmx

function startHtmx(): void {
  document.addEventListener("htmx:configRequest", (event) => {
    const detail = (event as CustomEvent<{ headers: Record<string, string> }>).detail;
    detail.headers["X-CSRFToken"] = csrf();
  });
  document.addEventListener("htmx:load", (event) => enhance((event as CustomEvent<{ elt: Element }>).detail.elt));
  document.addEventListener("htmx:confirm", (event) => {
    const detail = (event as CustomEvent<{ question: string | null; issueRequest: (skip: boolean) => void }>).detail;
    if (!detail.question) return;
    event.preventDefault();
    void sure(detail.question).then((yes) => yes && detail.issueRequest(true));
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const detail = (event as CustomEvent<{ xhr: XMLHttpRequest; shouldSwap: boolean; isError: boolean }>).detail;
    const html = (detail.xhr.getResponseHeader("Content-Type") ?? "").startsWith("text/html");
    // a form that comes back with its mistakes is shown
    if (html && (detail.xhr.status === 422 || detail.xhr.status === 409)) {
      detail.shouldSwap = true;
      detail.isError = false;
    }
  });
  document.addEventListener("htmx:responseError", (event) => {
    const { xhr } = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail;
    wrong(problemIn(xhr.responseText, xhr.status));
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, () => wrong({ thing: say("no_connection"), next: say("retry_or_reload") }));
  }
}

// ---------------------------------------------------------------- parts that change under the page

/** Fetches this page again and puts the named parts in place of the old ones; the focus stays where it was. */
async function refresh(parts: string[]): Promise<void> {
  const response = await fetch(location.href, { credentials: "same-origin", headers: { Accept: "text/html" } });
  if (!response.ok) {
    wrong(problemIn("", response.status));
    return;
  }
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const at = document.activeElement?.closest<HTMLElement>("[data-path]")?.dataset.path;
  const path: unknown = at ? JSON.parse(at) : null;
  if (!parts.some((id) => document.getElementById(id) && page.getElementById(id))) {
    location.reload();
    return;
  }
  for (const id of parts) {
    const [old, fresh] = [document.getElementById(id), page.getElementById(id)];
    if (!old || !fresh) continue;
    const shown = document.importNode(fresh, true);
    old.replaceWith(shown);
    htmx.process(shown);
    enhance(shown);
  }
  if (path && !document.activeElement?.closest("[data-path]")) fieldAt(path)?.querySelector<HTMLElement>("input, select, textarea")?.focus();
  document.dispatchEvent(new CustomEvent("nonagon:refreshed", { detail: { parts } }));
}

function startRefreshing(): void {
  document.addEventListener("nonagon:refresh", (event) => {
    void refresh((event as CustomEvent<{ parts: string[] }>).detail.parts);
  });
  document.addEventListener("nonagon:problem", (event) => wrong((event as CustomEvent<Problem>).detail));
  // When a job is over, what it computed comes onto the page; after an edit a new job may have begun.
  const computed = ["computing", "section", "criteria", "gate", "came-in", "nav-of-nine", "stale"];
  document.addEventListener("job-over", () => setTimeout(() => void refresh(computed), 300));
  let timer = 0;
  document.addEventListener("nonagon:saved", () => {
    clearTimeout(timer);
    if (!document.getElementById("computing") || document.querySelector("#computing [data-job]")) return;
    timer = window.setTimeout(() => void refresh(["computing"]), 1500);
  });
}

// ---------------------------------------------------------------- what is saved

function startSaving(): void {
  document.addEventListener("nonagon:saving", (event) => {
    const { state } = (event as CustomEvent<{ state: State }>).detail;
    for (const place of within<HTMLElement>(document, "[data-saved-word]")) {
      place.dataset.state = state;
      const sign = { saved: () => icon("check"), saving: turning, offline: () => icon("cloud-off"), refused: () => icon("alert-triangle") }[state];
      place.replaceChildren(sign(), say(`state_${state}`));
    }
  });
  addEventListener("beforeunload", (event) => {
    if (unsaved() || unsavedFields()) event.preventDefault();
  });
}

// ---------------------------------------------------------------- the look

function startTheme(): void {
  const show = (): void => {
    const choice = document.documentElement.dataset.choice ?? "auto";
    for (const button of within<HTMLElement>(document, "[data-choose-theme]")) {
      button.setAttribute("aria-pressed", String(button.dataset.chooseTheme === choice));
    }
  };
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-choose-theme]") : null;
    if (!button) return;
    try {
      localStorage.setItem("theme", button.dataset.chooseTheme ?? "auto");
    } catch {
      // not remembered, then
    }
    document.dispatchEvent(new CustomEvent("nonagon:choose-theme"));
    show();
    const menu = button.closest("details");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
  });
  show();
}

startTheme();
startDialogs();
startCopying();
startKeys();
startFields();
startGrids();
startHtmx();
startRefreshing();
startSaving();
document.addEventListener("click", (event) => {
  if (event.target instanceof Element && event.target.closest("[data-print]")) print();
});
enhance(document);
startOnPage();
