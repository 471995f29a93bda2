// Tests that have to fail, each with the message in its title.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "jank-hot-reload/playwright";

const CORE = "src/app/core.jank";

test("refused, and not expected .*core\\.jank:5:19: CompilerException: .*symbol: m", async ({
  page,
  jank,
  jankServer,
}) => {
  await jank.open(page);
  const path = join(jankServer.root, CORE);
  writeFileSync(path, readFileSync(path, "utf8").replace("(+ n 1)", "(+ m 1)"));
  await expect.poll(() => jankServer.lines.join("\n")).toContain("symbol: m");
});

test('refused, and not expected .*in the page "counter": .*not in a page', async ({
  page,
  jank,
}) => {
  await jank.open(page);
  const code = `(def there (if (.-document js/globalThis) (throw (ex-info "not in a page" {})) 1))`;
  const response = await fetch(`${jank.url}eval`, { method: "POST", body: code });
  expect(response.ok).toBe(true);
});

test("<test>:1:\\d+: .*Unable to resolve symbol: boom", async ({ jank }) => {
  await jank.eval("(boom)");
});
