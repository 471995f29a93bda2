// For sdk-js/tools/fuzz.mjs: the targets by name, and one run of one of them.

import { fuzz, type Options, type Result } from "./fuzz.js";
import { TARGETS } from "./targets.js";

export const NAMES = TARGETS.map(({ name }) => name);

export async function run(name: string, options: Options): Promise<Result> {
  const target = TARGETS.find((each) => each.name === name);
  if (!target) throw new Error(`no target ${name}`);
  return fuzz(target, options);
}

export { patchSeeds } from "./targets.js";
