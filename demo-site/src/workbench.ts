// The program's text beside the running program: which forms differ from what runs,
// evaluating them, and following what others change.
//
//   run -> Client.jankEval of the changed forms -> patched, or problem

import { JankError, type Client, type ErrorReport, type PatchRecord } from "jank-hot-reload";
import { Editor } from "./editor.js";
import { codeOf, formsOf, type Form } from "./forms.js";
import { Sources } from "./sources.js";
import type { Suggestion } from "./suggestions.js";

type Changes = PatchRecord["changes"];

export const FILES = ["garden", "eita"];

export interface WorkbenchOptions {
  client: Client;
  host: HTMLElement;
  help: string;
  /** What was typed runs; "installed" of "pages" have it. */
  onResult: (text: string, pages: { installed: number; all: number }) => void;
  onRefused: (error: ErrorReport, names: string[]) => void;
  onChange: () => void;
}

const keyOf = ({ name, text }: Form): string => name ?? text;
const isOfFile = (path: string | null, file: string): boolean =>
  path !== null && `/${path}`.endsWith(`/${file}.jank`);

export class Workbench {
  readonly editor: Editor;
  readonly #options: WorkbenchOptions;
  readonly #sources: Sources;
  /** By file: what runs of it, by the form's name. */
  readonly #running = new Map<string, Map<string, string>>();
  /** What is being evaluated: the texts by the vars' names. */
  #sent = new Map<string, string>();
  readonly #turns = new Map<Suggestion, number>();
  #undone: Changes = [];

  constructor(options: WorkbenchOptions) {
    this.#options = options;
    this.#sources = new Sources((name) => this.#follow(name));
    this.editor = new Editor(options.host, {
      label: "Source of the program",
      help: options.help,
      onRun: () => void this.run(),
      onChange: () => {
        this.editor.showProblem(this.editor.file, null);
        options.onChange();
      },
    });
  }

  /** Reads the files again; those with edits that do not run stay as they are. */
  async load(files = FILES): Promise<void> {
    for (const file of files) {
      const response = await fetch(`src/${file}.jank`, { cache: "no-cache" });
      if (!response.ok) continue;
      const text = await response.text();
      if (this.editor.textOf(file) !== "" && this.#changed(file).length > 0) continue;
      this.#running.set(file, new Map(formsOf(text).map((form) => [keyOf(form), form.text])));
      this.editor.setText(file, text);
      for (const { name } of formsOf(text)) if (name !== null) this.#follow(`${file}/${name}`);
    }
  }

  /** Whether anything in the file that is shown does not run. */
  get hasChanges(): boolean {
    return this.#changed(this.editor.file).length > 0;
  }

  #changed(file: string): Form[] {
    const running = this.#running.get(file);
    return formsOf(this.editor.textOf(file)).filter(
      (form) => running?.get(keyOf(form)) !== form.text,
    );
  }

  /** What was changed; when nothing was, the form at the cursor again. */
  async run(): Promise<void> {
    const { file, cursor } = this.editor;
    const changed = this.#changed(file);
    const forms = changed.length
      ? changed
      : formsOf(this.editor.textOf(file)).filter(({ from, to }) => from <= cursor && cursor <= to);
    if (forms.length === 0) return;
    const { code, line } = codeOf(forms);
    this.#sent = new Map(forms.map((form) => [`${file}/${keyOf(form)}`, form.text]));
    try {
      const { client } = this.#options;
      const result = await client.jankEval(code, { ns: file, file: `${file}.jank`, line });
      for (const form of forms) this.#running.get(file)?.set(keyOf(form), form.text);
      this.editor.showProblem(file, null);
      this.editor.flash(file, forms);
      const installed = result.pages.filter(({ status }) => status === "installed").length;
      this.#options.onResult(result.value, { installed, all: result.pages.length });
    } catch (error) {
      if (!(error instanceof JankError)) throw error;
      this.#refused(file, error.report, forms);
    }
  }

  #refused(file: string, error: ErrorReport, forms: Form[]): void {
    const isHere = isOfFile(error.file, file) && error.line > 0;
    const line = isHere ? error.line : (forms[0]?.line ?? 1);
    const column = isHere ? error.column : 0;
    this.editor.showProblem(file, { line, column, message: `${error.class}: ${error.message}` });
    const names = forms.map((form) => `${file}/${keyOf(form)}`.slice(0, 60));
    this.#options.onRefused(error, names);
  }

  /** Makes one edit of the program, and runs it. */
  async try(suggestion: Suggestion): Promise<void> {
    const { name, texts } = suggestion;
    if (this.editor.file !== "garden") this.editor.show("garden");
    if (this.hasChanges) this.restore();
    const form = this.#formOf("garden", name);
    if (!form) return;
    const turn = this.#turns.get(suggestion) ?? 0;
    this.#turns.set(suggestion, turn + 1);
    this.#replace("garden", form, texts[turn % texts.length] ?? form.text);
    this.editor.select(form.from);
    await this.run();
  }

  /** Shows again what runs. */
  restore(): void {
    const { file } = this.editor;
    for (const { name } of this.#changed(file)) {
      const form = name === null ? undefined : this.#formOf(file, name);
      const text = name === null ? undefined : this.#running.get(file)?.get(name);
      if (form && text !== undefined) this.#replace(file, form, text);
    }
    this.editor.showProblem(file, null);
  }

  #formOf(file: string, name: string): Form | undefined {
    return formsOf(this.editor.textOf(file)).find((form) => form.name === name);
  }

  #replace(file: string, { from, to }: Form, by: string): void {
    const text = this.editor.textOf(file);
    this.editor.setText(file, text.slice(0, from) + by + text.slice(to));
  }

  // ---- What becomes of it, and what others do --------------------------------------

  connected(epoch: string): void {
    this.#sources.open(epoch);
  }

  patched(record: PatchRecord): void {
    if (record.error) return;
    for (const { name, from, to } of record.changes) {
      const text = this.#sent.get(name);
      const before = this.#runningText(name);
      if (from !== null && before !== undefined) this.#sources.typed(name, from, before);
      if (record.cause === "eval" && to !== null && text !== undefined) {
        this.#sources.typed(name, to, text);
        this.#setRunning(name, text);
      }
      this.#sources.runs(name, to);
    }
    if (record.cause === "undo") {
      this.#undone = record.changes;
      // Unless it turns out to be because of an error.
      setTimeout(() => this.#undone.splice(0).forEach(({ name }) => this.#follow(name)));
    } else {
      for (const { name } of record.changes) this.#follow(name);
    }
    const saved = FILES.filter((file) => record.cause === "save" && isOfFile(record.file, file));
    if (saved.length) void this.load(saved);
  }

  /** The text that threw stays, to be mended; it does not run. */
  rolledBack({ message, class: name }: ErrorReport, changes: Changes): void {
    this.#undone = [];
    for (const { name: variable } of changes) {
      const [file = "", local = ""] = split(variable);
      const form = this.#formOf(file, local);
      const text = this.#sources.liveText(variable);
      if (text !== undefined) this.#setRunning(variable, text);
      if (!form) continue;
      const problem = `${name}: ${message}. Taken back: the old code runs on.`;
      this.editor.showProblem(file, { line: form.line, column: 0, message: problem });
    }
    this.#options.onChange();
  }

  /** Shows the text of what runs, if it is known and nobody is changing it here. */
  #follow(name: string): void {
    const [file = "", local = ""] = split(name);
    const text = this.#sources.liveText(name);
    const form = this.#formOf(file, local);
    if (text === undefined || !form) return;
    const isUntouched = form.text === this.#runningText(name);
    this.#setRunning(name, text);
    if (!isUntouched || form.text === text) return;
    this.#replace(file, form, text);
    this.editor.showProblem(file, null);
    const after = this.#formOf(file, local);
    if (after) this.editor.flash(file, [after]);
    this.#options.onChange();
  }

  #runningText(name: string): string | undefined {
    const [file = "", local = ""] = split(name);
    return this.#running.get(file)?.get(local);
  }

  #setRunning(name: string, text: string): void {
    const [file = "", local = ""] = split(name);
    this.#running.get(file)?.set(local, text);
  }
}

/** "garden/colour": its namespace, which is its file, and its own name. */
function split(name: string): string[] {
  const at = name.indexOf("/");
  return [name.slice(0, at), name.slice(at + 1)];
}
