// What the tools share: the folders of the project, programs that are run with
// one line of progress per step, packages of the system, and a lock, so that two
// commands at a time don't set up or build the same thing.
//
// Node's own modules only: this runs before anything is installed.

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism } from "node:os";
import { delimiter, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url)).replace(/\/$/, "");
export const TOOLCHAIN = join(ROOT, ".toolchain");
export const BUILD = join(ROOT, "build");
export const DIST = join(ROOT, "sdk-js/dist");
export const CORES = availableParallelism();

/** A failure that is told to the user as it stands, without a stack. */
export class UserError extends Error {}

export const seconds = (start) => `${((performance.now() - start) / 1000).toFixed(1)} s`;

/** Runs `body` and prints `title ... 1.2 s`. */
export async function step(title, body) {
  const start = performance.now();
  process.stdout.write(`${title} ... `);
  try {
    const result = await body();
    console.log(seconds(start));
    return result;
  } catch (error) {
    console.log("failed");
    throw error;
  }
}

// Programs under a time limit are groups of their own, so that they end whole.
const groups = new Set();

function killGroup(pid) {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // it has ended
  }
}

process.on("exit", () => groups.forEach(killGroup));

function endGroupsOnSignals() {
  if (groups.size > 0) return;
  for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 })) {
    if (process.listenerCount(signal) === 0) process.on(signal, () => process.exit(code));
  }
}

/**
 * Runs a program; gives its standard output, throws with all its output. `limit`
 * is in seconds: whatever runs longer is ended, with all that it started.
 */
export function run(command, args, { cwd = ROOT, env, limit } = {}) {
  return new Promise((resolve, reject) => {
    if (limit) endGroupsOnSignals();
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: limit !== undefined,
    });
    let out = "";
    let all = "";
    let timer;
    let late = false;
    if (limit && child.pid) {
      groups.add(child.pid);
      timer = setTimeout(() => ((late = true), killGroup(child.pid)), limit * 1000);
    }
    child.stdout.setEncoding("utf8").on("data", (text) => ((out += text), (all += text)));
    child.stderr.setEncoding("utf8").on("data", (text) => (all += text));
    child.on("error", (error) => reject(new UserError(`${command}: ${error.message}`)));
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      groups.delete(child.pid);
      if (code === 0) return resolve(out);
      const end = late ? `not done after ${limit} s` : (signal ?? `exit code ${code}`);
      const shown = [command, ...args].join(" ");
      const line = shown.length > 300 ? `${shown.slice(0, 300)} ...` : shown;
      const error = new UserError(`${all.trimEnd()}\n${line}: ${end}`);
      reject(Object.assign(error, { output: all, late }));
    });
  });
}

/** The path of a program, or undefined. */
export function which(name) {
  const folders = (process.env.PATH ?? "").split(delimiter).concat("/usr/bin", "/usr/sbin");
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

function osRelease() {
  try {
    const lines = readFileSync("/etc/os-release", "utf8").matchAll(/^(\w+)="?(.*?)"?$/gm);
    return Object.fromEntries([...lines].map(([, key, value]) => [key, value]));
  } catch {
    return {};
  }
}

/** Debian's release number (12, 13, ...), or undefined on another system. */
export function debianRelease() {
  const { ID, VERSION_ID } = osRelease();
  return ID === "debian" && which("apt-get") ? Number(VERSION_ID ?? Infinity) : undefined;
}

let updated = false;

/** Installs packages of the system with apt-get, as root or through sudo. */
export async function aptInstall(packages) {
  const root = process.getuid?.() === 0;
  const by = `sudo apt-get install ${packages.join(" ")}`;
  if (!root && (!which("sudo") || spawnSync("sudo", ["-n", "true"]).status !== 0)) {
    throw new UserError(
      `This needs packages of the system, and sudo asks for a password. Run\n  ${by}\nand then this command again.`,
    );
  }
  const apt = (...args) =>
    run(root ? "apt-get" : "sudo", root ? args : ["-n", "apt-get", ...args], {
      env: { DEBIAN_FRONTEND: "noninteractive" },
    });
  await step(`setup: packages ${packages.join(" ")}`, async () => {
    if (!updated) await apt("update", "-q");
    updated = true;
    await apt(
      "install",
      "-y",
      "-q",
      "-o",
      "DPkg::Lock::Timeout=300",
      "--no-install-recommends",
      ...packages,
    );
  });
}

const alive = (pid) => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
};

/** Runs `body` while no other process runs one under the same name. */
export async function withLock(name, body) {
  const file = join(ROOT, "build", `${name}.lock`);
  mkdirSync(dirname(file), { recursive: true });
  for (let told = false; ;) {
    try {
      writeFileSync(file, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const owner = Number(readText(file));
    // An empty file is one that is being written, unless it stays so.
    const stale = owner ? !alive(owner) : Date.now() - (mtime(file) ?? 0) > 5000;
    if (stale) rmSync(file, { force: true });
    else {
      if (!told) console.log(`${name}: waiting for another process (${owner})`);
      told = true;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
  try {
    return await body();
  } finally {
    rmSync(file, { force: true });
  }
}

export function readText(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** Files below a folder whose paths, from there and with slashes, match; sorted. */
export function filesIn(folder, ending = /./) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, path, name }) => relative(folder, join(parentPath ?? path, name)))
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => ending.test(name))
    .sort();
}

/**
 * Runs `body` of all items, some at a time. Out: the results, in the items' order; all
 * errors are told, not just the first.
 */
export async function each(items, body, width = CORES) {
  const results = [];
  const errors = [];
  const queue = [...items.entries()];
  const worker = async () => {
    for (let next; (next = queue.shift());) {
      const [i, item] = next;
      await body(item).then(
        (result) => (results[i] = result),
        (error) => errors.push(error),
      );
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  if (errors.length === 0) return results;
  errors[0].message = errors.map(({ message }) => message).join("\n\n");
  throw errors[0];
}

export const mtime = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs;

export function hash(...parts) {
  const digest = createHash("sha256");
  for (const part of parts) digest.update(part).update("\0");
  return digest.digest("hex").slice(0, 32);
}

/** Runs the tool `main`; errors for the user are printed without a stack. */
export async function runTool(main) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof UserError ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}

/**
 * What a tool was called with: `values` of its options (as of node:util's parseArgs),
 * and `positionals`. --help prints `usage` and ends the tool; what is not known is an error.
 */
export function commandLine(usage, options = {}, allowPositionals = false) {
  let parsed;
  try {
    const help = { type: "boolean", short: "h" };
    parsed = parseArgs({ options: { ...options, help }, allowPositionals });
  } catch (error) {
    throw new UserError(`${error.message}\n${usage}`);
  }
  if (!parsed.values.help) return parsed;
  console.log(usage);
  process.exit();
}

export const isMain = (url) => process.argv[1] === fileURLToPath(url);

/** What `find` finds; else Debian's packages are installed, and it is found then. */
export async function findOrInstall(find, packages, help) {
  const present = await find();
  if (present) return present;
  if (debianRelease()) {
    await withLock("setup", async () => (await find()) || aptInstall(packages));
  }
  const found = await find();
  if (!found) throw new UserError(help);
  return found;
}
