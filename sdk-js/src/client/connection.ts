// A WebSocket that comes back by itself: exponential back-off with full jitter,
// at once when the network or the tab comes back, and a heartbeat that finds the
// connection that is open but dead.

import { MAX_MESSAGE_BYTES, parseServerMessage, ProtocolError } from "../protocol.js";
import type { ClientMessage, ServerMessage } from "../protocol.js";
import { listen } from "./listen.js";

export interface ConnectionOptions {
  url: string;
  /** The server's, for a page that it does not serve itself. */
  token?: string;
  /** For hosts without one, as Node 20. */
  WebSocket?: typeof globalThis.WebSocket;
  /** Milliseconds: the first delay's bound, and the largest. */
  backoff?: { first: number; most: number };
  /** Milliseconds between pings; after three without an answer the connection is dropped. */
  heartbeat?: number;
  onOpen: () => void;
  onMessage: (message: ServerMessage) => void;
  onClose: () => void;
  onProtocolError: (error: ProtocolError) => void;
}

/** Full jitter: anything up to the bound that doubles with each attempt. */
export function backoffDelay(
  attempt: number,
  { first, most } = { first: 100, most: 10_000 },
  random: () => number = Math.random,
): number {
  return Math.max(10, random() * Math.min(most, first * 2 ** Math.min(attempt, 30)));
}

/** A WebSocket of a page has no header of its own choice. */
function addressOf({ url, token }: Pick<ConnectionOptions, "url" | "token">): string {
  if (token === undefined) return url;
  return `${url}${url.includes("?") ? "&" : "?"}token=${encodeURIComponent(token)}`;
}

function isTooLarge(text: string): boolean {
  // A UTF-16 unit is 3 bytes at most.
  return text.length * 3 > MAX_MESSAGE_BYTES && new Blob([text]).size > MAX_MESSAGE_BYTES;
}

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #endings: (() => void)[];
  #socket: WebSocket | undefined;
  #open = false;
  #closed = false;
  #attempt = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #beat: ReturnType<typeof setInterval> | undefined;
  /** Pings since the last message. Not a time: the timers of a hidden tab are slow. */
  #unanswered = 0;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#endings = [
      listen(globalThis, "online", this.#wake),
      listen(globalThis.document, "visibilitychange", this.#wake),
    ];
    this.#connect();
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /**
   * false: not connected, and nothing was sent. Throws a ProtocolError for what
   * the server would end the connection for.
   */
  send(message: ClientMessage): boolean {
    if (!this.#open || !this.#socket) return false;
    const text = JSON.stringify(message);
    if (isTooLarge(text)) throw new ProtocolError("the message is too large");
    this.#socket.send(text);
    return true;
  }

  /** For good. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    for (const end of this.#endings) end();
    this.#drop();
  }

  #connect(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    const Socket = this.#options.WebSocket ?? globalThis.WebSocket;
    const socket = new Socket(addressOf(this.#options));
    this.#socket = socket;
    socket.addEventListener("open", () => {
      if (socket !== this.#socket) return;
      this.#open = true;
      this.#startHeartbeat();
      this.#options.onOpen();
    });
    socket.addEventListener("message", ({ data }) => {
      if (socket === this.#socket) this.#receive(data as unknown);
    });
    socket.addEventListener("close", () => {
      if (socket === this.#socket) this.#drop();
    });
    socket.addEventListener("error", () => undefined); // "close" follows
  }

  #receive(data: unknown): void {
    this.#unanswered = 0;
    try {
      const message = parseServerMessage(String(data));
      // A connection that has lasted; one that is dropped at once is no success.
      if (message.type === "pong") this.#attempt = 0;
      this.#options.onMessage(message);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#options.onProtocolError(error);
    }
  }

  #startHeartbeat(): void {
    const period = this.#options.heartbeat ?? 5000;
    this.#unanswered = 0;
    clearInterval(this.#beat);
    this.#beat = setInterval(() => {
      if (this.#unanswered++ === 3) this.#drop();
      else this.send({ type: "ping", at: Date.now() });
    }, period);
  }

  #drop(): void {
    const socket = this.#socket;
    const wasOpen = this.#open;
    this.#socket = undefined;
    this.#open = false;
    clearInterval(this.#beat);
    socket?.close();
    if (wasOpen) this.#options.onClose();
    if (!this.#closed && this.#retry === undefined)
      this.#retry = setTimeout(
        () => this.#connect(),
        backoffDelay(this.#attempt++, this.#options.backoff),
      );
  }

  #wake = (): void => {
    if (this.#closed || this.#retry === undefined) return;
    if (globalThis.document?.visibilityState === "hidden") return;
    this.#attempt = 0;
    this.#connect();
  };
}
