// The page: a runtime that follows the server, an editor for one function, a
// call, and figures of what each edit took.

import { connect, formatReport, JankError, type PatchRecord } from "jank-hot-reload";

const client = connect({ name: "demo page" });
/** For the console, and for tests. */
Object.assign(window, { jankDemo: client });

function element<Type extends HTMLElement>(id: string): Type {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found as Type;
}

const source = element<HTMLTextAreaElement>("source");
const evaluate = element<HTMLButtonElement>("evaluate");
const call = element<HTMLButtonElement>("call");
const errorBox = element("error");
const output = element("output");
const counter = element("counter");
const patches = element("patches");

const milliseconds = (ms: number) => `${ms.toFixed(ms < 1 ? 3 : ms < 100 ? 2 : 0)} ms`;
const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(0)} KB`;

// ---- State of runtime and server ---------------------------------------------------

function show(id: string, text: string, state: "good" | "bad" | "wait"): void {
  const badge = element(id);
  badge.textContent = text;
  badge.dataset.state = state;
}

client.ready.then(
  () => show("runtime", `ready in ${performance.now().toFixed(0)} ms`, "good"),
  () => show("runtime", "failed", "bad"),
);
client.on("connect", () => {
  show("server", "connected", "good");
  showError(null); // what is still wrong is said again
  evaluate.disabled = call.disabled = false;
  setTimeout(startCounter);
});
client.on("disconnect", () => {
  show("server", "reconnecting", "bad");
  evaluate.disabled = true;
});
client.on("error", (error) => showError(formatReport(error)));
client.on("mended", () => showError(null));

function showError(text: string | null): void {
  errorBox.hidden = text === null;
  errorBox.textContent = text;
}

function messageOf(error: unknown): string {
  return error instanceof JankError ? formatReport(error.report) : String(error);
}

// ---- The counter: its state is in the program ----------------------------------------

let counting = false;

function startCounter(): void {
  if (counting) return;
  counting = true;
  setInterval(() => {
    try {
      counter.textContent = String(client.invoke("eita/label", client.invoke("eita/tick")));
    } catch (error) {
      counter.textContent = messageOf(error);
    }
  }, 250);
}

// ---- Editing -----------------------------------------------------------------------

/** The first `(defn ggg ...)` of the text, by its parentheses. */
function definition(text: string): string {
  const start = text.indexOf("(defn ggg");
  let depth = 0;
  for (let i = start; i >= 0 && i < text.length; i++) {
    if (text[i] === "(") depth++;
    if (text[i] === ")" && --depth === 0) return text.slice(start, i + 1);
  }
  return text;
}

async function loadSource(): Promise<void> {
  const response = await fetch("src/eita.jank");
  if (source.value === "") source.value = definition(await response.text());
}

async function evaluateSource(): Promise<void> {
  const result = element("edit-result");
  result.textContent = "";
  const started = performance.now();
  try {
    const { value, pages } = await client.jankEval(source.value, { ns: "eita", file: "page" });
    showError(null);
    const where = pages.length > 1 ? ` in ${pages.length} pages` : "";
    result.textContent = `${value}${where}, ${milliseconds(performance.now() - started)}`;
  } catch (error) {
    showError(messageOf(error));
  }
}

evaluate.addEventListener("click", () => void evaluateSource());
source.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  void evaluateSource();
});

// ---- Calling -----------------------------------------------------------------------

client.on("output", ({ text }) => print(text));

function print(text: string): void {
  output.append(text);
  output.scrollTop = output.scrollHeight;
}

function argument(): unknown {
  const text = element<HTMLInputElement>("argument").value.trim();
  return text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

element<HTMLFormElement>("call-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const result = element("call-result");
  delete result.dataset.failed;
  try {
    result.textContent = `= ${JSON.stringify(client.invoke("eita/ggg", argument()))}`;
  } catch (error) {
    result.dataset.failed = "";
    result.textContent = messageOf(error);
  }
  showNumbers();
});

// ---- Figures -----------------------------------------------------------------------

client.on("after-patch", (record) => {
  if (!record.error) showError(null);
  if (record.symbols.length) showSteps(record);
  addRow(record);
  showNumbers();
});

function showSteps(record: PatchRecord): void {
  const steps = ["compileMs", "transferMs", "installMs"] as const;
  const longest = Math.max(...steps.map((step) => record[step]), 0.001);
  for (const step of steps) {
    const row = document.querySelector<HTMLElement>(`[data-step="${step}"]`);
    row?.querySelector("i")?.style.setProperty("--share", `${(100 * record[step]) / longest}%`);
    row?.querySelector("b")?.replaceChildren(milliseconds(record[step]));
  }
}

function addRow({ seq, symbols, ns, bytes, installMs, error }: PatchRecord): void {
  const names = [...new Set(symbols.map(({ name }) => name))];
  const row = document.createElement("tr");
  const cells = [
    String(seq),
    names.join(" ") || `(in ${ns})`,
    String(bytes),
    error ? "refused" : milliseconds(installMs),
  ];
  for (const text of cells) row.insertCell().textContent = text;
  if (error) row.dataset.failed = "";
  patches.prepend(row);
  while (patches.children.length > 100) patches.lastElementChild?.remove();
}

function showNumbers(): void {
  const { installed, failed, reconnects, runtime } = client.stats();
  const numbers: Record<string, string> = {
    "patches installed": String(installed),
    refused: String(failed),
    reconnects: String(reconnects),
    "table slots": `${(runtime?.table_slots ?? 0) - (runtime?.table_free ?? 0)} used`,
    heap: kilobytes(runtime?.heap_bytes ?? 0),
    memory: kilobytes(runtime?.memory_bytes ?? 0),
  };
  element("numbers").replaceChildren(
    ...Object.entries(numbers).map(([term, value]) => {
      const group = document.createElement("div");
      group.append(document.createElement("dt"), document.createElement("dd"));
      group.firstElementChild?.append(term);
      group.lastElementChild?.append(value);
      return group;
    }),
  );
}

void loadSource();
