// Sessions of nREPL, which outlive the connections that use them, and the
// evaluations that they have waiting.
//
// The evaluations of one session run one after the other. Each can be interrupted,
// before it has begun too; one that was interrupted has no more to say.

import { randomUUID } from "node:crypto";
import type { RuntimeName } from "../protocol.js";
import type { Bencode, BencodeDictionary } from "./bencode.js";
import type { Answer, Connection } from "./nrepl-answer.js";
import { Input } from "./nrepl-input.js";

/** Of all sessions, and of those that no connection uses any more. */
const MAX_SESSIONS = 4096;
const MAX_DETACHED = 256;

/** What an operation has to do with. */
export interface Request {
  message: BencodeDictionary;
  session: Session | undefined;
  connection: Connection;
  answer: Answer;
}

/** One evaluation, from its request to its end. */
export class Turn {
  readonly #controller = new AbortController();

  constructor(readonly answer: Answer) {}

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get id(): Bencode | undefined {
    return this.answer.id;
  }

  /** Its sender is told now; the session goes on when what runs has ended. */
  interrupt(): void {
    this.answer.send({ status: ["interrupted", "done"] });
    this.#controller.abort();
  }
}

export class Session {
  readonly id = randomUUID();
  /** What its evaluations read. */
  readonly input = new Input();
  /** In which it evaluates what names no other. */
  ns = "user";
  /** Where its expressions run, when it has chosen. */
  runtime: RuntimeName | undefined;
  /** That used it last. */
  connection: Connection | undefined;
  /** Of the evaluation that was asked for last. */
  lastId: Bencode | undefined;
  hasEvaluated = false;
  /** It knows that expressions run in the server's instance, for want of a page. */
  knowsNoPage = false;
  /** Waiting; the first of them runs. */
  readonly #turns: Turn[] = [];
  #last: Promise<void> = Promise.resolve();

  /** Runs the body when it is its turn. */
  async run(turn: Turn, body: () => Promise<void>): Promise<void> {
    this.#turns.push(turn);
    this.lastId = turn.id;
    this.hasEvaluated = true;
    const end = this.#last.then(async () => {
      try {
        if (!turn.signal.aborted) await body();
      } finally {
        this.#turns.splice(this.#turns.indexOf(turn), 1);
      }
    });
    this.#last = end.catch(() => undefined);
    await end;
  }

  /** undefined: nothing that could be interrupted; false: there is, but not of this id. */
  find(id: Bencode | undefined): Turn | false | undefined {
    const waiting = this.#turns.filter(({ answer }) => !answer.isDone);
    if (waiting.length === 0) return undefined;
    return (id === undefined ? waiting[0] : waiting.find((turn) => isSame(turn.id, id))) ?? false;
  }

  interruptAll(): void {
    for (const turn of [...this.#turns]) if (!turn.answer.isDone) turn.interrupt();
  }
}

/** A client may send a number once as a text. */
const isSame = (one: Bencode | undefined, other: Bencode): boolean =>
  JSON.stringify(one) === JSON.stringify(other) ||
  (typeof one !== "object" && typeof other !== "object" && String(one) === String(other));

export class Sessions {
  readonly #sessions = new Map<string, Session>();

  get all(): Session[] {
    return [...this.#sessions.values()];
  }

  get(id: string): Session | undefined {
    return this.#sessions.get(id);
  }

  /** undefined: there are too many. */
  clone(original: Session | undefined, connection: Connection): Session | undefined {
    if (this.#sessions.size >= MAX_SESSIONS) return undefined;
    const session = new Session();
    session.ns = original?.ns ?? "user";
    session.runtime = original?.runtime;
    session.connection = connection;
    this.#sessions.set(session.id, session);
    return session;
  }

  close(session: Session): void {
    this.#sessions.delete(session.id);
    session.interruptAll();
  }

  /** Used last, a session is the last to be given up. */
  use(session: Session, connection: Connection): void {
    session.connection = connection;
    this.#sessions.delete(session.id);
    this.#sessions.set(session.id, session);
  }

  /**
   * Its sessions wait for another connection; of too many that do, the oldest end.
   * What waits for input gets its end: nobody is there to type it.
   */
  detach(connection: Connection): void {
    for (const session of this.#sessions.values()) {
      if (session.connection !== connection) continue;
      session.connection = undefined;
      if (session.input.isAwaited) session.input.feed("");
    }
    const detached = this.all.filter((session) => !session.connection);
    for (const old of detached.slice(0, Math.max(0, detached.length - MAX_DETACHED)))
      this.close(old);
  }
}
