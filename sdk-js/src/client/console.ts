// The page's console, told to the server as well.

import type { Runtime } from "../runtime.js";
import type { Channel } from "./channel.js";

type Level = "debug" | "log" | "info" | "warn" | "error";
const LEVELS: Level[] = ["debug", "log", "info", "warn", "error"];
const MAX_LENGTH = 10_000;

/** To the server, but for what the runtime itself writes there. Returns what ends it. */
export function forwardConsole(channel: Channel, runtime: Runtime): () => void {
  const originals = LEVELS.map((level) => [level, console[level]] as const);
  for (const [level, original] of originals)
    console[level] = (...args: unknown[]) => {
      original.apply(console, args);
      if (runtime.isPrinting) return; // that is told as the program's
      const stream = level === "warn" || level === "error" ? "err" : "out";
      channel.output(stream, "console", `${args.map(shown).join(" ")}\n`);
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
