// What every page must have: the patches of this server's life, in order, and
// without those that later ones have superseded.
//
// A form whose text only defines functions reads nothing when it is installed;
// any other ("runs") may read every var. So a superseded patch stays as long as
// such a form stands between it and its successor: a page that replays the log
// gets what a page that was there all the time has.

import { randomBytes } from "node:crypto";
import type { ServerMessage } from "../protocol.js";
import type { CompiledForm } from "../runtime.js";

export type PatchMessage = Extract<ServerMessage, { type: "patch" }>;

interface Entry {
  message: PatchMessage;
  /** The file that has the form; undefined: it was typed. */
  file: string | undefined;
  /** What it defines, without repetitions. */
  vars: string[];
  runs: boolean;
  isNs: boolean;
}

/** Of one var: more are not kept, except for its first, without which it is unbound. */
const MAX_VERSIONS = 8;

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
    const isNs = form.kind === "ns";
    this.#entries.push({
      message,
      file,
      vars: [...new Set(form.symbols.map(({ name }) => name))],
      runs:
        !isNs &&
        (form.symbols.length === 0 || form.symbols.some(({ signature }) => signature === "value")),
      isNs,
    });
    if (this.#entries.length > 2 * this.#sizeWhenCompacted) this.#compact();
    return message;
  }

  /** Drops the file's forms that define nothing and that it no longer has. */
  forget(file: string, hashes: ReadonlySet<string>): void {
    this.#entries = this.#entries.filter(
      ({ message, vars, file: from }) =>
        from !== file || vars.length > 0 || hashes.has(message.hash),
    );
  }

  /** What a page needs that has everything up to `seq` of `epoch`. */
  since(epoch: string | null, seq: number): PatchMessage[] {
    this.#compact();
    const known = epoch === this.epoch ? seq : 0;
    return this.#entries.map(({ message }) => message).filter((message) => message.seq > known);
  }

  #compact(): void {
    const first = firstDefinitions(this.#entries);
    const successors = new Map<string, { runsAfter: number; versions: number }>();
    const forms = new Set<string>();
    let runsAfter = 0;
    const isNeeded = (entry: Entry): boolean => {
      const { message, vars, isNs } = entry;
      if (isNs) return first.get(nsKey(entry)) === entry;
      if (!vars.length) return !forms.has(message.hash);
      return vars.some((name) => {
        const next = successors.get(name);
        if (!next) return true;
        if (next.runsAfter === runsAfter) return false;
        return next.versions < MAX_VERSIONS || first.get(name) === entry;
      });
    };
    const kept: Entry[] = [];
    for (const entry of this.#entries.reverse()) {
      if (!isNeeded(entry)) continue;
      kept.push(entry);
      forms.add(entry.message.hash);
      if (entry.runs) runsAfter++;
      for (const name of entry.vars)
        successors.set(name, { runsAfter, versions: (successors.get(name)?.versions ?? 0) + 1 });
    }
    this.#entries = kept.reverse();
    this.#sizeWhenCompacted = Math.max(64, kept.length);
  }
}

const nsKey = ({ message }: Entry): string => `ns ${message.hash}`;

/** The first entry of every var, and of every text of an ns form. */
function firstDefinitions(entries: Entry[]): Map<string, Entry> {
  const first = new Map<string, Entry>();
  for (const entry of entries)
    for (const key of entry.isNs ? [nsKey(entry)] : entry.vars)
      if (!first.has(key)) first.set(key, entry);
  return first;
}
