// Verdicts on pairs of records by keyboard: each button and link names its own key.
import { within } from "../elements";
import { shortcut } from "../keys";

for (const one of within<HTMLElement>(document, "[data-pair] [data-key]")) {
  const label = (one.firstChild?.textContent ?? "").trim();
  shortcut(one.dataset.key ?? "", label, () => one.click());
}
