// Making elements without writing HTML in strings.
type Attributes = Record<string, string | boolean | undefined>;

/** An element with attributes and children; `true` sets an attribute without value, `undefined` and `false` none. */
export function make<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(key, "");
    else if (typeof value === "string") element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

/** One of the icons of assets/icons.txt. */
export function icon(name: string): SVGSVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `${meta("icons")}#${name}`);
  svg.append(use);
  return svg;
}

/** What the page says about itself in <meta name="nonagon-..."> . */
export function meta(name: string): string {
  return document.querySelector<HTMLMetaElement>(`meta[name="nonagon-${name}"]`)?.content ?? "";
}

/** All elements of a kind in a part of the page, the part itself included. */
export function within<T extends Element>(root: ParentNode, selector: string): T[] {
  const found = [...root.querySelectorAll<T>(selector)];
  return root instanceof Element && root.matches(selector) ? [root as unknown as T, ...found] : found;
}

/** The field of a path in a decision document, whatever the spacing of its JSON. */
export function fieldAt(path: unknown): HTMLElement | undefined {
  const wanted = JSON.stringify(path);
  return within<HTMLElement>(document, "[data-path]").find((one) => JSON.stringify(JSON.parse(one.dataset.path ?? "null")) === wanted);
}

let counted = 0;

/** An id that is not on the page yet. */
export function freshId(prefix: string): string {
  do counted += 1;
  while (document.getElementById(`${prefix}-${counted}`));
  return `${prefix}-${counted}`;
}
