// The engine in Node: the main module and the core library from files.

import { existsSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { startEngine as start } from "./engine.mjs";

const CORE = new URL("../../../sdk-c/core/", import.meta.url);

function readCore(ns) {
  const file = new URL(`${ns.replaceAll(".", "/").replaceAll("-", "_")}.jank`, CORE);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

export async function startEngine(modulePath) {
  const { default: createJank } = await import(pathToFileURL(modulePath).href);
  return start(createJank, readCore);
}
