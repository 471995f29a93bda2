// The page: a program that runs, its source in an editor, and what became of each
// edit. With a development server behind it, it follows that; on a static host it
// compiles by itself.

import { connect, formatReport, JankError, type Client, type PatchRecord } from "jank-hot-reload";
import { showOverlay } from "jank-hot-reload/overlay";
import { Stage } from "./stage.js";
import { SUGGESTIONS } from "./suggestions.js";
import { themeButton } from "./theme.js";
import { milliseconds, Timeline } from "./timeline.js";
import { FILES, Workbench } from "./workbench.js";

/** Milliseconds in which a development server says that it is one. */
const PATIENCE = 1000;

function element<Type extends Element = HTMLElement>(id: string): Type {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found as unknown as Type;
}

function messageOf(error: unknown): string {
  return error instanceof JankError ? formatReport(error.report) : String(error);
}

/** A static host answers with something else, or not at all. */
async function hasServer(): Promise<boolean> {
  try {
    const response = await fetch("/status", { signal: AbortSignal.timeout(PATIENCE) });
    const status = (await response.json()) as { epoch?: unknown } | null;
    return response.ok && typeof status?.epoch === "string";
  } catch {
    return false;
  }
}

class Page {
  readonly #client: Client;
  readonly #isLocal: boolean;
  readonly #timeline: Timeline;
  readonly #workbench: Workbench;
  readonly #stage: Stage;
  /** Of the program, until it runs. */
  readonly #first: PatchRecord[] = [];
  /** The number of the last patch that the server had when the page connected. */
  #expected = 0;
  #hasConnected = false;

  constructor(isLocal: boolean) {
    this.#isLocal = isLocal;
    this.#client = connect({
      name: "demo page",
      rollback: true,
      ...(isLocal && { compiler: "local", sourcePath: new URL("src", document.baseURI) }),
    });
    this.#timeline = new Timeline(element("patches"), (names) => void this.#undo(names));
    this.#stage = new Stage(this.#client, element("garden"), element("pause"));
    this.#workbench = new Workbench({
      client: this.#client,
      host: element("editor"),
      help: element("editor-help").textContent?.replace(/\s+/g, " ") ?? "",
      onResult: (value, { installed, all }) => {
        this.#say(value);
        if (all > 0) this.#timeline.pages(installed, all);
      },
      onRefused: (error, names) => {
        this.#say("refused: the old code runs on", true);
        this.#timeline.refused(error, names);
      },
      onChange: () => this.#showState(),
    });
    showOverlay(this.#client, { toast: false });
    const { editor } = this.#workbench;
    /** For the console, and for tests. */
    Object.assign(window, { jankDemo: this.#client, jankEditor: editor });
  }

  async start(): Promise<void> {
    this.#listen();
    this.#buildFiles();
    this.#buildSuggestions();
    this.#buildControls();
    this.#explainMode();
    await this.#workbench.load();
    this.#workbench.editor.show("garden");
    if (this.#isLocal) {
      await this.#client.ready;
      await this.#client.jankEval("(require 'garden 'eita)", { ns: "user", file: "page" });
    }
    this.#begin();
  }

  // ---- The client ------------------------------------------------------------------

  #listen(): void {
    const client = this.#client;
    client.on("status", () => this.#showState());
    client.on("connect", ({ epoch, seq }) => {
      this.#expected = seq;
      this.#hasConnected = true;
      this.#workbench.connected(epoch);
      setTimeout(() => this.#begin());
    });
    client.on("after-patch", (record) => this.#patched(record));
    client.on("rollback", ({ error, changes }) => {
      this.#workbench.rolledBack(error, changes);
      this.#timeline.note(`${error.class}: ${error.message}. Taken back by itself.`, true);
    });
    client.on("error", () => this.#showState());
    setInterval(() => this.#count(), 250);
  }

  #patched(record: PatchRecord): void {
    this.#workbench.patched(record);
    if (!this.#stage.isStarted) {
      if (!record.error) this.#first.push(record);
      if (!this.#isLocal) this.#begin();
      return;
    }
    this.#timeline.patched(record);
    this.#stage.patched();
    this.#showState();
  }

  /** As soon as the program has all that the page calls. */
  #begin(): void {
    if (this.#client.stats().seq < this.#expected) return;
    if (this.#stage.isStarted || !this.#stage.start()) return;
    this.#timeline.loaded(this.#first.splice(0), performance.now());
    this.#showState();
  }

  #count(): void {
    if (!this.#stage.isStarted) return;
    const counter = element("counter");
    try {
      const frames = this.#client.invoke("garden/age");
      element("frames").textContent = Number(frames).toLocaleString("en");
      counter.textContent = String(
        this.#client.invoke("eita/label", this.#client.invoke("eita/tick")),
      );
    } catch (error) {
      counter.textContent = messageOf(error).slice(0, 200);
    }
  }

  // ---- State -----------------------------------------------------------------------

  #showState(): void {
    const { status } = this.#client;
    const texts = {
      loading: ["starting", "wait"],
      connecting: [this.#hasConnected ? "reconnecting" : "connecting", "bad"],
      connected: ["connected", "good"],
      local: ["no server, compiled in this page", "good"],
      failed: ["the runtime cannot start here", "bad"],
      closed: ["closed", "bad"],
    } as const;
    const [text, state] = texts[status];
    const shown = element("server");
    if (shown.textContent !== text) shown.textContent = text;
    shown.dataset.state = state;
    const isUsable = status === "connected" || status === "local";
    for (const id of ["evaluate", "call", "undo"])
      element<HTMLButtonElement>(id).disabled = !isUsable;
    const hasChanges = isUsable && this.#workbench.hasChanges;
    element("evaluate").dataset.changed = String(hasChanges);
  }

  #say(text: string, isBad = false): void {
    const result = element("edit-result");
    result.textContent = text;
    result.dataset.state = isBad ? "bad" : "good";
  }

  #explainMode(): void {
    const mode = element("mode");
    if (this.#isLocal) {
      mode.textContent =
        "This page has no server: the compiler runs in it. With npm start, an edit is live in " +
        "every open tab, and a file that you save in your own editor, too.";
      return;
    }
    const link = document.createElement("a");
    link.href = location.pathname;
    link.target = "_blank";
    link.textContent = "Open a second tab";
    const file = document.createElement("code");
    file.textContent = "src/garden.jank";
    mode.append(link, ": an edit is live in both. Or save ", file, " in your own editor.");
  }

  // ---- Controls --------------------------------------------------------------------

  #buildFiles(): void {
    const tabs = FILES.map((file, i) => {
      const tab = document.createElement("button");
      Object.assign(tab, { type: "button", id: `tab-${file}`, textContent: `${file}.jank` });
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", "editor");
      tab.addEventListener("click", () => show(file));
      tab.addEventListener("keydown", ({ key }) => {
        if (key !== "ArrowRight" && key !== "ArrowLeft") return;
        const next = tabs[(i + 1) % tabs.length];
        next?.focus();
        next?.click();
      });
      return tab;
    });
    const mark = (file: string) =>
      tabs.forEach((tab, i) => {
        tab.setAttribute("aria-selected", String(FILES[i] === file));
        tab.tabIndex = FILES[i] === file ? 0 : -1;
        if (FILES[i] === file) element("editor").setAttribute("aria-labelledby", tab.id);
      });
    const show = (file: string) => {
      this.#workbench.editor.show(file);
      mark(file);
      this.#showState();
    };
    this.#showFile = show;
    mark("garden");
    element("files").append(...tabs);
  }

  #showFile: (file: string) => void = () => undefined;

  #buildSuggestions(): void {
    const buttons = SUGGESTIONS.map((suggestion) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = suggestion.label;
      button.addEventListener("click", () => {
        this.#showFile("garden");
        this.#attempt(this.#workbench.try(suggestion));
      });
      return button;
    });
    element("suggestions").append(...buttons);
  }

  #buildControls(): void {
    themeButton(element("theme"));
    if (/Mac|iPhone|iPad/.test(navigator.platform)) element("run-key").textContent = "\u2318 Enter";
    element("evaluate").addEventListener("click", () => this.#attempt(this.#workbench.run()));
    element("undo").addEventListener("click", () => void this.#undo());
    element("call-form").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#ask(element<HTMLInputElement>("expression").value);
    });
  }

  #attempt(work: Promise<void>): void {
    work.catch((error: unknown) => this.#say(messageOf(error), true));
  }

  /** An edit that does not run is taken back first; then what runs is. */
  async #undo(names?: string[]): Promise<void> {
    if (!names && this.#workbench.hasChanges) {
      this.#workbench.restore();
      this.#say("the editor shows what runs");
      return;
    }
    try {
      const { changes, pages } = await this.#client.undo(names);
      this.#say(`undone: ${changes.map(({ name }) => name).join(", ")}`);
      const installed = pages.filter(({ status }) => status === "installed").length;
      if (pages.length > 0) this.#timeline.pages(installed, pages.length);
    } catch (error) {
      this.#say(error instanceof JankError ? error.report.message : String(error), true);
    }
  }

  async #ask(code: string): Promise<void> {
    const answer = element("call-result");
    delete answer.dataset.state;
    const started = performance.now();
    try {
      const { value, out } = await this.#client.jankEval(code, { ns: "user", file: "asked" });
      answer.textContent = `${out}= ${value}`;
      answer.title = milliseconds(performance.now() - started);
    } catch (error) {
      answer.dataset.state = "bad";
      answer.textContent = messageOf(error);
    }
  }
}

await new Page(!(await hasServer())).start();
