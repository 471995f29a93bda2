// What became of each edit, shown in any page:
//
//   import { showOverlay } from "jank-hot-reload/overlay";
//   const hide = showOverlay(client);
//
// A good patch is a line that fades, and can be undone meanwhile. An error stays,
// with its excerpt, its caret and its stack, until it is mended or dismissed; a place
// in it opens the editor.
//
// It lives in a shadow root with a constructed style sheet, and puts what it shows
// in as text: pages forbid inline styles, and errors hold what a program says.

import { keepNewest } from "../bounded.js";
import { formatChanges, milliseconds } from "../format.js";
import { reportOf } from "../protocol.js";
import type { ErrorReport, TraceFrame, VarChange } from "../protocol.js";
import type { PatchRecord } from "./api.js";
import type { Client } from "./client.js";
import { listen } from "./listen.js";

export interface OverlayOptions {
  /** Whether good patches are shown, too. By default true. */
  toast?: boolean;
  /** How long, in milliseconds. By default 4000. */
  toastMs?: number;
  /**
   * The server that opens a place in the editor; by default the page's own.
   * false: places are not links, as in a page that compiles by itself.
   */
  editor?: string | URL | false;
  /** Where the overlay is put. By default the document's body. */
  parent?: Element;
}

/** What an overlay needs of a client. */
export type OverlayClient = Pick<Client, "on" | "status" | "undo">;

/** An error that stands. The same one again is counted. */
interface Problem {
  error: ErrorReport;
  count: number;
  /** What the client has taken back because of it. */
  rolledBack: VarChange[];
}

/** Older ones are dropped: a loop that throws something else each time. */
const MOST_PROBLEMS = 20;
const MOST_FRAMES = 12;

const TITLES: Record<ErrorReport["phase"], string> = {
  read: "This does not read",
  compile: "This does not compile",
  load: "The patch was refused",
  run: "This threw an exception",
};

const STYLES = `
:host {
  all: initial;
  color-scheme: light dark;
  --ground: light-dark(#fffdf9, #1c1e22);
  --ink: light-dark(#24211c, #ece9e2);
  --quiet: light-dark(#625d53, #aca79c);
  --line: light-dark(#ddd7ca, #3a3d43);
  --bad: light-dark(#a8321f, #ff9c85);
  --good: light-dark(#2c6a4a, #8fd0aa);
  position: fixed;
  z-index: 2147483647;
  inset: auto 0 0 0;
  display: grid;
  grid-template-columns: minmax(0, 1fr);
  justify-items: end;
  gap: 0.5rem;
  padding: 0.75rem;
  pointer-events: none;
  font: 14px/1.45 system-ui, sans-serif;
  color: var(--ink);
}
.toast, .panel {
  box-sizing: border-box;
  max-width: min(44rem, 100%);
  border: 1px solid var(--line);
  border-radius: 10px;
  background: var(--ground);
  box-shadow: 0 6px 24px rgb(0 0 0 / 16%);
}
.toast {
  order: -1;
  display: flex;
  align-items: baseline;
  gap: 0.75rem;
  padding: 0.4rem 0.75rem;
  border-left: 3px solid var(--good);
  font-variant-numeric: tabular-nums;
  overflow-wrap: anywhere;
  transition: opacity 0.4s;
}
.toast.gone { opacity: 0; }
.toast button { flex: none; pointer-events: auto; }
.panel {
  width: min(44rem, 100%);
  max-height: min(60vh, 24rem);
  overflow: auto;
  pointer-events: auto;
  border-left: 3px solid var(--bad);
}
[hidden] { display: none !important; }
.close {
  position: sticky;
  float: right;
  top: 0.6rem;
  margin: 0.6rem 0.6rem 0 0.5rem;
}
article { padding: 0.75rem 0.9rem; }
article + article { border-top: 1px solid var(--line); }
h2 { margin: 0; font-size: 1em; font-weight: 600; color: var(--bad); }
p { margin: 0.2rem 0; overflow-wrap: anywhere; white-space: pre-wrap; }
.quiet { color: var(--quiet); }
pre, code, .place { font-family: ui-monospace, monospace; font-size: 0.93em; }
pre { margin: 0.5rem 0; padding: 0.5rem 0.6rem; overflow-x: auto; border: 1px solid var(--line);
  border-radius: 6px; }
pre b { font-weight: 700; color: var(--bad); }
ol { margin: 0.4rem 0 0; padding: 0; list-style: none; }
li { margin: 0.1rem 0; overflow-wrap: anywhere; }
button { font: inherit; color: inherit; background: none; border: 1px solid var(--line);
  border-radius: 6px; padding: 0.1rem 0.55rem; cursor: pointer; }
.place { border: 0; padding: 0; text-align: start; text-decoration: underline;
  text-underline-offset: 0.2em; overflow-wrap: anywhere; }
button:focus-visible, .panel:focus-visible { outline: 2px solid var(--bad); outline-offset: 2px; }
@media (prefers-reduced-motion: reduce) { .toast { transition: none; } }
`;

/** Shows what becomes of this client's patches. Returns what ends that. */
export function showOverlay(client: OverlayClient, options: OverlayOptions = {}): () => void {
  const overlay = new Overlay(client, options);
  return () => overlay.close();
}

class Overlay {
  readonly #client: OverlayClient;
  readonly #options: OverlayOptions;
  readonly #host = document.createElement("jank-overlay");
  readonly #line = make("span", { className: "line" });
  readonly #undo = make("button", { type: "button" }, "Undo");
  readonly #toast = make("div", { className: "toast", hidden: true }, this.#line, this.#undo);
  readonly #panel = make("section", { className: "panel", hidden: true, tabIndex: -1 });
  readonly #alerts = make("div");
  /** Why the editor could not be opened. */
  readonly #note = make("p", { className: "quiet" });
  readonly #problems = new Map<string, Problem>();
  readonly #ends: (() => void)[];
  #fading: ReturnType<typeof setTimeout> | undefined;
  #drawing = false;
  /** What had the focus before the panel. */
  #before: HTMLElement | null = null;

  constructor(client: OverlayClient, options: OverlayOptions) {
    this.#client = client;
    this.#options = options;
    this.#build();
    this.#ends = [
      listen(globalThis, "keydown", this.#key),
      listen(globalThis, "error", ({ error }: ErrorEvent) => this.#thrown(error)),
      listen(globalThis, "unhandledrejection", ({ reason }: PromiseRejectionEvent) =>
        this.#thrown(reason),
      ),
      client.on("after-patch", (record) => this.#patched(record)),
      client.on("error", (error) => this.#add(error, [])),
      client.on("rollback", ({ error, changes }) => this.#add(error, changes)),
      client.on("mended", ({ file }) => this.#remove(({ error }) => error.file === file)),
      // What is still wrong is said again.
      client.on("connect", () => this.#remove(({ error }) => error.phase !== "run")),
    ];
  }

  close(): void {
    for (const end of this.#ends) end();
    clearTimeout(this.#fading);
    this.#host.remove();
  }

  #build(): void {
    const root = this.#host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLES);
    root.adoptedStyleSheets = [sheet];
    this.#line.setAttribute("role", "status");
    this.#undo.addEventListener("click", () => this.#takeBack());
    for (const event of ["pointerenter", "pointerleave", "focus", "blur"])
      this.#undo.addEventListener(event, () => this.#fade());
    this.#alerts.setAttribute("role", "alert");
    this.#note.setAttribute("role", "status");
    this.#panel.setAttribute("aria-label", "Errors of jank");
    const close = make("button", { className: "close", type: "button" }, "Close");
    close.addEventListener("click", () => this.#dismiss());
    this.#panel.append(close, this.#alerts, this.#note);
    this.#panel.addEventListener("focusin", ({ relatedTarget }) => {
      const isOutside = !this.#panel.contains(relatedTarget as Node | null);
      if (isOutside && relatedTarget instanceof HTMLElement) this.#before = relatedTarget;
    });
    root.append(this.#panel, this.#toast); // by keyboard, errors come first
    (this.#options.parent ?? document.body).append(this.#host);
  }

  /** By a listener, a timer or a frame of the program: nobody has caught it. */
  #thrown(error: unknown): void {
    const report = error instanceof Error ? uncaughtReport(error) : undefined;
    if (report) this.#add(report, []);
  }

  #key = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && !event.defaultPrevented && !this.#panel.hidden) this.#dismiss();
  };

  #dismiss(): void {
    this.#remove(() => true);
  }

  // ---- Good patches --------------------------------------------------------------

  #patched(record: PatchRecord): void {
    if (record.error) return; // comes as an error event
    const mend = () => this.#remove((problem) => mends(record, problem));
    // An undo may be the client's own, because of what is shown: it says so right after.
    if (record.cause === "undo") setTimeout(mend);
    else mend();
    if (this.#options.toast === false || record.changes.length === 0) return;
    this.#line.textContent = lineOf(record);
    // A published version has no file: pages go to another one (Client.goTo).
    this.#undo.hidden = record.cause === "save" && record.file === null;
    this.#toast.hidden = false;
    this.#fade();
  }

  /** After a while, unless somebody is at it. */
  #fade(): void {
    this.#toast.classList.remove("gone");
    clearTimeout(this.#fading);
    if (this.#undo.matches(":hover, :focus-visible")) return;
    const fade = () => {
      this.#toast.classList.add("gone");
      this.#fading = setTimeout(() => (this.#toast.hidden = true), 400);
    };
    this.#fading = setTimeout(fade, this.#options.toastMs ?? 4000);
  }

  /** The last patch, whatever it is by now: the line tells what became of it. */
  #takeBack(): void {
    this.#client.undo().catch((error: unknown) => {
      const { message } = error as Error;
      this.#line.textContent = `Not undone: ${message}`;
    });
  }

  // ---- Errors --------------------------------------------------------------------

  #add(error: ErrorReport, rolledBack: VarChange[]): void {
    const key = keyOf(error);
    const known = this.#problems.get(key);
    // Once as an error, once as the reason of what was taken back: that is one.
    const isSame = rolledBack.length > 0 || (known?.rolledBack.length ?? 0) > 0;
    this.#problems.delete(key); // the newest is the first
    this.#problems.set(key, {
      error: known && error.trace.length === 0 ? known.error : error,
      count: (known?.count ?? 0) + (known && isSame ? 0 : 1),
      rolledBack: rolledBack.length ? rolledBack : (known?.rolledBack ?? []),
    });
    keepNewest(this.#problems, MOST_PROBLEMS);
    this.#changed();
  }

  #remove(isGone: (problem: Problem) => boolean): void {
    for (const [key, problem] of this.#problems) if (isGone(problem)) this.#problems.delete(key);
    this.#changed();
  }

  /** What throws in every frame is drawn a few times a second. */
  #changed(): void {
    if (this.#problems.size === 0 || this.#panel.hidden) return this.#draw();
    if (this.#drawing) return;
    this.#drawing = true;
    setTimeout(() => this.#draw(), 250);
  }

  #draw(): void {
    this.#drawing = false;
    const isEmpty = this.#problems.size === 0;
    const hadFocus = this.#panel.contains(this.#host.shadowRoot?.activeElement ?? null);
    const articles = [...this.#problems.values()]
      .reverse()
      .map((problem) => this.#article(problem));
    this.#alerts.replaceChildren(...articles);
    this.#note.textContent = "";
    this.#panel.hidden = isEmpty;
    if (!hadFocus) return;
    if (isEmpty) this.#before?.focus();
    else this.#panel.focus();
  }

  #article({ error, count, rolledBack }: Problem): HTMLElement {
    const times = count > 1 ? ` (${count} times)` : "";
    const article = make("article", {}, make("h2", {}, TITLES[error.phase] + times));
    if (error.line > 0) article.append(make("p", {}, this.#place(error)));
    article.append(make("p", {}, `${error.class}: ${error.message}`));
    if (error.excerpt !== null) article.append(excerptOf(error.excerpt));
    if (error.data !== null) article.append(make("p", { className: "quiet" }, error.data));
    if (error.trace.length > 0) article.append(this.#trace(error.trace));
    if (rolledBack.length > 0)
      article.append(make("p", {}, `Taken back: ${formatChanges(rolledBack)}. The old code runs.`));
    return article;
  }

  #trace(frames: TraceFrame[]): HTMLElement {
    const items = frames
      .slice(0, MOST_FRAMES)
      .map((frame) => make("li", {}, make("code", {}, frame.name), " ", this.#place(frame)));
    const rest = frames.length - items.length;
    if (rest > 0) items.push(make("li", { className: "quiet" }, `and ${rest} more`));
    return make("ol", {}, ...items);
  }

  // ---- The editor ----------------------------------------------------------------

  #place(place: { file: string | null; line: number; column?: number }): HTMLElement {
    const { file, line, column = 0 } = place;
    const text = `${file ?? "?"}:${line}${column > 0 ? `:${column}` : ""}`;
    const { editor = location.href } = this.#options;
    if (file === null || editor === false || this.#client.status === "local")
      return make("code", {}, text);
    const title = "Open in the editor";
    const button = make("button", { className: "place", type: "button", title }, text);
    button.addEventListener("click", () => void this.#open(editor, file, line, column));
    return button;
  }

  async #open(server: string | URL, file: string, line: number, column: number): Promise<void> {
    const url = new URL("/open-in-editor", server);
    url.search = new URLSearchParams({
      file,
      line: String(line),
      column: String(Math.max(1, column)),
    }).toString();
    let reason = "";
    try {
      const response = await fetch(url, { method: "POST" });
      if (!response.ok) reason = await reasonOf(response);
    } catch (error) {
      reason = (error as Error).message;
    }
    this.#note.textContent = reason && `The editor was not opened: ${reason}`;
  }
}

/** The server's own words, where it has some. */
async function reasonOf(response: Response): Promise<string> {
  const text = (await response.text()).slice(0, 500);
  try {
    const { error } = JSON.parse(text) as { error?: { message?: unknown } | string };
    const message = typeof error === "object" ? error.message : error;
    if (typeof message === "string") return message;
  } catch {
    // no JSON
  }
  return `HTTP status ${response.status}`;
}

/** A file has one compile error; what was thrown is told by what it says. */
function keyOf({ phase, class: name, message, file }: ErrorReport): string {
  return JSON.stringify(
    phase === "read" || phase === "compile" ? ["source", file] : [phase, name, message],
  );
}

/** undefined: it has not come from jank. */
function uncaughtReport(error: Error & { report?: ErrorReport }): ErrorReport | undefined {
  if (error.report) return error.report; // a JankError
  const trace = framesOf(error.stack ?? "");
  const [frame] = trace;
  if (!frame) return undefined;
  const { file, line } = frame;
  return { ...reportOf("run", error.name, error.message), file, line, trace };
}

/** As the runtime writes them: "    at eita/ggg (eita.jank:11)". */
function framesOf(stack: string): TraceFrame[] {
  return stack.split("\n").flatMap((line) => {
    const [, name, file, at] = /^\s*at (\S+) \((.+):(\d+)\)$/.exec(line) ?? [];
    if (name === undefined || file === undefined || file.includes("://")) return [];
    return { name, file, line: Number(at) };
  });
}

/** Whether a good patch ends what is said: of its file, or of a function that it replaces. */
function mends(record: PatchRecord, { error, rolledBack }: Problem): boolean {
  if (record.cause === "undo" && rolledBack.length > 0) return false;
  if (error.phase === "load" && error.file === null) return true;
  if (record.file !== null && record.file === error.file) return true;
  const names = record.changes.map(({ name }) => name);
  return (
    rolledBack.some(({ name }) => names.includes(name)) ||
    error.trace.some((frame) =>
      names.some((name) => frame.name === name || frame.name.startsWith(`${name}/`)),
    )
  );
}

function lineOf({ changes, cause, compileMs, transferMs, installMs }: PatchRecord): string {
  const steps = [
    compileMs > 0 && `compiled ${milliseconds(compileMs)}`,
    transferMs > 0 && `transfer ${milliseconds(transferMs)}`,
    `installed ${milliseconds(installMs)}`,
  ];
  const what = `${cause === "undo" ? "undone: " : ""}${formatChanges(changes)}`;
  return [what, ...steps.filter((step) => step !== false)].join(" \u00b7 ");
}

/** The caret's line is the last. */
function excerptOf(excerpt: string): HTMLElement {
  const at = excerpt.lastIndexOf("\n") + 1;
  return make("pre", {}, excerpt.slice(0, at), make("b", {}, excerpt.slice(at)));
}

function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Partial<HTMLElementTagNameMap[Tag]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}
