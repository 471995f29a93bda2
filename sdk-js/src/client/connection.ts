// A WebSocket that comes back by itself: exponential back-off with full jitter,
// at once when the network or the tab comes back, and a heartbeat that finds the
// connection that is open but dead.

import { MAX_MESSAGE_BYTES, parseServerMessage, ProtocolError } from "../protocol.js";
import type { ClientMessage, ServerMessage } from "../protocol.js";
import type { ConnectOptions } from "./api.js";
import { listen } from "./listen.js";

/** See ConnectOptions. */
type ConnectionOptions = Pick<ConnectOptions, "token" | "WebSocket" | "backoff" | "heartbeat">;

/** Who hears what becomes of a connection. */
export interface Listener {
  connected(): void;
  message(message: ServerMessage): void;
  /** It will be tried again. */
  lost(): void;
  /** What has come is no message. */
  fail(error: ProtocolError): void;
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
function addressOf(url: string, token: string | undefined): string {
  if (token === undefined) return url;
  return `${url}${url.includes("?") ? "&" : "?"}token=${encodeURIComponent(token)}`;
}

function isTooLarge(text: string): boolean {
  // A UTF-16 unit is 3 bytes at most.
  return text.length * 3 > MAX_MESSAGE_BYTES && new Blob([text]).size > MAX_MESSAGE_BYTES;
}

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #url: string;
  readonly #listener: Listener;
  readonly #endings: (() => void)[];
  #socket: WebSocket | undefined;
  #open = false;
  #closed = false;
  #attempt = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #beat: ReturnType<typeof setInterval> | undefined;
  /** Pings since the last message. Not a time: the timers of a hidden tab are slow. */
  #unanswered = 0;

  constructor(options: ConnectionOptions, url: string, listener: Listener) {
    this.#options = options;
    this.#url = url;
    this.#listener = listener;
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
    if (!this.#open) return false;
    const text = JSON.stringify(message);
    if (isTooLarge(text)) throw new ProtocolError("the message is too large");
    this.#socket?.send(text);
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
    const socket = new Socket(addressOf(this.#url, this.#options.token));
    this.#socket = socket;
    const on = <Heard>(type: string, heard: (event: Heard) => void) =>
      socket.addEventListener(type, (event) => {
        if (socket === this.#socket) heard(event as Heard);
      });
    on("open", () => {
      this.#open = true;
      this.#startHeartbeat();
      this.#listener.connected();
    });
    on("message", ({ data }: MessageEvent<unknown>) => this.#receive(data));
    on("close", () => this.#drop());
    on("error", () => undefined); // "close" follows
  }

  #receive(data: unknown): void {
    this.#unanswered = 0;
    try {
      const message = parseServerMessage(String(data));
      // A connection that has lasted; one that is dropped at once is no success.
      if (message.type === "pong") this.#attempt = 0;
      this.#listener.message(message);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#listener.fail(new ProtocolError(`from the server: ${error.message}`));
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
    if (wasOpen) this.#listener.lost();
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
