// What data from outside looks like, said once: a table of checks, from which TypeScript
// has the type.
//
//   const place = { file: text, line: optional(count) };
//   interface Place extends Shape<typeof place> {}      { file: string; line?: number }
//   shape<Place>(place)                                 a check of its own, for other tables
//   wrongField(value, place)                            "file": it is missing, or no text
//
// More fields than the table has do no harm. What makes checks has no effect, and says
// so: a bundler leaves out tables that nobody asks.

export type Check<T> = (value: unknown) => value is T;

export type Table = Record<string, Check<unknown>>;

/** What a check lets through. */
export type Checked<C> = C extends Check<infer T> ? T : never;

type Possible<T> = { [K in keyof T]: undefined extends Checked<T[K]> ? K : never }[keyof T];
// In steps over keys of T: so TypeScript keeps the comment of each field.
type With<T, K extends keyof T> = { [P in K]: Checked<T[P]> };
type Perhaps<T, K extends keyof T> = { [P in K]?: Exclude<Checked<T[P]>, undefined> };
type Flat<T> = { [P in keyof T]: T[P] };

/** The objects that a table lets through. */
export type Shape<T> = Flat<With<T, Exclude<keyof T, Possible<T>>> & Perhaps<T, Possible<T>>>;

export const text: Check<string> = (value) => typeof value === "string";

export const number: Check<number> = (value): value is number => Number.isFinite(value);

/** A whole number from 0. */
export const count: Check<number> = (value): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;

/* @__NO_SIDE_EFFECTS__ */
export function nullable<T>(check: Check<T>): Check<T | null> {
  return (value) => value === null || check(value);
}

/** The field may be missing. */
/* @__NO_SIDE_EFFECTS__ */
export function optional<T>(check: Check<T>): Check<T | undefined> {
  return (value) => value === undefined || check(value);
}

/* @__NO_SIDE_EFFECTS__ */
export function listOf<T>(check: Check<T>): Check<T[]> {
  return (value) => Array.isArray(value) && value.every(check);
}

/* @__NO_SIDE_EFFECTS__ */
export function oneOf<const T extends string>(...values: T[]): Check<T> {
  return (value): value is T => values.includes(value as T);
}

/** An object with the fields of the table, which has those of `T`. */
/* @__NO_SIDE_EFFECTS__ */
export function shape<T extends object>(
  table: { [K in keyof T]-?: Check<T[K]> } & Table,
): Check<T> {
  return (value): value is T =>
    typeof value === "object" && value !== null && wrongField(value, table) === undefined;
}

/** A table with the fields of both. */
/* @__NO_SIDE_EFFECTS__ */
export function extend<T, More>(table: T, more: More): T & More {
  return { ...table, ...more };
}

/** The first field that is missing or wrong. */
export function wrongField(value: object, table: Table): string | undefined {
  return Object.keys(table).find((field) => !table[field]!(value[field as never]));
}
