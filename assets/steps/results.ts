// The management review: what is said under a heading is kept as one leaves the field; after a change the signature's part of the
// page is fetched again, since minutes are signed as they were read.
import "./results/results.css";
import { edit } from "../edits";
import { within } from "../elements";
import { target } from "../fields";
import { wrong } from "../toasts";

const review = document.querySelector<HTMLElement>("[data-review]");

for (const field of within<HTMLTextAreaElement>(review ?? document.createElement("div"), "textarea[data-input]")) {
  let standing = field.value.trim();
  const shown = review?.querySelector<HTMLElement>(`[data-said="${field.dataset.input ?? ""}"]`);
  field.addEventListener("input", () => {
    if (shown) shown.textContent = field.value;
  });
  field.addEventListener("change", () => {
    const at = target(field);
    const said = field.value.trim();
    if (!at || said === standing) return;
    const path = ["review_inputs", `@input=${field.dataset.input ?? ""}`];
    void edit(at.url, at.base, [{ op: "put", path, value: said ? { said } : null }]).then((outcome) => {
      if (outcome.kind === "saved") standing = said;
      else if (outcome.kind !== "theirs") wrong(outcome.problem);
    });
  });
}

let timer = 0;
if (review) {
  document.addEventListener("nonagon:saved", () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => document.dispatchEvent(new CustomEvent("nonagon:refresh", { detail: { parts: ["signature"] } })), 400);
  });
}
