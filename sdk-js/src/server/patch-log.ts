// What every page must have: the patches of this server's life, in order, and
// without those that later ones have superseded.

import { randomBytes } from "node:crypto";
import type { ServerMessage } from "../protocol.js";
import type { CompiledForm } from "../runtime.js";

export type PatchMessage = Extract<ServerMessage, { type: "patch" }>;

interface Entry {
  message: PatchMessage;
  /** The file that has the form; undefined: it was typed. */
  file: string | undefined;
}

export class PatchLog {
  readonly epoch = randomBytes(8).toString("hex");
  #seq = 0;
  #entries: Entry[] = [];
  #sizeWhenCompacted = 64;

  /** The number of the newest patch. */
  get seq(): number {
    return this.#seq;
  }

  append(form: CompiledForm, file?: string): PatchMessage {
    const message: PatchMessage = {
      type: "patch",
      epoch: this.epoch,
      seq: ++this.#seq,
      data: Buffer.from(form.bytes).toString("base64"),
      symbolName: form.entry,
      symbols: form.symbols,
      ns: form.ns,
      hash: form.hash,
      timestamp: performance.timeOrigin + performance.now(),
      compileMs: form.compileMs,
    };
    this.#entries.push({ message, file });
    if (this.#entries.length > 2 * this.#sizeWhenCompacted) this.#compact();
    return message;
  }

  /** Drops the file's forms that define nothing and that it no longer has. */
  forget(file: string, hashes: ReadonlySet<string>): void {
    this.#entries = this.#entries.filter(
      ({ message, file: from }) =>
        from !== file || message.symbols.length > 0 || hashes.has(message.hash),
    );
  }

  /** What a page needs that has everything up to `seq` of `epoch`. */
  since(epoch: string | null, seq: number): PatchMessage[] {
    this.#compact();
    const known = epoch === this.epoch ? seq : 0;
    return this.#entries.map(({ message }) => message).filter((message) => message.seq > known);
  }

  /** Keeps the newest patch of every var, and of every other form. */
  #compact(): void {
    const seen = new Set<string>();
    const isNew = (key: string) => !seen.has(key) && seen.add(key);
    this.#entries = this.#entries
      .reverse()
      .filter(({ message: { symbols, hash } }) =>
        symbols.length
          ? symbols.filter(({ name }) => isNew(`var ${name}`)).length > 0
          : isNew(`form ${hash}`),
      )
      .reverse();
    this.#sizeWhenCompacted = Math.max(64, this.#entries.length);
  }
}
