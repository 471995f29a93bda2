// Programs that run for as long as a test needs them. They end with the tests'
// process, however that ends: they are in its group, and each has a watch that
// waits for the end of a pipe from it.

import { spawn } from "node:child_process";

const START = 40_000;
const END = 3_000;

/** The promise, or an error after so many milliseconds. */
export function within(limit, what, promise) {
  let timer;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not done after ${limit} ms`)), limit);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

const watch = ({ pid }) =>
  spawn("sh", ["-c", 'read -r _; kill -KILL "$1"', "sh", String(pid)], {
    stdio: ["pipe", "ignore", "ignore"],
  });

/**
 * Starts a program. With `ready`, waits until it prints what that matches; `match`
 * is the match, `end()` ends the program.
 */
export async function startProgram(command, args, { env, ready } = {}) {
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const watching = child.pid && watch(child);
  let output = "";
  const ended = new Promise((resolve) => {
    child.on("error", (error) => resolve((output += error.message)));
    child.on("close", resolve);
  }).finally(() => watching?.kill("SIGKILL"));
  const matched = new Promise((resolve, reject) => {
    const read = (text) => {
      output = (output + text).slice(-10_000);
      const match = ready?.exec(output);
      if (match) resolve(match);
    };
    child.stdout.setEncoding("utf8").on("data", read);
    child.stderr.setEncoding("utf8").on("data", read);
    void ended.then(() => reject(new Error(`${command} ended:\n${output}`)));
  });
  matched.catch(() => undefined);

  async function end() {
    child.kill("SIGTERM");
    await within(END, command, ended).catch(() => child.kill("SIGKILL"));
    await ended;
  }

  try {
    return { match: ready && (await within(START, `${command}: start`, matched)), end };
  } catch (error) {
    await end();
    throw error;
  }
}
