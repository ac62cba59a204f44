// Before anything is painted: the mode that the person chose, else the system's. Loaded in the head.
const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");

function chosen(): string {
  try {
    return localStorage.getItem("theme") ?? "auto";
  } catch {
    return "auto"; // storage is switched off: the system's mode is as good as any
  }
}

function apply(): void {
  const choice = chosen();
  root.dataset.choice = choice;
  root.dataset.bsTheme = choice === "auto" ? (system.matches ? "dark" : "light") : choice;
  document.dispatchEvent(new CustomEvent("nonagon:theme"));
}

root.dataset.script = "on";
apply();
system.addEventListener("change", apply);
addEventListener("storage", (event) => event.key === "theme" && apply());
document.addEventListener("nonagon:choose-theme", apply);
