// What spreadsheets put on the clipboard: cells between tabs, rows between line breaks, quotes around cells that hold either.

/** The cells of a pasted text, row by row. */
export function cells(text: string): string[][] {
  const rows: string[][] = [[]];
  let cell = "";
  let quoted = false;
  const endCell = (): void => {
    rows[rows.length - 1]?.push(cell);
    cell = "";
  };
  for (let place = 0; place < text.length; place += 1) {
    const at = text[place];
    if (quoted) {
      if (at !== '"') cell += at;
      else if (text[place + 1] === '"') {
        cell += '"';
        place += 1;
      } else quoted = false;
    } else if (at === '"' && cell === "") quoted = true;
    else if (at === "\t") endCell();
    else if (at === "\n" || at === "\r") {
      if (at === "\r" && text[place + 1] === "\n") place += 1;
      endCell();
      rows.push([]);
    } else cell += at;
  }
  endCell();
  const last = rows[rows.length - 1];
  if (rows.length > 1 && last?.length === 1 && last[0] === "") rows.pop();
  return rows;
}

/** Whether a text is more than one cell. */
export function isTable(text: string): boolean {
  return /[\t\n\r]/.test(text.replace(/[\r\n]+$/, ""));
}

/** A day as people and spreadsheets write it without doubt: 2025-03-31 or 31.03.2025; null for what could be two days. */
export function dayIn(text: string): string | null {
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})/.exec(text);
  const dotted = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/.exec(text);
  const [year, month, day] = iso ? [iso[1], iso[2], iso[3]] : dotted ? [dotted[3], dotted[2], dotted[1]] : [];
  if (!year || !month || !day) return null;
  const found = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  return Number.isNaN(Date.parse(found)) ? null : found;
}

const YES = new Set(["1", "x", "yes", "y", "true", "ja", "oui", "نعم", "✓"]);
const NO = new Set(["", "0", "no", "n", "false", "nein", "non", "لا"]);

/** Yes or no as written in a cell; null for neither. */
export function flagIn(text: string): boolean | null {
  const word = text.trim().toLowerCase();
  return YES.has(word) ? true : NO.has(word) ? false : null;
}
