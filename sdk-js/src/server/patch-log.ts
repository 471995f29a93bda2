// What every page must have: the transactions of this log's life, in order, and
// without the patches that later ones have superseded.
//
// A form whose text only defines functions reads nothing when it is installed;
// any other ("runs") may read every var. So a superseded patch stays as long as
// such a form stands between it and its successor, and a function that a value of
// its own name may wrap, `(def f (memoize f))`, as long as that: a page that replays
// the log gets what a page that was there all the time has. For forms that are
// superseded themselves only so many versions stay.
//
// With a store, the log outlives the server: each change is a record that is
// written before anybody is told of it, and reading them back gives the same log.

import { randomBytes } from "node:crypto";
import { History, UNBOUND, type HistoryState, type UndoPlan } from "../history.js";
import type { Cause, ServerMessage, VarChange, VersionedSymbol } from "../protocol.js";
import type { CompiledForm } from "../compiler.js";

export type PatchMessage = Extract<ServerMessage, { type: "patch" }>;

/** A form as it is kept: a patch message without what belongs to one sending. */
export interface StoredForm {
  kind: CompiledForm["kind"];
  ns: string;
  hash: string;
  symbols: VersionedSymbol[];
  symbolName: string;
  /** base64 */
  data: string;
  compileMs: number;
  /** The path of the file that has it; none: it was typed. */
  file?: string;
}

/** A stored form, as it is installed. */
export const moduleOf = ({
  data,
  symbolName,
}: Pick<StoredForm, "data" | "symbolName">): { bytes: Uint8Array; entry: string } => ({
  bytes: new Uint8Array(Buffer.from(data, "base64")),
  entry: symbolName,
});

/** Where a transaction comes from. */
export interface Origin {
  cause: Cause;
  /** That was saved, as people see it. */
  file?: string;
  /** See Addition of history.ts. */
  isBase?: boolean;
}

export interface Transaction {
  /** Of its last patch. */
  commit: number;
  messages: PatchMessage[];
  changes: VarChange[];
}

/** The live forms of a file: by hash, the names that each defines. */
export type FileForms = [hash: string, names: string[]][];

/** A change of the log. */
export type LogRecord =
  | {
      type: "transaction";
      seq: number;
      origin: Origin;
      forms: StoredForm[];
      undone?: number;
      /** What is live of the files that were loaded in it: one record, so that no form runs again. */
      files?: [path: string, forms: FileForms][];
    }
  | { type: "file"; path: string; forms: FileForms }
  | { type: "forget"; file: string; hashes: string[] }
  | {
      type: "snapshot";
      seq: number;
      entries: Entry[];
      history: HistoryState<StoredForm>;
      files: [string, FileForms][];
    };

/** Where records are kept; see log-store.ts. */
export interface LogStore {
  /** Of the log that is read back; undefined: a new one. */
  readonly epoch: string | undefined;
  /** What was written, oldest first. */
  read(): LogRecord[];
  /** Begins a log of this epoch, or shortens it, with these records. */
  begin(epoch: string, records: LogRecord[]): void;
  append(record: LogRecord): void;
  /** It has grown so much that a snapshot is shorter. */
  readonly isLong: boolean;
}

interface Entry {
  seq: number;
  /** Of its transaction, when it was new. */
  commit: number;
  origin: Origin;
  form: StoredForm;
}

/** Of one var, for what is superseded: and its first, without which it is unbound. */
const MAX_VERSIONS = 8;

const namesOf = ({ symbols }: StoredForm): string[] => [
  ...new Set(symbols.map(({ name }) => name)),
];
const isRunning = ({ kind, symbols }: StoredForm): boolean =>
  kind !== "ns" && (symbols.length === 0 || symbols.some(({ signature }) => signature === "value"));

export class PatchLog {
  readonly epoch: string;
  readonly #store: LogStore | undefined;
  readonly #history = new History<StoredForm>();
  readonly #files = new Map<string, FileForms>();
  #seq = 0;
  #entries: Entry[] = [];
  #sizeWhenCompacted = 64;

  /** Goes on with what the store has. */
  constructor(store?: LogStore) {
    this.#store = store;
    this.epoch = store?.epoch ?? randomBytes(8).toString("hex");
    for (const record of store?.read() ?? []) this.#apply(record);
    store?.begin(this.epoch, this.#seq ? [this.#snapshot()] : []);
  }

  /** The number of the newest patch. */
  get seq(): number {
    return this.#seq;
  }

  /**
   * Definitions that were made anew, or expressions that every page runs; `paths`: of the
   * files that have them; `files`: what is live of files from now on.
   */
  append(
    forms: CompiledForm[],
    origin: Origin = { cause: "eval" },
    paths: (string | undefined)[] = [],
    files?: [path: string, forms: FileForms][],
  ): Transaction {
    const numbered = this.#history.number(forms.map(({ symbols }) => symbols));
    const stored = forms.map((form, i) => storedForm(form, numbered[i] ?? [], paths[i]));
    return this.#add(stored, origin, files && { files });
  }

  /** See History.undo. */
  planUndo(vars?: string[]): UndoPlan<StoredForm> {
    return this.#history.undo(vars);
  }

  /** Carries out a plan: `unbinding` are compiled forms, one for each var that had no definition. */
  appendUndo(plan: UndoPlan<StoredForm>, unbinding: CompiledForm[]): Transaction {
    const { forms, unbound, transactions } = plan;
    const stored = unbinding.map((form, i) =>
      storedForm(form, [{ name: unbound[i] ?? "", signature: UNBOUND, version: 0 }]),
    );
    return this.#add([...forms, ...stored], { cause: "undo" }, { undone: transactions });
  }

  #add(
    forms: StoredForm[],
    origin: Origin,
    more: Pick<LogRecord & { type: "transaction" }, "undone" | "files"> = {},
  ): Transaction {
    const changes = this.#history.changes(forms);
    const seq = this.#seq + 1;
    this.#record({ type: "transaction", seq, origin, forms, ...more });
    const added = forms.length ? this.#entries.slice(-forms.length) : [];
    if (this.#entries.length > 2 * this.#sizeWhenCompacted) this.#compact();
    const messages = added.map((entry) => this.#message(entry, entry.seq - 1));
    return { commit: this.#seq, messages, changes };
  }

  // ---- Files --------------------------------------------------------------------

  /** The forms of each file that are live. */
  get files(): ReadonlyMap<string, FileForms> {
    return this.#files;
  }

  setFile(path: string, forms: FileForms): void {
    if (JSON.stringify(this.#files.get(path)) === JSON.stringify(forms)) return;
    this.#record({ type: "file", path, forms });
  }

  /** Drops the file's forms that define nothing and that it no longer has. */
  forget(file: string, hashes: ReadonlySet<string>): void {
    if (this.#entries.some((entry) => isForgotten(entry, file, hashes)))
      this.#record({ type: "forget", file, hashes: [...hashes] });
  }

  // ---- Reading --------------------------------------------------------------------

  /** What a page needs that has everything up to `seq` of `epoch`. */
  since(epoch: string | null, seq: number): PatchMessage[] {
    this.#compact();
    const known = epoch === this.epoch && seq <= this.#seq ? seq : 0;
    const missing = this.#entries.filter((entry) => entry.seq > known);
    const commits = new Map(missing.map((entry) => [entry.commit, entry.seq]));
    return missing.map((entry, i) =>
      this.#message(entry, missing[i - 1]?.seq ?? known, commits.get(entry.commit)),
    );
  }

  /** Vars and their version numbers; 0: unbound. */
  get versions(): [name: string, version: number][] {
    return this.#history.current;
  }

  /** What compiling the transaction took that ends with this patch; null: it is superseded, or an undo. */
  compileMs(commit: number): number | null {
    const last = this.#entries.find(({ seq }) => seq === commit);
    if (!last || last.origin.cause === "undo") return null;
    return this.#entries
      .filter((entry) => entry.commit === last.commit)
      .reduce((sum, { form }) => sum + form.compileMs, 0);
  }

  #message({ seq, origin, form, commit }: Entry, after: number, last = commit): PatchMessage {
    const { symbolName, symbols, ns, hash, data, compileMs } = form;
    return {
      type: "patch",
      epoch: this.epoch,
      seq,
      after,
      commit: last,
      cause: origin.cause,
      file: origin.file ?? null,
      data,
      symbolName,
      symbols,
      ns,
      hash,
      timestamp: performance.timeOrigin + performance.now(),
      compileMs,
    };
  }

  // ---- Records --------------------------------------------------------------------

  #record(record: LogRecord): void {
    this.#store?.append(record);
    this.#apply(record);
    if (this.#store?.isLong) {
      this.#compact();
      this.#store.begin(this.epoch, [this.#snapshot()]);
    }
  }

  #apply(record: LogRecord): void {
    switch (record.type) {
      case "transaction": {
        const { seq, origin, forms, undone, files = [] } = record;
        const commit = seq + forms.length - 1;
        this.#history.add(forms, { undone, isBase: origin.isBase });
        this.#entries.push(...forms.map((form, i) => ({ seq: seq + i, commit, origin, form })));
        this.#seq = commit;
        for (const [path, live] of files) this.#files.set(path, live);
        break;
      }
      case "file":
        this.#files.set(record.path, record.forms);
        break;
      case "forget": {
        const hashes = new Set(record.hashes);
        this.#entries = this.#entries.filter((entry) => !isForgotten(entry, record.file, hashes));
        break;
      }
      case "snapshot":
        this.#seq = record.seq;
        this.#entries = record.entries;
        this.#history.state = record.history;
        for (const [path, forms] of record.files) this.#files.set(path, forms);
        break;
      default:
        record satisfies never;
    }
  }

  #snapshot(): LogRecord {
    return {
      type: "snapshot",
      seq: this.#seq,
      entries: this.#entries,
      history: this.#history.state,
      files: [...this.#files],
    };
  }

  // ---- Compaction -----------------------------------------------------------------

  #compact(): void {
    const first = firstDefinitions(this.#entries);
    const successors = new Map<string, Successor>();
    const forms = new Set<string>();
    const runs = { all: 0, live: 0 };
    const isSeen = (entry: Entry, name: string): boolean => {
      const next = successors.get(name);
      if (!next || next.runs.live !== runs.live) return true;
      const isWrapped = next.isRunning && !isRunning(entry.form);
      if (isWrapped && next.isLive) return true;
      if (!isWrapped && next.runs.all === runs.all) return false;
      return next.versions < MAX_VERSIONS || first.get(name) === entry;
    };
    const isNeeded = (entry: Entry): boolean => {
      const { form } = entry;
      if (form.kind === "ns") return first.get(nsKey(entry)) === entry;
      const vars = namesOf(form);
      return vars.length ? vars.some((name) => isSeen(entry, name)) : !forms.has(form.hash);
    };
    const kept: Entry[] = [];
    for (const entry of this.#entries.reverse()) {
      if (!isNeeded(entry)) continue;
      const { form } = entry;
      const names = namesOf(form);
      const isLive = !names.length || names.some((name) => !successors.has(name));
      kept.push(entry);
      forms.add(form.hash);
      if (isRunning(form)) {
        runs.all++;
        if (isLive) runs.live++;
      }
      for (const name of names) {
        const versions = (successors.get(name)?.versions ?? 0) + 1;
        successors.set(name, { runs: { ...runs }, isRunning: isRunning(form), isLive, versions });
      }
    }
    this.#entries = kept.reverse();
    this.#sizeWhenCompacted = Math.max(64, kept.length);
  }
}

/** The next definition of a var that is kept. */
interface Successor {
  /** Forms that run, from it to the end of the log: all, and those that nothing supersedes. */
  runs: { all: number; live: number };
  isRunning: boolean;
  /** Something of it is not superseded. */
  isLive: boolean;
  /** How many are kept from it on. */
  versions: number;
}

function storedForm(form: CompiledForm, symbols: VersionedSymbol[], file?: string): StoredForm {
  const { kind, ns, hash, entry: symbolName, bytes, compileMs } = form;
  const data = Buffer.from(bytes).toString("base64");
  return {
    kind,
    ns,
    hash,
    symbols,
    symbolName,
    data,
    compileMs,
    ...(file !== undefined && { file }),
  };
}

const nsKey = ({ form }: Entry): string => `ns ${form.hash}`;

const isForgotten = ({ form }: Entry, file: string, hashes: ReadonlySet<string>) =>
  form.file === file && form.symbols.length === 0 && !hashes.has(form.hash);

/** The first entry of every var, and of every text of an ns form. */
function firstDefinitions(entries: Entry[]): Map<string, Entry> {
  const first = new Map<string, Entry>();
  for (const entry of entries)
    for (const key of entry.form.kind === "ns" ? [nsKey(entry)] : namesOf(entry.form))
      if (!first.has(key)) first.set(key, entry);
  return first;
}
