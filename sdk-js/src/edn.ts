// Values of JavaScript as text that jank reads.

/** Deeper than any value that is meant; a value that contains itself has no end. */
const MAX_DEPTH = 500;

/** A JavaScript value as the text of a jank value. Throws a TypeError where there is none. */
export function toEdn(value: unknown, depth = 0): string {
  switch (typeof value) {
    case "undefined":
      return "nil";
    case "boolean":
    case "bigint":
      return String(value);
    case "number":
      return numberToEdn(value);
    case "string":
      return stringToEdn(value);
    case "object":
      if (value === null) return "nil";
      if (depth > MAX_DEPTH)
        throw new TypeError("the value is nested too deeply, or contains itself");
      return collectionToEdn(value, depth + 1);
    case "function":
    case "symbol":
    default:
      throw new TypeError(`a ${typeof value} has no jank value`);
  }
}

function collectionToEdn(value: object, depth: number): string {
  const items = (list: Iterable<unknown>) =>
    Array.from(list, (item) => toEdn(item, depth)).join(" ");
  if (Array.isArray(value)) return `[${items(value)}]`;
  if (value instanceof Set) return `#{${items(value)}}`;
  if (ArrayBuffer.isView(value) && Symbol.iterator in value)
    return `[${items(value as unknown as Iterable<unknown>)}]`;
  const entries =
    value instanceof Map
      ? Array.from(value, ([key, item]) => [toEdn(key, depth), item] as const)
      : Object.entries(value).map(([key, item]) => [keyToEdn(key), item] as const);
  return `{${entries.map(([key, item]) => `${key} ${toEdn(item, depth)}`).join(" ")}}`;
}

function numberToEdn(value: number): string {
  if (!Number.isFinite(value)) return `##${value}`.replace("inity", ""); // ##NaN, ##Inf, ##-Inf
  if (Object.is(value, -0)) return "-0.0";
  const text = String(value);
  return Number.isSafeInteger(value) || /[.e]/.test(text) ? text : `${text}.0`;
}

function stringToEdn(value: string): string {
  return `"${value.replace(/[\\"]/g, "\\$&").replaceAll("\0", "\\u0000")}"`;
}

/** A keyword, or a string when no keyword can be written so. */
function keyToEdn(key: string): string {
  return /^[A-Za-z*+!_?<>=.-][\w*+!?<>=.-]*$/.test(key) ? `:${key}` : stringToEdn(key);
}
