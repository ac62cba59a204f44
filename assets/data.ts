// The data page: files dropped on it, how far they have come, and the mapping tried while it is corrected.
import { csrf } from "./edits";
import { within } from "./elements";
import { problemIn, wrong } from "./toasts";
import { say } from "./words";

// ---------------------------------------------------------------- files that are dropped

function startDropping(form: HTMLFormElement): void {
  const zone = form.querySelector<HTMLElement>("[data-drop-zone]");
  const input = form.querySelector<HTMLInputElement>("input[type=file]");
  if (!zone || !input) return;
  let deep = 0;
  const over = (is: boolean): void => void zone.classList.toggle("over", is);
  zone.addEventListener("dragenter", (event) => {
    event.preventDefault();
    deep += 1;
    over(true);
  });
  zone.addEventListener("dragover", (event) => event.preventDefault());
  zone.addEventListener("dragleave", () => {
    deep -= 1;
    if (deep <= 0) over(false);
  });
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    deep = 0;
    over(false);
    if (event.dataTransfer?.files.length) void send(form, [...event.dataTransfer.files]);
  });
  form.addEventListener("submit", (event) => {
    if (!input.files?.length) return;
    event.preventDefault();
    void send(form, [...input.files]);
  });
}

/** Sends the files as the form would, and shows how far they have come; then goes where the server says. */
function send(form: HTMLFormElement, files: File[]): void {
  const line = form.querySelector<HTMLElement>("[data-drop-progress]");
  const bar = line?.querySelector("progress");
  const told = line?.querySelector("span");
  const button = form.querySelector("button");
  const body = new FormData();
  body.append("csrfmiddlewaretoken", csrf());
  for (const file of files) body.append("files", file, file.name);
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "application/json");
  request.setRequestHeader("X-CSRFToken", csrf());
  if (line) line.hidden = false;
  if (button) button.disabled = true;
  request.upload.addEventListener("progress", (event) => {
    if (!event.lengthComputable || !bar || !told) return;
    const share = Math.round((100 * event.loaded) / event.total);
    bar.value = share;
    told.textContent = `${share} %`;
  });
  const failed = (): void => {
    if (line) line.hidden = true;
    if (button) button.disabled = false;
  };
  request.addEventListener("load", () => {
    if (request.status !== 200) {
      failed();
      wrong(problemIn(request.responseText, request.status));
      return;
    }
    const next = (JSON.parse(request.responseText) as { next: string }).next;
    const there = new URL(next, location.href);
    // an address that differs by its mark alone would not be loaded again
    if (there.pathname === location.pathname && there.search === location.search) {
      history.replaceState(null, "", there);
      location.reload();
    } else location.assign(there);
  });
  request.addEventListener("error", () => {
    failed();
    wrong({ thing: say("no_connection"), next: say("retry_or_reload") });
  });
  request.send(body);
}

// ---------------------------------------------------------------- the mapping, tried as it is corrected

function startTrying(form: HTMLFormElement): void {
  let timer = 0;
  let asked = 0;
  const soon = (event: Event): void => {
    const name = event.target instanceof HTMLElement ? event.target.getAttribute("name") : null;
    if (name === null || ["text", "strict", "add_items", "name"].includes(name)) return;
    clearTimeout(timer);
    timer = window.setTimeout(() => void look(), 600);
  };
  async function look(): Promise<void> {
    asked += 1;
    const mine = asked;
    const body = new FormData(form);
    body.set("do", "look");
    const result = document.getElementById("trial-result");
    result?.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.action, { method: "POST", body, credentials: "same-origin", headers: { "X-CSRFToken": csrf() } });
      if (mine !== asked || !answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const id of ["map-told", "trial-result"]) {
        const [old, fresh] = [document.getElementById(id), page.getElementById(id)];
        if (old && fresh) old.replaceChildren(...[...fresh.childNodes].map((node) => document.importNode(node, true)));
      }
      const text = page.getElementById("m-text");
      const shown = document.getElementById("m-text");
      if (text instanceof HTMLTextAreaElement && shown instanceof HTMLTextAreaElement) shown.value = text.value;
    } catch {
      // without a connection the button still says what is wrong
    } finally {
      if (mine === asked) result?.removeAttribute("aria-busy");
    }
  }
  form.addEventListener("change", soon);
}

for (const form of within<HTMLFormElement>(document, "form[data-drop]")) startDropping(form);
for (const form of within<HTMLFormElement>(document, "form[data-map]")) startTrying(form);
