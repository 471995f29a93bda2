// A bad network between one page and the server:
//
//   page -> cut (bytes) -> relay (messages) -> cut (bytes) -> server
//
// A cut ends its connection after a random number of bytes, so in the middle of a
// message, or lets nothing through for a while. The relay sends messages twice, late
// and in another order, in both directions; the handshake alone comes first. After
// calm() nothing of that happens any more.

import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { WebSocket, WebSocketServer } from "ws";
import type { Random } from "../fuzz/random.js";

/** Milliseconds by which a message may be late. */
const MOST_LATE = 80;
/** After which a direction is cut, at most: some hardly open, most last. */
const LIVES = [2_000, 30_000, 300_000, ...Array<number>(7).fill(1e9)];

export class Network {
  /** How often each thing was done. */
  readonly counts = { cuts: 0, stalls: 0, copies: 0, delays: 0 };
  readonly #random: Random;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #relay = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  #front = 0;
  #isCalm = false;
  #asleepUntil = 0;

  private constructor(random: Random) {
    this.#random = random;
  }

  static async open(random: Random, serverPort: number): Promise<Network> {
    const network = new Network(random);
    await once(network.#relay, "listening");
    const back = await network.#listen(serverPort);
    network.#front = await network.#listen((network.#relay.address() as AddressInfo).port);
    network.#relay.on("connection", (page) => network.#join(page, back, serverPort));
    return network;
  }

  get url(): string {
    return `ws://localhost:${this.#front}/repl`;
  }

  calm(): void {
    this.#isCalm = true;
    this.#asleepUntil = 0;
  }

  /** The page hears nothing, says nothing and cannot connect. */
  sleep(ms: number): void {
    this.#asleepUntil = performance.now() + ms;
    for (const socket of this.#sockets) this.#stall(socket, ms);
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    for (const server of this.#servers) server.close();
    for (const client of this.#relay.clients) client.terminate();
    this.#relay.close();
  }

  // ---- Bytes --------------------------------------------------------------------

  async #listen(target: number): Promise<number> {
    const server = createServer((socket) => {
      const other = connect(target, "127.0.0.1");
      this.#pipe(socket, other);
      this.#pipe(other, socket);
      const asleep = this.#asleepUntil - performance.now();
      if (asleep > 0) this.#stall(socket, asleep);
    });
    this.#servers.push(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  }

  #pipe(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    const end = () => {
      this.#sockets.delete(from);
      from.destroy();
      to.destroy();
    };
    let left = this.#random.below(this.#random.pick(LIVES));
    from.on("error", () => undefined);
    from.on("close", end);
    from.on("data", (bytes) => {
      left -= bytes.length;
      if (this.#isCalm || left > 0) {
        if (!to.write(bytes)) from.pause();
        return;
      }
      const isStall = this.#random.below(4) === 0;
      if (isStall) {
        to.write(bytes);
        left = this.#random.below(this.#random.pick(LIVES));
        return this.#stall(from, this.#random.below(1200));
      }
      this.counts.cuts++;
      to.write(bytes.subarray(0, bytes.length + left), end);
    });
    to.on("drain", () => from.resume());
  }

  #stall(socket: Socket, ms: number): void {
    this.counts.stalls++;
    socket.pause();
    const wake = () => {
      if (!this.#isCalm && performance.now() < this.#asleepUntil) setTimeout(wake, 20);
      else socket.resume();
    };
    setTimeout(wake, this.#isCalm ? 0 : ms);
  }

  // ---- Messages -----------------------------------------------------------------

  #join(page: WebSocket, back: number, serverPort: number): void {
    const server = new WebSocket(`ws://localhost:${back}/repl`, {
      headers: { Host: `localhost:${serverPort}` },
      perMessageDeflate: false,
    });
    const early: string[] = [];
    const toServer = (text: string) => this.#deliver(server, text);
    page.on("message", (data: Buffer) => {
      if (server.readyState === WebSocket.CONNECTING) early.push(data.toString());
      else toServer(data.toString());
    });
    server.on("open", () => early.forEach(toServer));
    server.on("message", (data: Buffer) => this.#deliver(page, data.toString()));
    for (const [one, other] of [
      [page, server],
      [server, page],
    ] as const) {
      one.on("error", () => undefined);
      one.on("close", () => other.terminate());
    }
  }

  #deliver(to: WebSocket, text: string): void {
    const send = () => {
      if (to.readyState === WebSocket.OPEN) to.send(text);
    };
    const late = () => setTimeout(send, this.#random.below(MOST_LATE));
    const fate =
      this.#isCalm || text.startsWith('{"type":"handshake",') ? 9 : this.#random.below(8);
    if (fate !== 0) send();
    if (fate > 1) return;
    this.counts[fate === 0 ? "delays" : "copies"]++;
    late();
  }
}
