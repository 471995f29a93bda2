// What answers each operation. What editors ask of the program is answered by
// jank.dev, in the server's instance.

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { formatReport } from "../format.js";
import { JankError } from "../runtime.js";
import type { Bencode } from "./bencode.js";
import type { Evaluator } from "./evaluator.js";
import { isAbsent, type Fields } from "./nrepl-answer.js";
import { Evaluations } from "./nrepl-eval.js";
import { RuntimeChoice } from "./nrepl-runtimes.js";
import type { Request, Session, Sessions } from "./nrepl-session.js";
import { described, type OperationName } from "./nrepl-table.js";
import type { Pages } from "./pages.js";

export interface NreplOptions {
  engine: Evaluator;
  pages: Pages;
  version: string;
  /** Folders of namespaces, as editors see them: the class path. */
  sources?: string[];
}

type Reply = (request: Request) => Promise<void> | void;

/** Of jank.dev/lookup, as bencode. */
interface Info {
  [key: string]: Bencode | undefined;
  name?: string;
  ns?: string;
  type?: string;
  arglists?: string[][];
  doc?: string;
  file?: string;
}

/** nREPL's, which the operations follow. */
const NREPL = { "version-string": "1.0.0", major: 1, minor: 0, incremental: 0 };

export class Operations {
  readonly #options: NreplOptions;
  readonly #sessions: Sessions;
  readonly #choice: RuntimeChoice;
  readonly #evaluations: Evaluations;

  constructor(options: NreplOptions, sessions: Sessions) {
    const { engine, pages } = options;
    this.#options = options;
    this.#sessions = sessions;
    this.#choice = new RuntimeChoice(engine, pages);
    this.#evaluations = new Evaluations(engine, this.#choice);
  }

  /** The fields of the request are checked. */
  async answer(name: OperationName, request: Request): Promise<void> {
    await this.#replies[name](request);
  }

  readonly #replies: Record<OperationName, Reply> = {
    clone: (request) => this.#clone(request),
    close: ({ session, answer }) => {
      this.#sessions.close(session as Session);
      answer.send({ status: ["session-closed", "done"] });
    },
    "ls-sessions": ({ answer }) =>
      answer.send({ sessions: this.#sessions.all.map(({ id }) => id), status: ["done"] }),
    describe: (request) => this.#describe(request),
    eval: (request) => this.#evaluations.eval(request),
    "load-file": (request) => this.#evaluations.loadFile(request),
    interrupt: (request) => this.#interrupt(request),
    stdin: (request) => this.#input(request),
    completions: this.#asking("completion-error", (request, ns) => this.#complete(request, ns)),
    complete: this.#asking("complete-error", (request, ns) => this.#complete(request, ns)),
    lookup: this.#asking("lookup-error", async (request, ns) => {
      const { arglists, ...found } = await this.#info(request, ns);
      return { info: defined({ ...found, arglists: arglists && listed(arglists) }) };
    }),
    info: this.#asking("info-error", async (request, ns) => {
      const found = await this.#info(request, ns);
      return found.name === undefined ? "no-info" : { ...found, arglists: undefined };
    }),
    eldoc: this.#asking("eldoc-error", async (request, ns) =>
      eldocOf(await this.#info(request, ns)),
    ),
    apropos: this.#asking("apropos-error", async ({ message }) => ({
      "apropos-matches": await this.#dev("apropos", message.query),
    })),
    macroexpand: this.#asking("macroexpand-error", async ({ message }, ns) => {
      const expander = isAbsent(message.expander) ? "macroexpand" : message.expander;
      return { expansion: await this.#dev("expand", message.code, ns, expander) };
    }),
    classpath: ({ answer }) =>
      answer.send({ classpath: this.#options.sources ?? [], status: ["done"] }),
    "ns-list": this.#asking("ns-list-error", async () => ({
      "ns-list": await this.#dev("namespaces"),
    })),
    "ns-vars": this.#asking("ns-vars-error", async (_, ns) => ({
      "ns-vars": (await this.#dev("vars", ns)) ?? [],
    })),
    "jank/runtimes": ({ session, answer }) =>
      answer.send({
        runtimes: plain(this.#choice.runtimes),
        selected: session?.runtime?.id ?? "",
        status: ["done"],
      }),
    "jank/select-runtime": (request) => this.#select(request),
    "jank/undo": this.#asking("undo-error", async ({ message }) => {
      const vars = isAbsent(message.vars) ? [] : (message.vars as string[]);
      const { changes, pages } = await this.#choice.undo(vars);
      const shown = pages.map(({ id, name, status, installMs, error }) => ({
        ...{ id, name, status, installMs },
        ...(error && { error: formatReport(error) }),
      }));
      return { changes: plain(changes), pages: plain(shown) };
    }),
  };

  #clone({ session, connection, answer }: Request): void {
    const clone = this.#sessions.clone(session, connection);
    if (clone) answer.send({ "new-session": clone.id, status: ["done"] });
    else answer.refuse("too-many-sessions", "there are too many sessions: close some");
  }

  /** No version of "clojure": CIDER would ask for its own debugger. */
  #describe({ message, session, answer }: Request): void {
    const verbose = message["verbose?"];
    answer.send({
      ops: described(!isAbsent(verbose) && verbose !== 0 && verbose !== "false"),
      versions: { jank: { "version-string": this.#options.version }, nrepl: NREPL },
      aux: { "current-ns": session?.ns ?? "user" },
      status: ["done"],
    });
  }

  #interrupt({ message, session, answer }: Request): void {
    if (!session) return answer.refuse("session-ephemeral");
    const id = message["interrupt-id"];
    const turn = session.find(isAbsent(id) ? undefined : id);
    if (turn === undefined) return answer.send({ status: ["session-idle", "done"] });
    if (turn === false) return answer.refuse("interrupt-id-mismatch");
    turn.interrupt();
    answer.send({ status: ["done"] });
  }

  /** Without a session nothing waits for it. */
  #input({ message, session, answer }: Request): void {
    const { stdin } = message;
    if (typeof stdin === "string" && session && !session.input.feed(stdin))
      answer.refuse("too-much-input", "too much input waits to be read");
    else answer.send({ status: ["done"] });
  }

  #select({ message, session, answer }: Request): void {
    try {
      const chosen = this.#choice.select(session as Session, message.runtime as string);
      answer.send({ runtime: chosen?.id ?? "", status: ["done"] });
    } catch (error) {
      if (!(error instanceof JankError)) throw error;
      answer.refuse("unknown-runtime", error.message);
    }
  }

  // ---- What the program has -----------------------------------------------------

  /** Answers with what the body finds, or with a status; `failed` when jank refuses. */
  #asking(failed: string, body: (request: Request, ns: string) => Promise<Fields | string>): Reply {
    return async (request) => {
      const { message, session, answer } = request;
      const asked = typeof message.ns === "string" && message.ns !== "" ? message.ns : undefined;
      if (asked !== undefined && !(await this.#options.engine.hasNamespace(asked)))
        return answer.send({ status: [failed, "namespace-not-found", "done"] });
      try {
        const found = await body(request, asked ?? session?.ns ?? "user");
        if (typeof found === "string") answer.send({ status: [found, "done"] });
        else answer.send({ ...found, status: ["done"] });
      } catch (error) {
        if (!(error instanceof JankError)) throw error;
        const { class: ex } = error.report;
        answer.send({ err: `${formatReport(error.report)}\n`, ex, status: [failed, "done"] });
      }
    };
  }

  async #dev(name: string, ...args: unknown[]): Promise<Bencode | undefined> {
    return plain(await this.#options.engine.query(`jank.dev/${name}`, ...args));
  }

  async #complete({ message }: Request, ns: string): Promise<Fields> {
    const prefix = isAbsent(message.prefix) ? (message.symbol ?? "") : message.prefix;
    return { completions: await this.#dev("complete", prefix, ns) };
  }

  /** Empty: nothing is known of the name. */
  async #info({ message }: Request, ns: string): Promise<Info> {
    const name = isAbsent(message.sym) ? message.symbol : message.sym;
    const found = (await this.#dev("lookup", name, ns)) as Info | undefined;
    if (!found) return {};
    return found.file === undefined ? found : { ...found, file: locate(found.file) };
  }
}

function eldocOf({ name, ns, type, doc, arglists }: Info): Fields | string {
  if (name === undefined || (type === "function" && !arglists)) return "no-eldoc";
  const shown = type === "var" ? "variable" : type;
  return { eldoc: arglists ?? [], name, ns, type: shown, docstring: doc };
}

/** As Clojure prints them. */
const listed = (arglists: string[][]): string =>
  `(${arglists.map((names) => `[${names.join(" ")}]`).join(" ")})`;

/** The package, with the sources of the library. */
const PACKAGE = fileURLToPath(new URL("../../", import.meta.url));

/** An address that editors open, when the server sees the file: the application's, or ours. */
function locate(file: string): string {
  const places = [resolve(file), resolve(PACKAGE, "sdk-c/core", file), resolve(PACKAGE, file)];
  const path = places.find((place) => existsSync(place));
  return path === undefined ? file : `file:${encodeURI(path)}`;
}

const defined = (fields: Fields): Bencode =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );

/** JSON as bencode, which has no nil, no truth and no fractions. */
function plain(value: unknown): Bencode | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === "string") return value;
  if (typeof value === "number") return Number.isSafeInteger(value) ? value : String(value);
  if (Array.isArray(value)) return value.map(plain).filter((item) => item !== undefined);
  if (typeof value !== "object") return String(value as boolean);
  return defined(
    Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)])),
  );
}
