// The page's console, told to somebody else as well: what is logged, and errors that
// nobody has caught.

type Level = "debug" | "log" | "info" | "warn" | "error";
const LEVELS: Level[] = ["debug", "log", "info", "warn", "error"];
const MAX_LENGTH = 10_000;

/** Returns what ends it. `isOwn`: what is logged now is told otherwise. */
export function forwardConsole(
  tell: (stream: "out" | "err", text: string) => void,
  isOwn: () => boolean,
): () => void {
  const originals = LEVELS.map((level) => [level, console[level]] as const);
  for (const [level, original] of originals)
    console[level] = (...args: unknown[]) => {
      original.apply(console, args);
      if (isOwn()) return;
      tell(level === "warn" || level === "error" ? "err" : "out", `${args.map(shown).join(" ")}\n`);
    };
  return () => {
    for (const [level, original] of originals) console[level] = original;
  };
}

function shown(value: unknown): string {
  if (typeof value === "string") return value.slice(0, MAX_LENGTH);
  if (value instanceof Error) return value.stack ?? String(value);
  try {
    return (JSON.stringify(value) ?? String(value)).slice(0, MAX_LENGTH);
  } catch {
    return Object.prototype.toString.call(value); // it contains itself
  }
}
