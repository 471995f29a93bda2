// A page's channel to its development server: a handshake, again after each reconnect, and
// from then on the server's log, which the page follows.
//
// The messages that tell of the log go in, and each transaction comes out whole, in its
// order, once. Nothing is taken before the server's welcome says which log that is. What
// has not arrived, or in another order, is asked for again from where the page is.

import { keepNewest } from "../bounded.js";
import { PROTOCOL_VERSION } from "../protocol.js";
import type { ClientMessage, OutputSource, ServerMessage } from "../protocol.js";
import type { Stream } from "../runtime.js";
import type { ConnectOptions } from "./api.js";
import { Connection, type Listener } from "./connection.js";
import type { Page } from "./page.js";
import { Requests } from "./requests.js";

type Message<Type extends ServerMessage["type"]> = Extract<ServerMessage, { type: Type }>;
export type PatchMessage = Message<"patch">;
export type RunMessage = Message<"run">;

/** For each type of message what becomes of it: one that has no method does not compile. */
type Handlers = { [Type in ServerMessage["type"]]: (message: Message<Type>) => void };

/** What the server wants of the page. */
interface Follower {
  /** A whole transaction. `isRepeat`: see Patcher.apply. */
  apply(messages: PatchMessage[], isRepeat: boolean): void;
  /** An expression, for which the page has the patches that it needs. */
  run(message: RunMessage): void;
}

/** Expressions that may wait for patches, and those that are remembered, not to be run again. */
const MAX_RUNS = 100;

export class Channel implements Handlers, Listener {
  readonly requests: Requests;
  readonly #page: Page;
  #follower: Follower | undefined;
  #connection: Connection | undefined;
  #name: string | undefined;
  /** Patches of a transaction that is not complete. */
  #arriving: PatchMessage[] = [];
  /** This connection's handshake is answered. */
  #isWelcome = false;
  /** Expressions that came before the patches that they need. */
  #early: RunMessage[] = [];
  readonly #runs = new Set<string>();
  /** It has asked for what it misses, and nothing of it has come. */
  #isResuming = false;
  /** Patches up to this number repeat what another epoch may have sent. */
  #replayedTo = 0;

  constructor(page: Page) {
    this.#page = page;
    this.requests = new Requests(page, this);
  }

  connect(options: ConnectOptions, url: string, follower: Follower): void {
    this.#follower = follower;
    this.#name = options.name;
    this.#connection = new Connection(options, url, this);
  }

  /** undefined: it was never begun. */
  get isOpen(): boolean | undefined {
    return this.#connection?.isOpen;
  }

  /** For good. */
  close(): void {
    this.requests.close();
    this.#connection?.close();
  }

  // ---- What the page says -----------------------------------------------------

  /** false: there is no connection, and nothing was sent. Throws what cannot be sent. */
  trySend(message: ClientMessage): boolean {
    return this.#connection?.send(message) ?? false;
  }

  /** What cannot be sent is an error event, never one that a program's `println` throws. */
  send(message: ClientMessage): void {
    try {
      this.trySend(message);
    } catch (error) {
      this.fail(error);
    }
  }

  output(stream: Stream, source: OutputSource, text: string): void {
    this.send({ type: "output", stream, source, text });
  }

  readonly focus = (): void => this.send({ type: "focus" });

  // ---- The connection ---------------------------------------------------------

  connected(): void {
    const { id, epoch, seq } = this.#page;
    this.#isWelcome = false;
    this.send({
      type: "handshake",
      version: PROTOCOL_VERSION,
      clientId: id,
      name: this.#name ?? globalThis.document?.title ?? "client",
      location: globalThis.location?.href ?? "",
      epoch,
      seq,
    });
    if (globalThis.document?.hasFocus()) this.focus();
  }

  message(message: ServerMessage): void {
    this[message.type](message as never); // checked: the type is one of those
  }

  lost(): void {
    this.#early = [];
    this.#page.lost();
    this.requests.lost();
  }

  fail(error: unknown): void {
    this.#page.fail(error);
  }

  // ---- What the server says ---------------------------------------------------

  handshake_ack({ epoch, seq }: Message<"handshake_ack">): void {
    if (this.#isWelcome) return; // it came twice, and may be older than what the page has
    const page = this.#page;
    this.#isWelcome = true;
    // Another log, or one that has lost its end: everything comes again.
    if (epoch !== page.epoch || seq < page.seq) {
      this.#replayedTo = page.epoch === null ? 0 : seq;
      page.epoch = epoch;
      page.seq = 0;
    }
    this.#arriving = [];
    this.#isResuming = false;
    page.connected(epoch, seq);
    this.#runEarly();
    this.requests.connected();
  }

  patch(message: PatchMessage): void {
    if (!this.#isNext(message)) return;
    // The rest of the transaction was superseded before it came.
    if (this.#arriving.some(({ commit }) => commit !== message.commit)) this.#arriving = [];
    if (message.after > this.#lastArrived) return this.#resume();
    this.#isResuming = false;
    this.#arriving.push(message);
    if (message.seq < message.commit) return;
    const messages = this.#arriving;
    this.#arriving = [];
    this.#page.seq = message.commit;
    this.#follower?.apply(messages, message.commit <= this.#replayedTo);
    this.#runEarly();
  }

  run(message: RunMessage): void {
    this.#early.push(message);
    if (this.#early.length > MAX_RUNS) this.#early.shift();
    this.#runEarly();
  }

  eval_result(message: Message<"eval_result">): void {
    this.requests.eval_result(message);
  }

  undo_result(message: Message<"undo_result">): void {
    this.requests.undo_result(message);
  }

  error({ id, error }: Message<"error">): void {
    this.requests.refuse(id, error);
  }

  mended({ file }: Message<"mended">): void {
    this.#page.emit("mended", { file });
  }

  current({ epoch, after, seq }: Message<"current">): void {
    if (!this.#isOf(epoch)) return;
    const page = this.#page;
    this.#isResuming = false;
    if (this.#arriving.length || after > page.seq) this.#resume();
    else page.seq = Math.max(page.seq, seq);
    this.#runEarly();
  }

  /** What was asked for, and has not come since, is asked for again. */
  pong(message: Message<"pong">): void {
    if (!this.#isNext(message)) return;
    this.#isResuming = false;
    this.#resume();
  }

  // ---- How far the page is ----------------------------------------------------

  #isNext({ epoch, seq }: { epoch: string; seq: number }): boolean {
    return this.#isOf(epoch) && seq > this.#lastArrived;
  }

  /** Of the log that this page follows. */
  #isOf(epoch: string): boolean {
    return this.#isWelcome && epoch === this.#page.epoch;
  }

  get #lastArrived(): number {
    return this.#arriving.at(-1)?.seq ?? this.#page.seq;
  }

  /** Something has not arrived, or in another order: from here on, again. */
  #resume(): void {
    if (this.#isResuming) return;
    const { epoch, seq } = this.#page;
    this.#isResuming = true;
    this.#arriving = [];
    this.send({ type: "resume", epoch, seq });
  }

  /** What has waited for patches that are here now. */
  #runEarly(): void {
    const isReady = ({ after = 0 }: RunMessage) => this.#isWelcome && after <= this.#page.seq;
    const ready = this.#early.filter(isReady);
    this.#early = this.#early.filter((message) => !isReady(message));
    for (const message of ready) {
      if (this.#runs.has(message.id)) continue; // it came twice
      this.#runs.add(message.id);
      keepNewest(this.#runs, MAX_RUNS);
      this.#follower?.run(message);
    }
  }
}
