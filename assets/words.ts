// What scripts say to people. The sentences come from the page, in the person's language (ui/words.py).
let words: Record<string, string> | undefined;

function all(): Record<string, string> {
  if (words === undefined) {
    const block = document.getElementById("words");
    words = block?.textContent ? (JSON.parse(block.textContent) as Record<string, string>) : {};
  }
  return words;
}

/** The sentence of a key, its {places} filled in. */
export function say(key: string, places: Record<string, string | number> = {}): string {
  const sentence = all()[key] ?? key;
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => String(places[name] ?? whole));
}

/** The language of the page. */
export function language(): string {
  return document.documentElement.lang || "en";
}
