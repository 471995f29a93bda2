// The loop: batches of random inputs until their number or the time is reached.
//
// A target is handed each batch and throws for what must not be: it checks its
// own invariants after every input or, where a live server is asked, after every
// batch. Common to all are bounds on time and memory, and that nothing is thrown
// where nobody waits for it. What was found is told with its seed and saved.

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { mutated, Random, type Material } from "./random.js";

/** Of the project; this file runs as a bundle, in build/ANYTHING/fuzz. */
const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

export interface Session {
  run(inputs: Buffer[], random: Random): Promise<void>;
  close(): Promise<void>;
}

export interface Target {
  name: string;
  /** Folders of the corpus, one input a file; or where else the inputs come from. */
  seeds: string[] | (() => Promise<Buffer[]>);
  words: string[];
  /** Inputs of one batch. */
  batch: number;
  start(): Promise<Session>;
}

export interface Options {
  /** Ends after so many, or after the time. */
  inputs?: number;
  seconds?: number;
  seed?: number;
}

export interface Result {
  inputs: number;
  seconds: number;
  seed: number;
}

const MAX_BATCH_SECONDS = 120;
/** V8 of Node 20 keeps every instance that has imported a table: 20 KB for each patch. */
const INPUTS_OF_SESSION = 10_000;
/** Of the processor: another program's load is no finding. */
const MAX_INPUT_MICROSECONDS = 5_000_000;
const MAX_GROWTH = 512 * 1024 * 1024;

/** What nobody holds any more is no growth. Twice: finalizers let go of more. */
async function collect(): Promise<void> {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  for (let i = 0; i < 2; i++) {
    gc();
    await new Promise((done) => setTimeout(done, 100));
  }
}

function corpus(folders: string[]): Buffer[] {
  return folders.flatMap((folder) => {
    const path = join(ROOT, "sdk-js/test/fuzz/corpus", folder);
    return readdirSync(path)
      .sort()
      .map((name) => readFileSync(join(path, name)));
  });
}

/** Rejects with what was found. */
export async function fuzz(target: Target, options: Options): Promise<Result> {
  const { inputs = Infinity, seconds = Infinity, seed = (Math.random() * 2 ** 32) >>> 0 } = options;
  const seeds = Array.isArray(target.seeds) ? corpus(target.seeds) : await target.seeds();
  const material: Material = { seeds, words: target.words };
  const random = new Random(seed);
  let session = await target.start();
  const loose: unknown[] = [];
  const catchLoose = (error: unknown) => void loose.push(error);
  const events = ["uncaughtException", "unhandledRejection"] as const;
  for (const event of events) process.on(event, catchLoose);
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  const memory = () => process.memoryUsage().rss;
  let least = Infinity;
  let count = 0;
  let batch: Buffer[] = [];
  try {
    while (count < inputs && elapsed() < seconds) {
      batch = Array.from({ length: target.batch }, () => mutated(random, material));
      const before = elapsed();
      await session.run(batch, random);
      count += batch.length;
      if (count % INPUTS_OF_SESSION === 0) {
        await session.close();
        session = await target.start();
      }
      if (loose.length > 0) throw loose[0];
      if (elapsed() - before > MAX_BATCH_SECONDS) throw new Error("a batch took too long");
      least = Math.min(least, memory());
      if (memory() - least > MAX_GROWTH) await collect();
      if (memory() - least > MAX_GROWTH)
        throw new Error(`memory grew by ${memory() - least} bytes`);
    }
  } catch (error) {
    throw new Error(
      `${target.name}, seed ${seed}, after ${count} inputs (${saved(target, batch, error)}): ${
        error instanceof Error ? (error.stack ?? error.message) : String(error)
      }`,
    );
  } finally {
    for (const event of events) process.off(event, catchLoose);
    await session.close();
  }
  return { inputs: count, seconds: elapsed(), seed };
}

/** An error that one input of the batch has caused. */
export class Finding extends Error {
  constructor(
    readonly input: Buffer,
    cause: unknown,
  ) {
    super(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause));
  }
}

/** Where the input is, or the batch that has it somewhere, one a line. */
function saved({ name }: Target, batch: Buffer[], error: unknown): string {
  const folder = join(ROOT, "build/fuzz");
  mkdirSync(folder, { recursive: true });
  const bytes =
    error instanceof Finding
      ? error.input
      : Buffer.from(batch.map((input) => `${input.toString("base64")}\n`).join(""));
  const id = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  const file = `${name}-${error instanceof Finding ? "input" : "batch"}-${id}`;
  writeFileSync(join(folder, file), bytes);
  return `build/fuzz/${file}`;
}

/** For a target that needs nothing but the input: `check` throws for a finding. */
export function eachInput(check: (input: Buffer, random: Random) => void): Session {
  return {
    run: async (inputs, random) => {
      for (const input of inputs) {
        const before = process.cpuUsage();
        try {
          check(input, random);
        } catch (error) {
          throw new Finding(input, error);
        }
        const { user, system } = process.cpuUsage(before);
        if (user + system > MAX_INPUT_MICROSECONDS) throw new Finding(input, "it took over 5 s");
      }
    },
    close: async () => undefined,
  };
}
