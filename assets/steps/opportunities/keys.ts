// An id that is not taken yet, from what people call the thing.
export function freshKey(name: string, taken: Set<string>): string {
  const plain = name.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f]/g, "");
  const stem = plain.replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "").slice(0, 40) || "opportunity";
  if (!taken.has(stem)) return stem;
  for (let count = 2; ; count += 1) if (!taken.has(`${stem}_${count}`)) return `${stem}_${count}`;
}
