// Light or dark: as the system has it, until the visitor chooses.

const KEY = "jank-demo-theme";

export function themeButton(button: HTMLElement): void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  let chosen = read();
  const isDark = () => (chosen ? chosen === "dark" : system.matches);
  const show = () => {
    if (chosen) document.documentElement.dataset.theme = chosen;
    button.textContent = isDark() ? "Light" : "Dark";
    button.setAttribute("aria-label", `Use ${isDark() ? "light" : "dark"} colours`);
  };
  button.addEventListener("click", () => {
    chosen = isDark() ? "light" : "dark";
    write(chosen);
    show();
  });
  system.addEventListener("change", show);
  show();
}

/** A browser may forbid a page to keep anything. */
function read(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function write(theme: string): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // it is kept for as long as the page is there
  }
}
