// Where a session's expressions run: the page that was focused last, or what it has
// chosen. Editors that know none of our operations send them as text, as calls of
// (jank.repl/runtimes), (jank.repl/select "name or id"), (jank.repl/undo 'ns/name).

import { toEdn } from "../edn.js";
import { reportOf, type RuntimeName, type UndoReport } from "../protocol.js";
import { JankError } from "../runtime.js";
import { SERVER_RUNTIME, type Evaluator } from "./evaluator.js";
import type { Session } from "./nrepl-session.js";
import { named, type Page, type Pages } from "./pages.js";

export interface Runtime extends RuntimeName {
  /** Expressions run there, unless a session has chosen otherwise. */
  focused: boolean;
}

type Literal = { text: string } | { symbol: string } | null;

export interface Call {
  name: string;
  args: Literal[];
}

/** Characters. */
const MAX_CALL = 10_000;
const WHITE = String.raw`[\s,]`;
const ARGUMENT = String.raw`"(?:[^"\\]|\\.)*"|nil|'[^\s()[\]{}"'\x60~@^;,\\#]+`;
const CALL = new RegExp(
  String.raw`^${WHITE}*\(${WHITE}*jank\.repl/([a-z]+)((?:${WHITE}+(?:${ARGUMENT}))*)${WHITE}*\)${WHITE}*$`,
  "u",
);

/** A code that is nothing but a call of jank.repl/... with literal arguments. */
export function callOf(code: string): Call | undefined {
  if (code.length > MAX_CALL || !code.includes("jank.repl/")) return undefined;
  const [, name, args] = CALL.exec(code) ?? [];
  if (name === undefined || !["runtimes", "select", "undo"].includes(name)) return undefined;
  const literals = (args ?? "").match(new RegExp(ARGUMENT, "gu")) ?? [];
  return { name, args: literals.map(literal) };
}

function literal(text: string): Literal {
  if (text === "nil") return null;
  if (text.startsWith("'")) return { symbol: text.slice(1) };
  return { text: text.slice(1, -1).replace(/\\(.)/gsu, "$1") };
}

const refusal = (message: string): JankError =>
  new JankError(reportOf("run", "IllegalArgumentException", message));

export class RuntimeChoice {
  readonly #engine: Evaluator;
  readonly #pages: Pages;

  constructor(engine: Evaluator, pages: Pages) {
    this.#engine = engine;
    this.#pages = pages;
  }

  get runtimes(): Runtime[] {
    const { all, current } = this.#pages;
    const pages = all.map((page) => ({ ...named(page), focused: page === current }));
    return [...pages, { ...SERVER_RUNTIME, focused: current === undefined }];
  }

  /** undefined: what the session has chosen is not connected. */
  of(session: Session | undefined): Page | "server" | undefined {
    const { runtime } = session ?? {};
    if (!runtime) return this.#pages.current ?? "server";
    if (runtime.id === SERVER_RUNTIME.id) return "server";
    return this.#pages.find(runtime.id) ?? this.#pages.find(runtime.name);
  }

  /** "": the default again. Throws a JankError when there is no such runtime. */
  select(session: Session, idOrName: string): RuntimeName | undefined {
    session.runtime =
      idOrName === ""
        ? undefined
        : [SERVER_RUNTIME.id, SERVER_RUNTIME.name].includes(idOrName)
          ? SERVER_RUNTIME
          : named(this.#find(idOrName));
    return session.runtime;
  }

  #find(idOrName: string): Page {
    const page = this.#pages.find(idOrName);
    if (page) return page;
    const known = this.runtimes.map(({ name }) => JSON.stringify(name)).join(", ");
    throw refusal(`no runtime ${JSON.stringify(idOrName)}; there are ${known}`);
  }

  undo(vars: string[]): Promise<UndoReport> {
    return this.#engine.undo(vars.length === 0 ? undefined : vars);
  }

  /** The value, printed. Throws a JankError. */
  async call({ name, args }: Call, session: Session | undefined, ns: string): Promise<string> {
    switch (name) {
      case "runtimes":
        if (args.length > 0) throw refusal("jank.repl/runtimes takes no arguments");
        return toEdn(this.runtimes);
      case "select":
        return this.#selectCall(args, session);
      default: {
        const { changes } = await this.undo(args.map((arg) => varOf(arg, ns)));
        return toEdn(changes);
      }
    }
  }

  #selectCall(args: Literal[], session: Session | undefined): string {
    const [arg = null] = args;
    if (args.length !== 1 || (arg !== null && "symbol" in arg))
      throw refusal("jank.repl/select takes the name or id of a runtime, or nil");
    if (!session) throw refusal("jank.repl/select needs a session");
    return toEdn(this.select(session, arg?.text ?? "")?.name);
  }
}

function varOf(arg: Literal, ns: string): string {
  const name = arg === null ? "" : "symbol" in arg ? arg.symbol : arg.text;
  if (name === "") throw refusal("jank.repl/undo takes quoted symbols");
  return name.indexOf("/", 1) > 0 ? name : `${ns}/${name}`;
}
