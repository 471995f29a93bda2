// The tests' HTTP server, on loopback: gives a page its task, and waits for the
// result that it posts. A page is told its number in its address.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";

const TESTS = fileURLToPath(new URL("../", import.meta.url));
const TYPES = { ".mjs": "text/javascript", ".wasm": "application/wasm" };
const PAGE = `<!doctype html>
<meta charset="utf-8">
<link rel="icon" href="data:,">
<title>jank</title>
<script>
  const post = (result) =>
    fetch("/result" + location.search, { method: "POST", body: JSON.stringify(result) });
  addEventListener("error", ({ message }) => post({ error: message ?? "not loaded" }), true);
</script>
<script type="module" src="/tests/browsers/page.mjs"></script>
`;

const textOf = async (request) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

/** Serves the main module at `modulePath`, too. */
export async function startServer(modulePath) {
  const folders = { tests: TESTS, module: dirname(modulePath) };
  const runs = [];

  function sendFile(pathname, response) {
    const [, folder, rest] = /^\/(\w+)\/([\w./-]+)$/.exec(pathname) ?? [];
    const type = TYPES[extname(pathname)];
    let body;
    try {
      body = type && folders[folder] && readFileSync(join(folders[folder], rest));
    } catch {
      // not there
    }
    if (!body) return response.writeHead(404).end();
    response.writeHead(200, { "Content-Type": type }).end(body);
  }

  async function answer(request, response) {
    const { pathname, searchParams } = new URL(request.url, "http://localhost");
    const run = runs[searchParams.get("run")];
    if (pathname === "/") {
      response.writeHead(200, { "Content-Type": "text/html" }).end(PAGE);
    } else if (pathname === "/task" && run) {
      response.writeHead(200, { "Content-Type": "application/json" }).end(run.task);
    } else if (pathname === "/result" && run && request.method === "POST") {
      const text = await textOf(request);
      response.writeHead(204).end();
      run.done(JSON.parse(text));
    } else sendFile(pathname, response);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    /** The address of a page for the task, and what becomes of it. */
    add(task) {
      const run = { task: JSON.stringify(task) };
      run.result = new Promise((resolve) => (run.done = resolve));
      const number = runs.push(run) - 1;
      return {
        url: `http://127.0.0.1:${server.address().port}/?run=${number}`,
        result: run.result,
      };
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
