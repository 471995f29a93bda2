// What the fixtures promise. Every test passes, in this order and in any other.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "jank-hot-reload/playwright";

const CORE = "src/app/core.jank";
const replace = (from, to) => (text) => text.replace(from, to);
const plusTwo = replace("(+ n 1)", "(+ n 2)");
const only = (condition) =>
  `(def there (if ${condition} (throw (ex-info "not in a page" {})) :well))`;
const IN_PAGES = only("(.-document js/globalThis)");

test("an edit is live in every page when patch returns, and state is kept", async ({
  context,
  jank,
}) => {
  const pages = [await context.newPage(), await context.newPage()];
  for (const page of pages) {
    await jank.open(page);
    expect(await jank.invoke(page, "app.core/add", 1)).toBe(2);
  }
  await jank.patch(CORE, plusTwo);
  for (const page of pages) expect(await jank.invoke(page, "app.core/add", 1)).toBe(5);
  await jank.patch("app/core.jank", replace("(+ n 2)", "(+ n 3)"));
  expect(await jank.invoke(pages[0], "app.core/step", 1)).toBe(4);
});

for (const round of [1, 2])
  test(`edits and definitions of one test are gone in the next, round ${round}`, async ({
    page,
    jank,
    jankServer,
  }) => {
    const path = join(jankServer.root, CORE);
    expect(readFileSync(path, "utf8")).toContain("(+ n 1)");
    await jank.open(page);
    expect(await jank.eval("[(resolve 'user/mine) @app.core/total]", { page })).toBe("[nil 0]");
    await jank.eval("(def mine 1) (swap! app.core/total inc)", { page });
    await jank.eval("(in-ns 'app.core) (defn step [n] :typed)");
    await jank.patch(CORE, plusTwo);
    await jank.patch("src/app/new.jank", "(ns app.new) (def x 1)");
    expect(await jank.eval("app.new/x", { page })).toBe("1");
    writeFileSync(join(jankServer.root, "left.txt"), "something");
  });

test("a file of the options is there beside the root's", async ({ jank }) => {
  expect(await jank.eval("extra/text")).toBe('"a file more"');
});

test("eval gives the printed value, in a namespace, in a page, and rejects with the report", async ({
  context,
  jank,
}) => {
  expect(await jank.eval('(+ 1 2) [:a "b"]')).toBe('[:a "b"]');
  expect(await jank.eval("(step 1)", { ns: "app.core" })).toBe("2");
  const [first, second] = [await context.newPage(), await context.newPage()];
  await jank.open(first);
  await jank.open(second);
  await jank.eval("(app.core/add 10)", { page: first });
  expect(await jank.eval("@app.core/total", { page: first })).toBe("11");
  expect(await jank.eval("@app.core/total", { page: second })).toBe("0");
  await expect(jank.eval("(inc :a)", { page: first })).rejects.toThrow(/ClassCastException|:a/);
  await expect(jank.eval("\n(boom)", { page: first })).rejects.toThrow(/<test>:2:\d+: .*boom/);
  await expect(jank.eval("(")).rejects.toThrow(/EOF/);
});

const VALUES = [
  ...[null, true, 0, -7, 1.5, 2 ** 40, "", 'a "quoted" \\ text\n', "äöü 🙂 \u2028"],
  ...[[1, [2, []]], { a: { b: [null] } }, {}],
];

test("invoke takes and gives JSON values", async ({ page, jank }) => {
  await jank.open(page);
  for (const value of VALUES)
    expect(await jank.invoke(page, "app.core/echo", value)).toEqual(value);
  await jank.eval("(defn kinds [] {:k :key 's #{1} \"t\" '(1 2)}) (defn sum [& xs] (apply + xs))");
  expect(await jank.invoke(page, "user/kinds")).toEqual({ k: "key", s: [1], t: [1, 2] });
  expect(await jank.invoke(page, "user/sum", 1, 2, 3)).toBe(6);
  for (const name of ["sum", "a b/c", "user/(sum)", "", "/"])
    await expect(jank.invoke(page, name)).rejects.toThrow("is no name like");
  await expect(jank.invoke(page, "user/sum", () => 1)).rejects.toThrow(/function/);
  await expect(jank.invoke(page, "user/none")).rejects.toThrow(/user\/none/);
});

test("a bad edit is refused with its place, and can be expected or caught", async ({
  page,
  jank,
}) => {
  await jank.open(page);
  const bad = replace("(+ n 1)", "(+ m 1)");
  const report = await jank.expectRefused(() => jank.patch(CORE, bad));
  expect(report).toMatch(/core\.jank:5:19: CompilerException: .*symbol: m/);
  expect(await jank.invoke(page, "app.core/step", 1)).toBe(2);
  await jank.patch(CORE, replace("(+ m 1)", "(+ n 5)"));
  await expect(jank.patch(CORE, replace("(+ n 5)", "(+ k 5)"))).rejects.toThrow(/symbol: k/);
  expect(await jank.invoke(page, "app.core/step", 1)).toBe(6);
});

test("what only a page refuses is told, and can be expected", async ({ page, jank }) => {
  await jank.open(page);
  await expect(jank.eval(IN_PAGES)).rejects.toThrow("not in a page");
  const report = await jank.expectRefused(() =>
    fetch(`${jank.url}eval`, { method: "POST", body: IN_PAGES }),
  );
  expect(report).toMatch(/in the page "counter": .*not in a page/);
});

test("expectRefused rejects when all is accepted, and passes on what is no refusal", async ({
  page,
  jank,
}) => {
  await jank.open(page);
  const accepted = jank.expectRefused(() => jank.patch(CORE, plusTwo), { timeout: 200 });
  await expect(accepted).rejects.toThrow("waited in vain for something to be refused, 200 ms");
  const own = jank.expectRefused(() => {
    throw new TypeError("of the test");
  });
  await expect(own).rejects.toThrow("of the test");
});

test("patch says what it cannot edit", async ({ jank }) => {
  const failing = [
    [CORE, (text) => text, "leaves src/app/core.jank as it was"],
    ["src/none.jank", (text) => `${text} `, "there is no src/none.jank"],
    ["index.html", "x", "is no source file"],
    ["../outside.jank", "x", "is in no source folder"],
    ["other.jank", () => "x", "there is no other.jank"],
  ];
  for (const [file, edit, message] of failing)
    await expect(jank.patch(file, edit)).rejects.toThrow(message);
});

test("waitForPatch gives what a page has installed, whoever sent it", async ({
  page,
  jank,
  jankServer,
}) => {
  await jank.open(page);
  const waiting = jank.waitForPatch(({ names }) => names.includes("app.core/step"));
  const path = join(jankServer.root, CORE);
  writeFileSync(path, plusTwo(readFileSync(path, "utf8"))); // an editor of somebody else
  const { page: where, names, installMs } = await waiting;
  expect(where.name).toBe("counter");
  expect(names).toEqual(["app.core/step"]);
  expect(installMs).toBeGreaterThanOrEqual(0);
  const never = jank.waitForPatch(() => false, { timeout: 100 });
  await expect(never).rejects.toThrow("waited in vain for a patch, 100 ms");
});

test("the server can be stopped and started, and the page comes back", async ({
  page,
  jank,
  jankServer,
}) => {
  await jank.open(page);
  await jank.invoke(page, "app.core/add", 1);
  const { url } = jank;
  await jankServer.stop();
  await expect(jank.eval("1")).rejects.toThrow("the jank server is stopped");
  await expect(jank.patch(CORE, plusTwo)).rejects.toThrow("the jank server is stopped");
  await jankServer.start();
  expect(jank.url).toBe(url);
  expect(await jank.invoke(page, "app.core/add", 1)).toBe(4);
});

test("pages of a context that the test made itself", async ({ browser, jank }) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await expect(jank.eval("1", { page })).rejects.toThrow("jank.follow(context) is missing");
  await jank.open(page);
  expect(await jank.eval("(app.core/step 1)", { page })).toBe("2");
  await context.close();
});
