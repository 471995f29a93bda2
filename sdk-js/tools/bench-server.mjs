// bench-server.mjs - the command jank-hot, as a server that runs.

import { spawn } from "node:child_process";
import { join } from "node:path";
import { DIST } from "./system.mjs";

/** On ports that are free. `printed()`: what it has said until now. */
export async function startCommand(args, cwd) {
  const ports = ["--port", "0", "--ws-port", "0", "--nrepl-port", "0"];
  const child = spawn(process.execPath, [join(DIST, "cli.js"), ...args, ...ports], {
    cwd,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  await new Promise((resolve, reject) => {
    child.on("exit", (code) => reject(new Error(`jank-hot ${args[0]} ended with code ${code}`)));
    child.stdout.on("data", (chunk) => {
      printed += chunk;
      if (printed.includes("nrepl://")) resolve();
    });
  });
  return {
    url: /http:\S+?\/(?=\s|\x1b|$)/.exec(printed)[0],
    nreplPort: Number(/nrepl:\/\/[^:]+:(\d+)/.exec(printed)[1]),
    printed: () => printed,
    stop: () => child.kill(),
  };
}
