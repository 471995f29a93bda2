// The REPL in a terminal, on Node's readline.
//
// While something is evaluated there is no prompt, what is typed waits for its turn or
// is what the program reads, and what is printed goes straight out. Otherwise what pages
// print by themselves goes above the line that is being typed.

import { clearScreenDown, createInterface, cursorTo, moveCursor } from "node:readline";
import type { Interface } from "node:readline";
import type { Stream } from "../runtime.js";
import { FormReader } from "./form-reader.js";
import { History, historyPath } from "./history.js";
import type { NreplClient, RuntimeInfo } from "./nrepl-client.js";
import { bold, counted, dim, green, plain, red } from "./terminal.js";

const HELP = `A form is evaluated when it is whole; until then the next lines belong to it.

  Tab            completes a name
  Up, Down       what was typed before
  Ctrl-C         interrupts what is evaluated, else clears what is typed
  Ctrl-D, :quit  ends

  *1 *2 *3 *e                     the last values, the last error
  (jank.repl/runtimes)            the pages, and the server's own instance
  (jank.repl/select "name or id") expressions run there; nil: in the page focused last
  (jank.repl/undo 'ns/name)       the definition before; without names, the last transaction

Expressions run in one page, definitions go to every page.`;

/** Milliseconds that Tab waits for an answer. */
const COMPLETION_PATIENCE = 1500;
/** What a name cannot have, read backwards from the cursor. */
const NAME = /[^\s()[\]{}"'`~@^;,\\]*$/;

type Completer = (error: null, result: [string[], string]) => void;

export class TerminalRepl {
  readonly #client: NreplClient;
  readonly #isLocal: boolean;
  readonly #history = new History(historyPath());
  readonly #rl: Interface;
  readonly #queue: string[] = [];
  readonly #finished: Promise<void>;
  #finish!: () => void;
  #reader = new FormReader();
  #ns: string;
  /** That the session has chosen. */
  #runtime: RuntimeInfo | undefined;
  #isBusy = true;
  #isClosed = false;
  /** What stands in the line already. */
  #begun = "";
  /** Gets the line that the program reads; undefined: there are no more. */
  #typed: ((line: string | undefined) => void) | undefined;

  constructor(client: NreplClient, ns: string, isLocal: boolean) {
    this.#client = client;
    this.#ns = ns;
    this.#isLocal = isLocal;
    this.#finished = new Promise((finish) => (this.#finish = finish));
    this.#rl = createInterface({
      input: process.stdin,
      output: process.stdout,
      prompt: "",
      history: [...this.#history.entries],
      historySize: this.#history.entries.length + 1000,
      completer: (line: string, done: Completer) => this.#complete(line, done),
    });
    client.onOutput = (stream, text) => this.#output(stream, text);
    client.onEnd = () => this.#end();
    this.#listen();
  }

  /** Until it is ended. Rejects with a UserError when the server goes away. */
  async run(): Promise<void> {
    await this.#greet();
    await this.#work();
    await this.#finished;
    this.#client.check();
  }

  #listen(): void {
    this.#rl.on("line", (line) => {
      if (this.#isBusy) this.#begun = "";
      if (this.#typed) return this.#read(line);
      this.#queue.push(line);
      if (!this.#isBusy) void this.#work();
    });
    // Node's own history has lines; this one has forms.
    this.#rl.on("history", (lines) => lines.splice(0, lines.length, ...this.#history.entries));
    this.#rl.on("SIGINT", () => this.#interrupt());
    this.#rl.on("close", () => {
      this.#isClosed = true;
      this.#read(undefined);
      if (this.#isBusy) return;
      this.#say("");
      this.#finish();
    });
  }

  // ---- Lines ----------------------------------------------------------------------

  /** What waits, one after the other. */
  async #work(): Promise<void> {
    this.#isBusy = true;
    this.#rl.setPrompt("");
    try {
      for (let line; (line = this.#queue.shift()) !== undefined;) await this.#take(line);
    } catch {
      this.#end(); // the connection is gone: see run
    }
    this.#isBusy = false;
    if (this.#isClosed) this.#finish();
    else this.#prompt();
  }

  async #take(line: string): Promise<void> {
    if (this.#reader.text === "" && (await this.#command(line.trim()))) return;
    this.#reader.add(line);
    if (this.#reader.isUnfinished) return;
    const reader = this.#reader;
    this.#reader = new FormReader();
    if (reader.isBlank) return;
    this.#remember(reader.line);
    await this.#evaluate(reader.text);
  }

  async #command(text: string): Promise<boolean> {
    if (text === ":quit" || text === ":exit") {
      this.#queue.length = 0;
      this.#rl.close();
    } else if (text === ":help") {
      this.#say(HELP);
    } else return false;
    this.#remember(text);
    return true;
  }

  #remember(line: string): void {
    this.#history.add(line);
    const { history } = this.#rl as unknown as { history: string[] };
    history.splice(0, history.length, ...this.#history.entries);
  }

  async #evaluate(code: string): Promise<void> {
    const { ending, ns } = await this.#client.evaluate(code, {
      file: "<repl>",
      line: 1,
      onValue: (value) => this.#say(value),
      readLine: () => this.#readLine(),
    });
    this.#typed = undefined;
    this.#rl.setPrompt("");
    if (ending === "interrupted") this.#say(dim(";; interrupted"));
    this.#ns = ns ?? this.#ns;
    if (!this.#isLocal) await this.#findRuntime();
  }

  /** What was typed before it was asked for comes first. */
  async #readLine(): Promise<string | undefined> {
    if (this.#queue.length > 0 || this.#isClosed) return this.#queue.shift();
    this.#rl.setPrompt(this.#begun); // or editing the line would wipe it out
    this.#redraw();
    return new Promise((typed) => (this.#typed = typed));
  }

  #read(line: string | undefined): void {
    this.#rl.setPrompt("");
    this.#typed?.(line);
    this.#typed = undefined;
  }

  async #findRuntime(): Promise<void> {
    const { all, selected } = await this.#client.runtimes();
    if (selected === "") this.#runtime = undefined;
    else this.#runtime = all.find(({ id }) => id === selected) ?? this.#runtime;
  }

  #interrupt(): void {
    this.#queue.length = 0;
    if (this.#isBusy) return this.#client.interrupt();
    const wasEmpty = this.#reader.text === "" && this.#rl.line === "";
    this.#rl.write(null, { ctrl: true, name: "e" });
    this.#rl.write(null, { ctrl: true, name: "u" });
    this.#reader = new FormReader();
    process.stdout.write(wasEmpty ? dim("^C  (Ctrl-D ends)\n") : "^C\n");
    this.#prompt();
  }

  #end(): void {
    this.#isClosed = true;
    this.#rl.close();
    if (!this.#isBusy) this.#finish();
  }

  // ---- What is shown ----------------------------------------------------------------

  async #greet(): Promise<void> {
    const { version, address } = this.#client;
    const help = dim("  :help says more");
    if (this.#isLocal) return this.#say(`${bold(`jank ${version}`)}, ${address.text}${help}`);
    const { all } = await this.#client.runtimes();
    await this.#findRuntime();
    const pages = all.filter(({ id }) => id !== "server");
    this.#client.tellsNoPage = pages.length > 0; // else it is told here
    const connected = `${counted(pages.length, "page")} connected`;
    this.#say(`${bold(`jank ${version}`)} at ${address.text}: ${connected}${help}`);
    for (const { name, id, isCurrent } of pages)
      this.#say(`  ${plain(name)} ${dim(plain(id))}${isCurrent ? green(" (current)") : ""}`);
    if (pages.length === 0) this.#say("Until there is one, everything runs on the server.");
  }

  #prompt(): void {
    const page = this.#runtime ? `[${nameOf(this.#runtime)}] ` : "";
    const text = `${page}${this.#ns}=> `;
    const isNew = this.#reader.text === "";
    this.#rl.setPrompt(isNew ? bold(text) : dim("... ".padStart(text.length)));
    if (this.#begun !== "") process.stdout.write("\n");
    this.#begun = "";
    this.#redraw();
  }

  /** Readline goes up to where the line began when it was drawn last: here it is new. */
  #redraw(): void {
    (this.#rl as unknown as { prevRows: number }).prevRows = 0;
    this.#rl.prompt(true);
  }

  #output(stream: Stream, text: string): void {
    this.#write(text, stream === "err" ? red(text) : text);
  }

  /** A line of its own. */
  #say(text: string): void {
    if (this.#begun !== "") process.stdout.write("\n");
    this.#write(`${text}\n`);
  }

  #write(text: string, shown = text): void {
    if (this.#isBusy || this.#isClosed) {
      process.stdout.write(shown);
      this.#begun = (this.#begun + text).split("\n").at(-1) ?? "";
      return;
    }
    moveCursor(process.stdout, 0, -this.#rl.getCursorPos().rows);
    cursorTo(process.stdout, 0);
    clearScreenDown(process.stdout);
    process.stdout.write(text.endsWith("\n") ? shown : `${shown}\n`);
    this.#redraw();
  }

  // ---- Completion -----------------------------------------------------------------

  #complete(line: string, done: Completer): void {
    const [prefix = ""] = NAME.exec(line) ?? [];
    const commands = [":help", ":quit"].filter((each) => each.startsWith(line));
    const reader = this.#reader.copy();
    reader.add(line);
    if (prefix === "" || reader.isInString) return done(null, [[], prefix]);
    if (line.startsWith(":") && commands.length > 0) return done(null, [commands, line]);
    void this.#names(prefix).then((names) => done(null, [names, prefix]));
  }

  /** None, when the server has something else to do. */
  #names(prefix: string): Promise<string[]> {
    return new Promise((done) => {
      const timer = setTimeout(() => done([]), COMPLETION_PATIENCE);
      this.#client.complete(prefix).then(done, () => done([]));
      timer.unref();
    });
  }
}

const nameOf = ({ id, name }: RuntimeInfo): string => (id === "server" ? "server" : plain(name));
