// The trace: arrow keys walk over the records of the drawing, as over a map; Enter follows the link.
import { within } from "./elements";

interface Spot {
  link: SVGAElement;
  x: number;
  y: number;
}

function spots(drawing: SVGSVGElement): Spot[] {
  return within<SVGAElement>(drawing, "a[data-record]").map((link) => {
    const box = link.getBBox();
    return { link, x: box.x + box.width / 2, y: box.y + box.height / 2 };
  });
}

/** The nearest record in a direction; sideways the next column first, whatever its height. */
function next(from: Spot, all: Spot[], key: string): Spot | undefined {
  const sideways = key === "ArrowLeft" || key === "ArrowRight";
  const sign = key === "ArrowLeft" || key === "ArrowUp" ? -1 : 1;
  const ahead = all.filter((one) => (sideways ? sign * (one.x - from.x) > 5 : Math.abs(one.x - from.x) < 5 && sign * (one.y - from.y) > 1));
  const far = (one: Spot): number => (sideways ? Math.abs(one.x - from.x) * 1000 + Math.abs(one.y - from.y) : Math.abs(one.y - from.y));
  return ahead.sort((a, b) => far(a) - far(b))[0];
}

for (const drawing of within<SVGSVGElement>(document, "[data-trace] svg")) {
  drawing.addEventListener("keydown", (event) => {
    if (!["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].includes(event.key) || event.altKey || event.ctrlKey || event.metaKey) return;
    const all = spots(drawing);
    const here = all.find((one) => one.link === document.activeElement);
    const there = here && next(here, all, event.key);
    if (!there) return;
    event.preventDefault();
    there.link.focus();
    there.link.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
}
