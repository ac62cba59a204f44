// Coding by hand: one verbatim after the other, one key each.
import { edit, turn } from "../../edits";
import { make } from "../../elements";
import { wrong } from "../../toasts";
import { coder } from "./dialogs";
import type { Workbench } from "./workbench";

interface Waiting {
  id: string;
  text: string;
  told: string;
  suggested: string[];
}

interface Batch {
  left: number;
  often: string[];
  verbatims: Waiting[];
}

const FEW = 5;
const CHOICES = 9;
const REMEMBERED = "nonagon-coder";

export function startCoding(bench: Workbench): void {
  const part = document.querySelector<HTMLDetailsElement>("#coding");
  if (part) new Coding(bench, part);
}

class Coding {
  private waiting: Waiting[] = [];
  private often: string[] = [];
  private done: Waiting[] = [];
  private readonly skipped: string[] = [];
  private chosen: string[] = [];
  private left = 0;
  private loading = false;
  private round = 0;
  /** Whose verbatims are here, and which: leaving the field of the coder is no change by itself. */
  private asked = "";
  private readonly card: HTMLElement;
  private readonly other: HTMLInputElement;

  constructor(
    private readonly bench: Workbench,
    private readonly part: HTMLDetailsElement,
  ) {
    this.card = this.one("[data-coding-card]");
    this.other = this.one<HTMLInputElement>("#coding-other");
    const who = this.one<HTMLInputElement>("#coder");
    who.value = remembered() || who.value;
    who.addEventListener("change", () => (remember(who.value.trim()), this.restart()));
    this.one("#coding-mode").addEventListener("change", () => this.restart());
    part.addEventListener("toggle", () => part.open && !this.waiting.length && this.restart());
    this.card.addEventListener("keydown", (event) => this.key(event));
    this.other.addEventListener("keydown", (event) => this.typed(event));
    part.addEventListener("click", (event) => this.click(event));
    bench.onChange(() => this.names());
    this.names();
  }

  private one<T extends HTMLElement = HTMLElement>(selector: string): T {
    return this.part.querySelector<T>(selector) as T;
  }

  private get check(): boolean {
    return this.one<HTMLSelectElement>("#coding-mode").value === "1";
  }

  private names(): void {
    const known = this.bench.needs.map((need) => make("option", { value: need.name }));
    this.one("#need-names").replaceChildren(...known);
  }

  private restart(): void {
    const asked = `${coder()} ${this.check}`;
    if (asked === this.asked && this.waiting.length) return;
    this.asked = asked;
    this.round += 1;
    this.waiting = [];
    this.done = [];
    this.skipped.length = 0;
    this.one("[data-coding-left]").textContent = this.bench.say("reading");
    void this.load().then(() => this.show());
  }

  /** More to read, without what is here already. */
  private async load(): Promise<void> {
    if (this.loading) return;
    this.loading = true;
    const round = this.round;
    const seen = [...this.waiting.map((one) => one.id), ...this.skipped.slice(-30), ...this.done.slice(-20).map((one) => one.id)];
    const answer = await this.bench.ask<Batch>("queue", { coder: coder(), check: this.check ? "1" : "0", skip: seen.join("\n") });
    this.loading = false;
    if (round !== this.round) return this.load();
    if (!answer.ok) {
      wrong(answer.problem);
      return;
    }
    const here = new Set(seen);
    this.waiting.push(...answer.body.verbatims.filter((one) => !here.has(one.id)));
    this.often = answer.body.often;
    this.left = answer.body.left + seen.filter((id) => this.waiting.some((one) => one.id === id)).length;
  }

  private show(): void {
    const now = this.waiting[0];
    this.card.hidden = !now;
    const empty = this.one("[data-coding-empty]");
    empty.hidden = Boolean(now);
    empty.textContent = now ? "" : this.bench.say(this.check ? "all_checked" : "all_coded");
    this.one("[data-coding-left]").textContent = this.bench.say("left", { count: Math.max(this.left, this.waiting.length) });
    this.chosen = [];
    this.other.value = "";
    if (!now) return;
    this.one("[data-coding-text]").textContent = now.text;
    this.one("[data-coding-told]").textContent = now.told;
    this.choices();
  }

  private offered(): string[] {
    const suggested = this.waiting[0]?.suggested ?? [];
    return [...new Set([...suggested, ...this.often])].filter((id) => this.bench.need(id)).slice(0, CHOICES);
  }

  private choices(): void {
    const suggested = new Set(this.waiting[0]?.suggested ?? []);
    const items = this.offered().map((id, place) => {
      const parts: (Node | string)[] = [make("kbd", {}, String(place + 1)), " ", this.bench.nameOf(id)];
      if (suggested.has(id)) parts.push(" ", make("span", { class: "quiet" }, this.bench.say("suggested")));
      return make("li", {}, make("button", { type: "button", class: "btn", "data-code": id, "aria-pressed": String(this.chosen.includes(id)) }, ...parts));
    });
    items.push(make("li", {}, make("button", { type: "button", class: "btn", "data-code": "none" }, make("kbd", {}, "0"), " ", this.bench.say("no_need"))));
    this.one("[data-coding-choices]").replaceChildren(...items);
  }

  private key(event: KeyboardEvent): void {
    if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey) return;
    const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1] ?? (/^\d$/.test(event.key) ? event.key : undefined);
    const acts: Record<string, () => void> = { l: () => this.later(), u: () => void this.undo(), "/": () => this.other.focus() };
    let does = acts[event.key.toLowerCase()];
    if (digit === "0") does = () => this.code([]);
    else if (digit !== undefined) {
      const id = this.offered()[Number(digit) - 1];
      does = id === undefined ? undefined : () => (event.shiftKey ? this.toggle(id) : this.code([...this.chosen, id]));
    } else if (event.key === "Enter" && this.chosen.length && event.target === this.card) does = () => this.code(this.chosen);
    if (!does) return;
    event.preventDefault();
    event.stopPropagation();
    does();
  }

  /** The name of a need, or the beginning of one, typed and confirmed. */
  private typed(event: KeyboardEvent): void {
    event.stopPropagation();
    if (event.key === "Escape") {
      this.other.value = "";
      this.card.focus();
      return;
    }
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    const name = this.other.value.trim().toLowerCase();
    const exact = this.bench.needs.find((one) => one.name.toLowerCase() === name || one.id === name);
    const begun = this.bench.needs.filter((one) => one.name.toLowerCase().includes(name));
    const found = exact ?? (name && begun.length === 1 ? begun[0] : undefined);
    if (!found) {
      wrong(this.bench.say("choose_need", { name: this.other.value }));
      return;
    }
    if (event.shiftKey) {
      this.toggle(found.id);
      this.other.value = "";
    } else {
      this.code([...this.chosen, found.id]);
      this.card.focus();
    }
  }

  private click(event: Event): void {
    const at = event.target instanceof Element ? event.target : null;
    const code = at?.closest<HTMLElement>("[data-code]")?.dataset.code;
    if (code !== undefined) {
      if (code !== "none" && (event as MouseEvent).shiftKey) this.toggle(code);
      else this.code(code === "none" ? [] : [...this.chosen, code]);
      this.card.focus();
    }
    const act = at?.closest<HTMLElement>("[data-coding-act]")?.dataset.codingAct;
    if (act === "later") this.later();
    if (act === "undo") void this.undo();
  }

  private toggle(id: string): void {
    this.chosen = this.chosen.includes(id) ? this.chosen.filter((one) => one !== id) : [...this.chosen, id];
    this.choices();
    this.tell(this.chosen);
  }

  private tell(needs: string[]): void {
    const names = needs.length ? needs.map((id) => this.bench.nameOf(id)).join(", ") : this.bench.say("no_need");
    this.one("[data-coding-said]").textContent = this.bench.say("coded", { names });
  }

  private code(needs: string[]): void {
    const now = this.waiting.shift();
    if (!now) return;
    const codes = needs.length ? [...new Set(needs)] : ["none"];
    const edits = codes.map((need) => ({ op: "add" as const, path: ["codes"], value: { verbatim: now.id, need, coder: coder() } }));
    this.done.push(now);
    this.left -= 1;
    this.tell(needs);
    this.next();
    void edit(this.bench.url, this.bench.base, edits).then((outcome) => {
      if (outcome.kind === "saved") return;
      if (outcome.kind !== "theirs") wrong(outcome.problem);
      this.back(now);
    });
  }

  private back(verbatim: Waiting): void {
    this.done = this.done.filter((one) => one !== verbatim);
    this.left += 1;
    this.waiting.unshift(verbatim);
    this.show();
  }

  private later(): void {
    const now = this.waiting.shift();
    if (!now) return;
    this.skipped.push(now.id);
    this.next();
  }

  private next(): void {
    const focused = this.card.contains(document.activeElement) && document.activeElement !== this.card;
    this.show();
    if (focused && !(document.activeElement instanceof HTMLInputElement)) this.card.focus();
    if (this.waiting.length < FEW) void this.load().then(() => this.waiting.length === 0 || this.card.hidden ? this.show() : undefined);
  }

  /** Takes the last code back and shows its verbatim again. */
  private async undo(): Promise<void> {
    const last = this.done.at(-1);
    if (!last) return;
    if (await turn(this.bench.url, this.bench.base, "undo", this.bench.section.dataset.undo)) this.back(last);
    this.card.focus();
  }
}

function remembered(): string {
  try {
    return localStorage.getItem(REMEMBERED) ?? "";
  } catch {
    return "";
  }
}

function remember(name: string): void {
  try {
    localStorage.setItem(REMEMBERED, name);
  } catch {
    // then not
  }
}
