// jank-hot: the command line. Results go to stdout, errors to stderr; the exit
// code is 0, 1 for what went wrong with the code or the server, 2 for wrong usage.

import { resolve } from "node:path";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { isNative } from "../native/toolchain.js";
import { DEFAULT_PORTS } from "../protocol.js";
import { Compiler } from "../compiler.js";
import { JankError, Runtime } from "../runtime.js";
import {
  EVAL_TIMEOUT,
  PortError,
  startServer,
  type RunningServer,
  type ServerOptions,
} from "../server/index.js";
import type { NativeWatcher } from "../server/native.js";
import { bundle, type BundleOptions } from "./bundle.js";
import { demo } from "./demo.js";
import { KINDS, kindsHelp } from "./emit.js";
import { keygen } from "./keygen.js";
import { patch, sourceOf, type PatchOptions } from "./patch.js";
import { publish, type PublishOptions } from "./publish.js";
import { addServerCommands, portFrom } from "./server-commands.js";
import { bold, printError, printReport } from "./terminal.js";
import { UserError } from "../user-error.js";
import { patchNative, watchNative, type WatchOptions } from "./watch.js";

declare const JANK_VERSION: string;

const port = portFrom(0);

/** Of a day at most: Node's own limit is some weeks. */
function timeout(text: string): number {
  const value = Number(text);
  if (!/^\d*\.?\d+$/.test(text) || value > 86400)
    throw new InvalidArgumentError("a time is a number of seconds from 0 to 86400.");
  return value;
}

function patchId(text: string): string {
  if (!/^\w{1,64}$/.test(text))
    throw new InvalidArgumentError("an id is 1 to 64 letters, digits or _.");
  return text;
}

const collect = (value: string, all: string[] = []): string[] => [...all, value];

const program = new Command("jank-hot")
  .description("Hot reload for jank: edit a function, the running page has it.")
  .version(JANK_VERSION)
  .exitOverride()
  .showHelpAfterError("(add --help for what there is)");

interface ServeOptions {
  source?: string[];
  host: string;
  port: number;
  wsPort: number;
  nreplPort: number;
  allowOrigin?: string[];
  allowHost?: string[];
  evalTimeout: number;
  fresh?: boolean;
  log: boolean;
}

program
  .command("serve [folder]")
  .description("Serves a folder, and every change of its .jank files to the pages that are open.")
  .option(
    "-s, --source <folder>",
    "where namespaces are (again for more; default: FOLDER/src)",
    collect,
  )
  .option("--host <address>", "the loopback address to listen on", "127.0.0.1")
  .option("-p, --port <port>", "of HTTP; 0 takes a free one", port, DEFAULT_PORTS.http)
  .option("--ws-port <port>", "of the WebSocket", port, DEFAULT_PORTS.webSocket)
  .option("--nrepl-port <port>", "of nREPL", port, DEFAULT_PORTS.nrepl)
  .option("--allow-origin <origin>", "another origin whose pages may evaluate code", collect)
  .option("--allow-host <name>", "another name of this server", collect)
  .option(
    "--eval-timeout <seconds>",
    "for one form on the server, which is then interrupted; 0: as long as it likes",
    timeout,
    EVAL_TIMEOUT,
  )
  .option("--fresh", "begin a new patch log; pages that are open get everything anew")
  .option(
    "--no-log",
    "keep no patch log in FOLDER/.jank-hot: a server that starts again begins anew",
  )
  .action(async (folder: string | undefined, options: ServeOptions) => {
    await serve(folder, options);
  });

/**
 * Goes on when a timer or promise that a program made in the server's instance fails.
 * `end`: what is to end before it.
 */
async function serve(
  folder: string | undefined,
  options: ServeOptions,
  more: Partial<ServerOptions> = {},
  end: () => Promise<void> | undefined = () => undefined,
): Promise<RunningServer> {
  const server = await startServer({
    root: folder ?? ".",
    ...(options.source && { sources: options.source }),
    host: options.host,
    port: options.port,
    wsPort: options.wsPort,
    nreplPort: options.nreplPort,
    allowedOrigins: options.allowOrigin ?? [],
    allowedHosts: options.allowHost ?? [],
    evalTimeout: options.evalTimeout,
    fresh: options.fresh ?? false,
    persist: options.log,
    portFile: resolve(".nrepl-port"),
    log: (line) => console.log(line),
    ...more,
  });
  console.log(`page   ${bold(`http://localhost:${server.port}/`)}`);
  console.log(`repl   ws://localhost:${server.wsPort}/repl`);
  console.log(
    `nREPL server started on port ${server.nreplPort} on host ${server.host} - ` +
      `nrepl://${server.host}:${server.nreplPort}`,
  );
  for (const event of ["uncaughtException", "unhandledRejection"])
    process.on(event, (error: unknown) => {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      printError(`in the server's own instance: ${text}`);
    });
  const stop = async () => {
    await end();
    await server.close();
    process.exit(0);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => void stop());
  return server;
}

const watching = program
  .command("watch <files...>")
  .description("As serve, and sends every change of C and C++ files (JANK_HOT) to the pages.")
  .option("--module <app.mjs>", "of the bundle that has the program: the server runs it as well")
  .option("--root <folder>", "that is served", ".")
  .option("--cflag <flag>", "for clang (again for more; those of the bundle are known)", collect)
  .option("--emcc <path>", "the Emscripten compiler, whose clang is used (default: on PATH)");
for (const option of program.commands.find((each) => each.name() === "serve")?.options ?? [])
  watching.addOption(option);
watching.action(async (files: string[], options: WatchOptions & ServeOptions) => {
  const started: { watcher?: NativeWatcher } = {};
  started.watcher = await watchNative(files, options, (more) =>
    serve(options.root, options, more, () => started.watcher?.close()),
  );
});

program
  .command("patch [files...]")
  .description("Compiles each file to a patch, <name>_patch.wasm; or one function from --expr.")
  .option("-o, --output-dir <folder>", "where patches are written", ".")
  .option("--patch-id <id>", "names the entry, jank_patch_symbols_<id>", patchId, "1")
  .addOption(
    new Option("--emit <kind>", `what is written: ${kindsHelp}`)
      .choices(Object.keys(KINDS))
      .default("wasm"),
  )
  .option("--cc <compiler>", "of --emit c: clang, or emcc (default: what is found)")
  .option("--name <ns/name>", "without a file: the function to define")
  .option("--params <names>", "its parameters, separated by spaces or commas")
  .option("--expr <code>", "its body")
  .option("--module <app.mjs>", "of C and C++ files: the bundle that has the program")
  .action((files: string[], options: PatchOptions & { module?: string }) =>
    files.some(isNative) ? patchNative(files, options) : patch(files, options),
  );

program
  .command("bundle <files...>")
  .description(
    "Compiles an application (a .jank file, C and C++ files, or both) ahead of time into one\n" +
      "module, which takes patches.",
  )
  .option("-o, --output-dir <folder>", "where it is written", "dist")
  .option("--compiler", "with the compiler in it, so that the page can evaluate code")
  .option("--emcc <path>", "the Emscripten compiler (default: the one on PATH)")
  .addOption(
    new Option("-O, --optimize <level>", "as emcc's")
      .choices(["0", "1", "2", "s", "z"])
      .default("2"),
  )
  .option("--cflag <flag>", "for the C and C++ files (again for more): --cflag=-Iinclude", collect)
  .option("--ldflag <flag>", "for the linker (again for more): --ldflag=-lwebsocket.js", collect)
  .action((files: string[], options: BundleOptions) => bundle(files, options));

/** "90s", "12h", "7d" as milliseconds; of ten years at most. */
function lifetime(text: string): number {
  const [, number, unit] = /^(\d+)(s|m|h|d)$/.exec(text) ?? [];
  const seconds = Number(number) * ({ s: 1, m: 60, h: 3600, d: 86400 }[unit ?? ""] ?? NaN);
  if (!(seconds > 0 && seconds <= 3650 * 86400))
    throw new InvalidArgumentError("a time is as 90s, 30m, 12h or 7d.");
  return seconds * 1000;
}

function positive(text: string): number {
  const value = Number(text);
  if (!/^[1-9]\d*$/.test(text) || value > 1e9)
    throw new InvalidArgumentError("it is a number from 1.");
  return value;
}

program
  .command("publish <sources...>")
  .description("Compiles files and folders to patches and a manifest that any static host serves.")
  .option("-o, --output-dir <folder>", "where they are, version after version", "dist/patches")
  .option("--app <name>", 'the application (default: as before, at first "app")')
  .option("--sign <key>", "a private key of jank-hot keygen (again for more)", collect)
  .option(
    "--expires <time>",
    "after which pages refuse it, as 12h or 7d (default: never)",
    lifetime,
  )
  .option("--renew", "a new version even when nothing has changed, with a new expiry")
  .option("--keep <number>", "of versions, this one among them", positive, 100)
  .option("--epoch <number>", "a higher one begins the numbers anew (default: as before)", positive)
  .option("--runtime <file>", "another runtime it is for: the app.wasm of a bundle", collect)
  .action((sources: string[], options: PublishOptions) => publish(sources, options));

program
  .command("keygen")
  .description("Makes a pair of keys: one to publish with, one that pages know.")
  .option("-o, --output <file>", "of the private key; the public one is <file>.pub", "jank-hot.key")
  .action(keygen);

async function evaluate(code: string, { ns }: { ns: string }): Promise<void> {
  const runtime = await Runtime.load({
    write: (stream, text) => process[stream === "err" ? "stderr" : "stdout"].write(text),
  });
  const result = new Compiler(runtime).eval(code, {
    ns,
    file: "<eval>",
    resolveNamespace: (name) => sourceOf(name, process.cwd()),
  });
  if (result.out) process.stdout.write(result.out.replace(/\n?$/, "\n"));
  if (result.err) process.stderr.write(result.err);
  if (result.error) throw new JankError(result.error);
  console.log(result.value ?? "nil");
}

program
  .command("demo")
  .description("Edits, compiles, loads and calls a function, and says how long each step took.")
  .action(demo);

addServerCommands(program, JANK_VERSION, evaluate);

/** What the file system says is said in its own words; a stack helps nobody. */
function isForPeople(error: unknown): error is Error {
  return (
    error instanceof UserError ||
    error instanceof PortError ||
    (error instanceof Error && "syscall" in error)
  );
}

// Whoever reads the output may stop reading.
process.stdout.on("error", () => undefined);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = 1;
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (error instanceof JankError) printReport(error.report);
  else if (isForPeople(error)) printError(error.message);
  else throw error;
}
