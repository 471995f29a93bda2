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

const DATA_SECTION = 11;

/** The bytes of the constants: the header at the start of the data says where they are. */
export function poolOf(patch: Buffer): Buffer {
  for (let at = 8; at < patch.length;) {
    const id = patch[at++];
    const [size, start] = uleb(patch, at);
    if (id === DATA_SECTION) return poolInData(patch, start);
    at = start + size;
  }
  throw new Error("the patch has no data");
}

/** One segment: 0, the offset as `global.get 0` with its end, and the bytes. */
function poolInData(patch: Buffer, section: number): Buffer {
  const at = patch.indexOf(0x0b, section) + 1;
  const [size, start] = uleb(patch, at);
  const data = patch.subarray(start, start + size);
  const [pool, length] = [data.readUInt32LE(0), data.readUInt32LE(4)];
  return data.subarray(pool, pool + length);
}

function uleb(bytes: Buffer, start: number): [value: number, end: number] {
  let value = 0;
  for (let at = start, shift = 0; ; at++, shift += 7) {
    const byte = bytes[at] ?? 0;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return [value, at + 1];
  }
}
