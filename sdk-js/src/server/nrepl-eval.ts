// Evaluating what editors send: `eval` and `load-file`, and the calls of jank.repl/...
// that nREPL answers by itself.
//
// The messages of an evaluation: what is printed, as it comes; each form's value;
// what pages refused; an error, as `err` and then `ex` with "eval-error"; "done".

import { formatReport } from "../format.js";
import { reportOf, type ErrorReport, type RuntimeName } from "../protocol.js";
import { JankError } from "../runtime.js";
import type { Bencode } from "./bencode.js";
import {
  SERVER_RUNTIME,
  type EvaluateOptions,
  type EvaluateResult,
  type Evaluator,
} from "./evaluator.js";
import { isAbsent } from "./nrepl-answer.js";
import { callOf, RuntimeChoice } from "./nrepl-runtimes.js";
import { Turn, type Request } from "./nrepl-session.js";
import type { Page } from "./pages.js";

export const NO_PAGE = ";; no page is connected: evaluated in the server's own instance\n";

/** From 1; clients send numbers, some of them as texts. */
function placeOf(value: Bencode | undefined): number | undefined {
  const place = typeof value === "string" && value !== "" ? Number(value) : value;
  return Number.isSafeInteger(place) && (place as number) > 0 ? (place as number) : undefined;
}

/**
 * vim-fireplace loads a namespace before it evaluates in it, through a private function
 * of Clojure's. (And takes an error for one of what it evaluates then.)
 */
const LOADING =
  /^\(when-not \(find-ns ('[^\s()'"]+)\) \(try \(#'clojure\.core\/load-one \1 true true\)/;

const translated = (code: string): string => {
  const [, name] = LOADING.exec(code) ?? [];
  return name === undefined ? code : `(require ${name})`;
};

const textOf = (value: Bencode | undefined): string | undefined =>
  isAbsent(value) ? undefined : (value as string);

export class Evaluations {
  readonly #engine: Evaluator;
  readonly #choice: RuntimeChoice;

  constructor(engine: Evaluator, choice: RuntimeChoice) {
    this.#engine = engine;
    this.#choice = choice;
  }

  /** A request's `ns` is for that request: it does not become the session's. */
  eval(request: Request): Promise<void> {
    const { message, session, answer } = request;
    const code = translated(message.code as string);
    return this.#inTurn(request, code, async (turn) => {
      const asked = textOf(message.ns);
      const ns = asked ?? session?.ns ?? "user";
      if (asked !== undefined && !(await this.#engine.hasNamespace(asked)))
        return answer.send({ ns: asked, status: ["error", "namespace-not-found", "done"] });
      if (await this.#answerCall(request, code, ns)) return answer.send({ status: ["done"] });
      const [line, column] = [placeOf(message.line), placeOf(message.column)];
      const result = await this.#evaluate(request, code, turn, {
        ns,
        file: textOf(message.file) ?? "<nrepl>",
        ...(line !== undefined && { line }),
        ...(column !== undefined && { column }),
      });
      if (result && session && asked === undefined && !turn.signal.aborted) session.ns = result.ns;
      answer.send({ status: ["done"] });
    });
  }

  /** `file` is the contents. One value, and the session stays where it is. */
  loadFile(request: Request): Promise<void> {
    const { message, session, answer } = request;
    const code = message.file as string;
    return this.#inTurn(request, code, async (turn) => {
      const file = textOf(message["file-path"]) ?? textOf(message["file-name"]) ?? "<load-file>";
      const ns = session?.ns ?? "user";
      const result = await this.#evaluate(request, code, turn, { ns, file }, false);
      if (result && !result.error)
        answer.send({ value: result.value ?? "nil", runtime: result.runtime.id });
      answer.send({ status: ["done"] });
    });
  }

  async #inTurn(
    { session, connection, answer }: Request,
    code: string,
    body: (turn: Turn) => Promise<void>,
  ): Promise<void> {
    const turn = new Turn(answer);
    const isHeld = await connection.holding(code, () =>
      session ? session.run(turn, () => body(turn)) : body(turn),
    );
    if (!isHeld) answer.refuse("too-many-evaluations", "too many evaluations are waiting");
  }

  /** undefined: what the session has chosen is not there, which is said. */
  async #evaluate(
    request: Request,
    code: string,
    { signal }: Turn,
    options: EvaluateOptions,
    hasValues = true,
  ): Promise<EvaluateResult | undefined> {
    const { session, answer } = request;
    const page = this.#choice.of(session);
    if (page === undefined) {
      const message = `the page "${session?.runtime?.name}" is not connected any more`;
      const hint = "(jank.repl/select nil) goes back to the page that was focused last";
      this.#tell(request, reportOf("run", "ConnectionException", `${message}: ${hint}`));
      return undefined;
    }
    if (hasValues) this.#tellNoPage(request, page);
    const result = await this.#engine.evaluate(code, {
      ...options,
      ...(session && { session: session.id }),
      page,
      signal,
      onOutput: (stream, printed) => answer.send({ [stream]: printed }),
      ...(session && {
        readLine: () => session.input.line(() => answer.send({ status: ["need-input"] }), signal),
      }),
      ...(hasValues && {
        onValue: (value, ns) => answer.send({ value, ns, runtime: runtimeOf(page).id }),
      }),
    });
    for (const { name, error } of result.pages)
      if (error) answer.send({ err: `in the page "${name}": ${formatReport(error)}\n` });
    if (result.error) this.#tell(request, result.error);
    return result;
  }

  #tell({ answer }: Request, error: ErrorReport): void {
    answer.send({ err: `${formatReport(error)}\n` });
    answer.send({ ex: error.class, "root-ex": error.class, status: ["eval-error"] });
  }

  /**
   * Once, until there has been a page, and only to a person: what editors evaluate by
   * themselves when they connect has neither file nor line, and nothing may be printed
   * in between. (A whole file is for every page, and nobody waits for its value.)
   */
  #tellNoPage({ message, session, answer }: Request, page: Page | "server"): void {
    if (!session) return;
    const isFallback = page === "server" && !session.runtime;
    const isTyped = !isAbsent(message.file) || placeOf(message.line) !== undefined;
    if (isFallback && isTyped && !session.knowsNoPage) answer.send({ out: NO_PAGE });
    session.knowsNoPage = isFallback && (isTyped || session.knowsNoPage);
  }

  /** Whether the code is such a call. */
  async #answerCall(request: Request, code: string, ns: string): Promise<boolean> {
    const call = callOf(code);
    if (!call) return false;
    const { session, answer } = request;
    try {
      const value = await this.#choice.call(call, session, ns);
      answer.send({ value, ns: session?.ns ?? "user" });
    } catch (error) {
      if (!(error instanceof JankError)) throw error;
      this.#tell(request, error.report);
    }
    return true;
  }
}

const runtimeOf = (page: Page | "server"): RuntimeName =>
  page === "server" ? SERVER_RUNTIME : page;
