// The page, as the parts of its client see it: its runtime, how far it is in the log, its
// status, and who hears of it. It knows no server and no source; they tell it what happens.

import { reportOfThrown, type Runtime } from "../runtime.js";
import type { ClientEvents, ClientStatus, PatchRecord } from "./api.js";
import type { Suspicion } from "./suspicion.js";

export type Listener<Event extends keyof ClientEvents> = (value: ClientEvents[Event]) => void;

export class Page {
  readonly id = crypto.getRandomValues(new Uint32Array(2)).join("-");
  /** From when the runtime is loaded. */
  runtime!: Runtime;
  /** By the option `rollback`. */
  suspicion: Suspicion | undefined;
  /** Of the patches that it has; null: none. */
  epoch: string | null = null;
  seq = 0;
  /** How often it was connected, and what became of transactions. */
  connects = 0;
  installed = 0;
  failed = 0;
  last: PatchRecord | null = null;
  #status: ClientStatus = "loading";
  readonly #listeners = new Map<string, Set<(value: never) => void>>();

  get status(): ClientStatus {
    return this.#status;
  }

  /** Nothing comes after "closed". */
  become(status: ClientStatus): void {
    if (this.#status === status || this.#status === "closed") return;
    this.#status = status;
    this.emit("status", status);
  }

  connected(epoch: string, seq: number): void {
    this.connects++;
    this.become("connected");
    this.emit("connect", { epoch, seq });
  }

  lost(): void {
    this.become("connecting");
    this.emit("disconnect", undefined);
  }

  /** A transaction was installed, or refused. */
  applied(record: PatchRecord): void {
    if (record.error) {
      this.failed++;
      this.emit("error", record.error);
    } else {
      this.installed++;
    }
    this.last = record;
    this.emit("after-patch", record);
    this.suspicion?.patched(record);
  }

  // ---- Events -----------------------------------------------------------------

  /** Returns what ends the subscription. */
  on<Event extends keyof ClientEvents>(event: Event, listener: Listener<Event>): () => void {
    let listeners = this.#listeners.get(event);
    if (!listeners) this.#listeners.set(event, (listeners = new Set()));
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  emit<Event extends keyof ClientEvents>(event: Event, value: ClientEvents[Event]): void {
    for (const listener of this.#listeners.get(event) ?? []) {
      try {
        (listener as Listener<Event>)(value);
      } catch (error) {
        console.error(`jank-hot-reload: a listener of "${event}" threw`, error);
      }
    }
  }

  /** What was thrown, as an error event. */
  fail(error: unknown): void {
    this.emit("error", reportOfThrown(error));
  }
}
