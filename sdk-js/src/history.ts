// The versions that vars have had, and how to go back: for the server, and for a
// page that compiles by itself.
//
// A definition gets the next number of its var. An undo sends an older definition
// again, with its old number, so it is a transaction like any other.

import type { PatchSymbol, VarChange, VersionedSymbol } from "./protocol.js";

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

/** Of one var; older ones cannot be gone back to. */
const MAX_VERSIONS = 16;
const MAX_TRANSACTIONS = 100;
/** PatchSymbol.signature of a var whose first definition was undone; its version is 0. */
export const UNBOUND = "unbound";

export interface HistoryState<Form> {
  vars: [name: string, newest: number, current: number, versions: Form[]][];
  transactions: string[][];
}

export class History<Form extends Definition> {
  readonly #vars = new Map<string, { newest: number; current: number; versions: Form[] }>();
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
      from: this.#vars.get(name)?.current || null,
      to: version || null,
    }));
  }

  /** A transaction; or one that undoes so many of the last. */
  add(forms: Form[], undone?: number): void {
    for (const form of forms) for (const symbol of form.symbols) this.#define(symbol, form);
    if (undone !== undefined) {
      this.#transactions.length -= undone;
      return;
    }
    const names = new Set(forms.flatMap(({ symbols }) => symbols.map(({ name }) => name)));
    if (names.size) this.#transactions.push([...names]);
    if (this.#transactions.length > MAX_TRANSACTIONS) this.#transactions.shift();
  }

  #define({ name, version, signature }: VersionedSymbol, form: Form): void {
    const known = this.#vars.get(name) ?? { newest: 0, current: 0, versions: [] };
    this.#vars.set(name, known);
    known.current = version;
    if (signature === UNBOUND || version <= known.newest) return;
    known.newest = version;
    known.versions.push(form);
    if (known.versions.length > MAX_VERSIONS) known.versions.shift();
  }

  /**
   * How to undo the last transaction that is not undone, or the current definition
   * of each of these vars. undefined: there is nothing to go back to.
   */
  undo(vars?: string[]): UndoPlan<Form> | undefined {
    if (vars) return this.#planFor(vars, 0);
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
      if (!known?.current) continue;
      const before = this.#before(name, known);
      if (before) forms.add(before);
      else if (known.current === 1) unbound.push(name);
    }
    if (forms.size + unbound.length === 0) return undefined;
    return { forms: [...forms], unbound, transactions };
  }

  #before(name: string, { current, versions }: { current: number; versions: Form[] }) {
    const versionOf = (form: Form) => form.symbols.find((each) => each.name === name)?.version ?? 0;
    return versions.filter((form) => versionOf(form) < current).at(-1);
  }

  get state(): HistoryState<Form> {
    return {
      vars: [...this.#vars].map(([name, { newest, current, versions }]) => [
        name,
        newest,
        current,
        versions,
      ]),
      transactions: this.#transactions,
    };
  }

  set state({ vars, transactions }: HistoryState<Form>) {
    this.#vars.clear();
    for (const [name, newest, current, versions] of vars)
      this.#vars.set(name, { newest, current, versions });
    this.#transactions = transactions;
  }

  /** Version numbers by var; 0: unbound. */
  get current(): [name: string, version: number][] {
    return [...this.#vars].map(([name, { current }]) => [name, current]);
  }
}
