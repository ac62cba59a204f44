// Buttons that copy what a field holds: <button data-copies="the field's id">.
import { done } from "./toasts";
import { say } from "./words";

async function copy(field: HTMLInputElement): Promise<void> {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    // pages that are not served over HTTPS have no clipboard; the field stays selected, so that the keys for copying work
    if (!document.execCommand("copy")) return;
  }
  done(say("copied"));
}

export function startCopying(): void {
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-copies]") : null;
    const field = button ? document.getElementById(button.dataset.copies ?? "") : null;
    if (field instanceof HTMLInputElement) void copy(field);
  });
}
