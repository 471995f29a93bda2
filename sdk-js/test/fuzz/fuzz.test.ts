// Each target for some seconds. `node sdk-js/tools/fuzz.mjs` runs them for longer.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzz } from "./fuzz.js";
import { TARGETS } from "./targets.js";

const SECONDS = 3;

for (const target of TARGETS)
  test(`${target.name}: whatever comes, nothing falls over`, async (t) => {
    const { inputs, seed } = await fuzz(target, { seconds: SECONDS });
    t.diagnostic(`${target.name}: ${inputs} inputs, seed ${seed}`);
    assert.ok(inputs > 500, `${inputs} inputs`);
  });
