/** The first bytes of every module. */
export const MAGIC: readonly number[];

/** Bytes of a module, read one after the other: see wasm.mjs. */
export class Reader {
  constructor(bytes: Uint8Array, at?: number, end?: number);
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;
  /** They end early: throws. */
  fail(): never;
  byte(): number;
  u32(): number;
  s32(): number;
  take(size: number): Uint8Array;
  name(): string;
  list<Item>(item: (element: undefined, i: number) => Item): Item[];
}
