// The list of what became of each edit, newest first: what changed, from which
// version to which, why, and a picture of how long each step took.

import type { ErrorReport, PatchRecord } from "jank-hot-reload";

const SVG = "http://www.w3.org/2000/svg";
const MOST = 60;
const STEPS = ["compile", "transfer", "install"] as const;
const CAUSES = { save: "saved", eval: "typed", undo: "undone" } as const;

type VarChange = PatchRecord["changes"][number];
type Times = Pick<PatchRecord, "compileMs" | "transferMs" | "installMs">;

interface Entry {
  element: HTMLLIElement;
  note: HTMLElement;
  changes: VarChange[];
  times?: Times;
  picture?: SVGSVGElement;
  button?: HTMLButtonElement;
}

export const milliseconds = (ms: number): string =>
  `${ms.toFixed(ms < 1 ? 2 : ms < 100 ? 1 : 0)} ms`;

const total = ({ compileMs, transferMs, installMs }: Times): number =>
  compileMs + transferMs + installMs;

export class Timeline {
  readonly #list: HTMLElement;
  readonly #onUndo: (names: string[]) => void;
  #entries: Entry[] = [];
  /** The version of each var that runs. */
  readonly #live = new Map<string, number | null>();

  constructor(list: HTMLElement, onUndo: (names: string[]) => void) {
    this.#list = list;
    this.#onUndo = onUndo;
  }

  /** The program, when it was loaded: many definitions, one line. */
  loaded(records: PatchRecord[], ms: number): void {
    const changes = records.flatMap((record) => record.changes);
    for (const { name, to } of changes) this.#live.set(name, to);
    const entry = this.#entry(`${changes.length} definitions`, "loaded", []);
    entry.note.textContent = `running after ${milliseconds(ms)}`;
  }

  patched(record: PatchRecord): void {
    const { changes, cause, error } = record;
    if (error)
      return this.refused(
        error,
        record.symbols.map(({ name }) => name),
      );
    if (changes.length === 0) return;
    for (const { name, to } of changes) this.#live.set(name, to);
    const [first, ...others] = changes;
    const more = others.length > 0 ? ` and ${others.length} more` : "";
    const entry = this.#entry(`${first?.name ?? ""}${more}`, CAUSES[cause], changes);
    if (first) entry.element.firstElementChild?.append(" ", versionsOf(first));
    entry.times = record;
    entry.picture = this.#picture(entry, record);
    if (cause !== "undo") entry.button = this.#undoButton(entry);
    this.#update();
  }

  /** Nothing was changed. */
  refused({ class: name, message }: ErrorReport, names: string[]): void {
    const entry = this.#entry(names.join(" ") || "an edit", "refused", []);
    entry.element.dataset.state = "bad";
    entry.note.textContent = `${name}: ${message}. The old code runs on.`;
  }

  /** Of the newest entry. */
  note(text: string, isBad = false): void {
    const entry = this.#entries[0];
    if (!entry) return;
    entry.note.textContent = text;
    if (isBad) entry.element.dataset.state = "bad";
  }

  /** Pages that have answered the newest patch. */
  pages(installed: number, all: number): void {
    const pages = all === 1 ? "this page" : `${installed} of ${all} pages`;
    if (all > 0) this.note(`installed in ${pages}`);
  }

  #entry(title: string, kind: string, changes: VarChange[]): Entry {
    const element = document.createElement("li");
    const head = make("div", "what", make("b", "", title));
    const note = make("span", "note");
    element.append(head, make("span", "kind", kind), note);
    const entry = { element, note, changes };
    this.#entries.unshift(entry);
    for (const old of this.#entries.splice(MOST)) old.element.remove();
    this.#list.prepend(element);
    return entry;
  }

  #undoButton(entry: Entry): HTMLButtonElement {
    const button = make("button", "quiet", "Undo") as HTMLButtonElement;
    const names = entry.changes.map(({ name }) => name);
    button.type = "button";
    button.setAttribute("aria-label", `Undo ${names.join(", ")}`);
    button.addEventListener("click", () => this.#onUndo(names));
    entry.element.append(button);
    return button;
  }

  #picture(entry: Entry, times: Times): SVGSVGElement {
    const picture = document.createElementNS(SVG, "svg");
    const parts = STEPS.map((step) => `${step} ${milliseconds(times[`${step}Ms`])}`);
    picture.setAttribute("viewBox", "0 0 100 4");
    picture.setAttribute("preserveAspectRatio", "none");
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", parts.join(", "));
    for (const step of STEPS) {
      const bar = document.createElementNS(SVG, "rect");
      bar.setAttribute("data-step", step);
      bar.setAttribute("height", "4");
      picture.append(bar);
    }
    const figures = make("span", "figures", milliseconds(total(times)));
    figures.title = parts.join(", ");
    const details = make("span", "details", parts.join(" \u00b7 "));
    entry.element.append(picture, figures, details);
    return picture;
  }

  /**
   * All pictures have one scale, of square roots, so that one slow edit leaves the
   * others to be seen. Only what runs can be undone.
   */
  #update(): void {
    const longest = Math.max(...this.#entries.map(({ times }) => (times ? total(times) : 0)), 1);
    for (const { times, picture, button, changes } of this.#entries) {
      if (button) button.hidden = !changes.every(({ name, to }) => this.#live.get(name) === to);
      if (!times || !picture) continue;
      const scale = 100 / Math.sqrt(longest * Math.max(total(times), 0.001));
      let x = 0;
      for (const bar of picture.children) {
        const step = bar.getAttribute("data-step") as (typeof STEPS)[number];
        const width = scale * times[`${step}Ms`];
        bar.setAttribute("x", x.toFixed(2));
        bar.setAttribute("width", width.toFixed(2));
        x += width;
      }
    }
  }
}

function versionsOf({ from, to }: VarChange): HTMLElement {
  const version = (number: number | null) => (number === null ? "none" : `v${number}`);
  return make("span", "versions", `${version(from)} \u2192 ${version(to)}`);
}

function make(tag: string, className: string, ...children: (Node | string)[]): HTMLElement {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}
