// The way through a long page: the part in sight is marked in the line of its parts, which stays at the top.
import { within } from "./elements";

export function startOnPage(): void {
  const line = document.querySelector<HTMLElement>(".on-page");
  if (!line) return;
  const links = new Map<Element, HTMLAnchorElement>();
  for (const link of within<HTMLAnchorElement>(line, "a[href^='#']")) {
    const part = document.getElementById(link.hash.slice(1));
    if (part) links.set(part, link);
  }
  let waiting = 0;
  const mark = (): void => {
    waiting = 0;
    // the last part that begins above the upper third of the window
    const begun = [...links.keys()].filter((part) => part.getBoundingClientRect().top < innerHeight / 3);
    const part = begun[begun.length - 1] ?? [...links.keys()][0];
    const now = part && links.get(part);
    for (const link of links.values()) {
      if (link === now) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    if (now) keepInSight(line, now);
  };
  addEventListener("scroll", () => (waiting ||= requestAnimationFrame(mark)), { passive: true });
  mark();
}

/** On a phone the line is longer than the window is wide. */
function keepInSight(line: HTMLElement, link: HTMLElement): void {
  const list = line.firstElementChild;
  if (!(list instanceof HTMLElement) || list.scrollWidth <= list.clientWidth) return;
  const [outer, inner] = [list.getBoundingClientRect(), link.getBoundingClientRect()];
  if (inner.left < outer.left) list.scrollLeft -= outer.left - inner.left;
  else if (inner.right > outer.right) list.scrollLeft += inner.right - outer.right;
}
