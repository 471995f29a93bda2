// The versions that vars have had, and how to go back: for the server, and for a
// page that compiles by itself.
//
// A definition gets the next number of its var. An undo sends an older definition
// again, with its old number, so it is a transaction like any other.

import { reportOf, type PatchSymbol, type VarChange, type VersionedSymbol } from "./protocol.js";
import { JankError } from "./runtime.js";

/** A form as it was installed: what is needed to install it again. */
export interface Definition {
  ns: string;
  hash: string;
  symbols: VersionedSymbol[];
}

/** What an undo sends: definitions again, oldest first, and vars that had none before. */
export interface UndoPlan<Form extends Definition> {
  forms: Form[];
  unbound: string[];
  /** How many of the last transactions are undone by it. */
  transactions: number;
}

/** What is remembered of a var. */
interface Known<Form> {
  /** The number of its newest definition. */
  newest: number;
  /** The definitions that were live one after the other; the last one is. */
  lives: Form[];
  /** Older ones are forgotten. */
  isCut: boolean;
}

/** Of one var: the live one, and those that can be gone back to. */
const MAX_LIVES = 1 + 16;
const MAX_TRANSACTIONS = 100;
/** PatchSymbol.signature of a var whose first definition was undone; its version is 0. */
export const UNBOUND = "unbound";

export interface Addition {
  /** It undoes so many of the last. */
  undone?: number | undefined;
  /** What the program begins with: no edit, so that it is not undone as a whole. */
  isBase?: boolean | undefined;
}

export interface HistoryState<Form> {
  vars: [name: string, known: Known<Form>][];
  transactions: string[][];
}

export class History<Form extends Definition> {
  readonly #vars = new Map<string, Known<Form>>();
  #transactions: string[][] = [];

  /** Numbers the symbols of forms that define them anew, one form after the other. */
  number(forms: PatchSymbol[][]): VersionedSymbol[][] {
    const newest = new Map<string, number>();
    return forms.map((symbols) => {
      for (const name of new Set(symbols.map((symbol) => symbol.name)))
        newest.set(name, (newest.get(name) ?? this.#vars.get(name)?.newest ?? 0) + 1);
      return symbols.map((symbol) => ({ ...symbol, version: newest.get(symbol.name) ?? 1 }));
    });
  }

  /** What the forms change, when they are installed after all that was added. */
  changes(forms: Iterable<{ symbols: VersionedSymbol[] }>): VarChange[] {
    const after = new Map<string, number>();
    for (const { symbols } of forms)
      for (const { name, version } of symbols) after.set(name, version);
    return [...after].map(([name, version]) => ({
      name,
      from: this.#versionOf(name) || null,
      to: version || null,
    }));
  }

  /** A transaction. */
  add(forms: Form[], { undone, isBase = false }: Addition = {}): void {
    for (const form of forms) for (const symbol of form.symbols) this.#define(symbol, form);
    if (undone !== undefined) {
      this.#transactions.length -= undone;
      return;
    }
    const names = new Set(forms.flatMap(({ symbols }) => symbols.map(({ name }) => name)));
    if (names.size && !isBase) this.#transactions.push([...names]);
    if (this.#transactions.length > MAX_TRANSACTIONS) this.#transactions.shift();
  }

  #define({ name, version, signature }: VersionedSymbol, form: Form): void {
    const known = this.#vars.get(name) ?? { newest: 0, lives: [], isCut: false };
    this.#vars.set(name, known);
    const { lives } = known;
    if (signature === UNBOUND) lives.length = 0;
    else if (version > known.newest) lives.push(form);
    else while (lives.length > 1 && versionIn(lives.at(-1), name) !== version) lives.pop();
    known.newest = Math.max(known.newest, version);
    if (lives.length <= MAX_LIVES) return;
    lives.shift();
    known.isCut = true;
  }

  /**
   * How to undo the last transaction that is not undone, or the current definition
   * of each of these vars. Throws a JankError when there is nothing to go back to.
   */
  undo(vars?: string[]): UndoPlan<Form> {
    const plan = vars ? this.#planFor(vars, 0) : this.#planForLast();
    if (plan) return plan;
    const message = "there is nothing to go back to";
    throw new JankError(reportOf("run", "IllegalStateException", message));
  }

  #planForLast(): UndoPlan<Form> | undefined {
    for (let count = 1; count <= this.#transactions.length; count++) {
      const plan = this.#planFor(this.#transactions.at(-count) ?? [], count);
      if (plan) return plan;
    }
    return undefined;
  }

  #planFor(names: string[], transactions: number): UndoPlan<Form> | undefined {
    const forms = new Set<Form>();
    const unbound: string[] = [];
    for (const name of names) {
      const known = this.#vars.get(name);
      if (!known?.lives.length) continue;
      const before = known.lives.at(-2);
      if (before) forms.add(before);
      else if (!known.isCut) unbound.push(name);
    }
    if (forms.size + unbound.length === 0) return undefined;
    return { forms: [...forms], unbound, transactions };
  }

  #versionOf(name: string): number {
    return versionIn(this.#vars.get(name)?.lives.at(-1), name);
  }

  get state(): HistoryState<Form> {
    return { vars: [...this.#vars], transactions: this.#transactions };
  }

  set state({ vars, transactions }: HistoryState<Form>) {
    this.#vars.clear();
    for (const [name, known] of vars) this.#vars.set(name, known);
    this.#transactions = transactions;
  }

  /** Version numbers by var; 0: unbound. */
  get current(): [name: string, version: number][] {
    return [...this.#vars.keys()].map((name) => [name, this.#versionOf(name)]);
  }
}

const versionIn = (form: Definition | undefined, name: string): number =>
  form?.symbols.find((symbol) => symbol.name === name)?.version ?? 0;
