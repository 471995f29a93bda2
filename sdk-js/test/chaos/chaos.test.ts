// Nothing is lost, nothing is applied twice, no page is reloaded: hundreds of edits
// over connections that are cut in the middle of messages, with messages that come
// twice, late and in another order, pages asleep, and a server that is killed again
// and again.
//
// CHAOS_SEED: what happens; CHAOS_EDITS: how many edits. When things happen is not
// in the seed's power: a failure may need some runs to come again.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Compiler, Client, type PatchRecord } from "jank-hot-reload";
import { WebSocket } from "ws";
import { Random } from "../fuzz/random.js";
import { eventually, http, NreplConnection, pause, until } from "../server/harness.js";
import { ServerProcess, type Status } from "./child.js";
import { Network } from "./proxy.js";
import { Program } from "./program.js";

const SEED = Number(process.env.CHAOS_SEED ?? 20_250_711);
const EDITS = Number(process.env.CHAOS_EDITS ?? 300);
const PAGES = 5;
const CALM = 60_000;

// ---- A page --------------------------------------------------------------------

class TestPage {
  readonly client: Client;
  readonly runtime: Promise<unknown>;
  /** Of each var, by what was said after patches. */
  readonly versions = new Map<string, number>();
  /** What was wrong at any time. */
  readonly faults: string[] = [];
  /** What it has evaluated: surely, and perhaps. */
  readonly evaluated: number[] = [];
  readonly asked: number[] = [];
  #epoch: string | null = null;
  #seq = 0;

  constructor(
    readonly name: string,
    url: string,
    readonly network?: Network,
  ) {
    this.client = new Client({
      url,
      name,
      WebSocket: WebSocket as unknown as typeof globalThis.WebSocket,
      backoff: { first: 10, most: 100 },
      heartbeat: 150,
      write: () => undefined,
    });
    this.client.on("after-patch", (record) => this.#patched(record));
    this.runtime = this.client.ready.then(() => {
      new Compiler(this.client.runtime).eval(`(ns page.own) (def state (atom [:${name}]))`);
      return this.client.runtime;
    });
  }

  #patched({ seq, error, changes }: PatchRecord): void {
    const { epoch } = this.client.stats();
    if (epoch === this.#epoch && seq <= this.#seq)
      this.faults.push(`${seq} was applied after ${this.#seq}`);
    this.#epoch = epoch;
    this.#seq = seq;
    if (error) this.faults.push(`${seq} was refused: ${error.message}`);
    for (const { name, from, to } of changes) {
      const last = this.versions.get(name) ?? 0;
      if ((from ?? 0) !== last) this.faults.push(`${seq}: ${name} was ${last}, not ${from}`);
      this.versions.set(name, to ?? 0);
    }
  }

  /** An expression, by way of the server. */
  ask(n: number): void {
    this.asked.push(n);
    this.client
      .jankEval(`(do (swap! app.core/evals conj ${n}) ${n})`, { ns: "user" })
      .then(({ value }) => {
        this.evaluated.push(n);
        if (value !== `${n}`) this.faults.push(`asked for ${n}, was told ${value}`);
      })
      .catch((error: Error) => {
        if (!/connection was lost|went away|client is closed|interrupted/.test(error.message))
          this.faults.push(`asked for ${n}: ${error.message}`);
      });
  }

  numbers(code: string): number[] {
    const { value = "", error } = new Compiler(this.client.runtime).eval(code);
    if (error) this.faults.push(`${code}: ${error.message}`);
    return value.match(/-?\d+/g)?.map(Number) ?? [];
  }

  isCurrent({ epoch, seq }: Status): boolean {
    const stats = this.client.stats();
    return stats.connected && stats.epoch === epoch && stats.seq === seq;
  }
}

// ---- The edits -------------------------------------------------------------------

class Chaos {
  readonly pages: TestPage[] = [];
  /** What was done, for who has to find out. */
  readonly journal: string[] = [];
  readonly program: Program;
  readonly #random: Random;
  #opened = 0;
  #isOver = false;

  constructor(
    readonly server: ServerProcess,
    random: Random,
    program: Program,
  ) {
    this.#random = random;
    this.program = program;
  }

  async openPage(): Promise<void> {
    const network = await Network.open(new Random(this.#random.below(2 ** 31)), this.server.wsPort);
    this.pages.push(new TestPage(`page-${++this.#opened}`, network.url, network));
  }

  closePage(): void {
    const [page] = this.pages.splice(this.#random.below(this.pages.length), 1);
    page?.client.close();
    page?.network?.close();
  }

  close(): void {
    this.#isOver = true;
    for (const { client, network } of this.pages) {
      client.close();
      network?.close();
    }
  }

  // ---- Ways to edit ---------------------------------------------------------------

  save(ns: string): void {
    const name = `${ns.split(".")[1] ?? ""}.jank`;
    writeFileSync(join(this.server.root, "src/app", name), this.program.text(ns));
  }

  async edit(): Promise<void> {
    const kinds: [number, () => Promise<void>][] = [
      [38, () => this.#saveFunctions()],
      [18, () => this.#type()],
      [8, () => this.#undo()],
      [10, () => this.#saveValue()],
      [10, () => this.#saveRun()],
      [4, () => this.#saveBroken()],
      [5, () => this.#saveNew()],
      [4, () => this.#burst()],
      [3, () => this.#killAnyhow()],
    ];
    let at = this.#random.below(100);
    for (const [weight, body] of kinds) if ((at -= weight) < 0) return body();
  }

  /** To some functions of the file; it is right afterwards. */
  #change(ns: string): void {
    const names = this.program.functions(ns);
    for (let n = 1 + this.#random.below(4); n > 0; n--) this.program.edit(this.#random.pick(names));
    this.program.broken.delete(ns);
  }

  /** What was saved is loaded: here, and in the server. */
  async #loaded(...namespaces: string[]): Promise<void> {
    for (const ns of namespaces) this.#note(ns, this.program.load(ns));
    await this.server.until(`what was saved: ${this.journal.at(-1)}`, this.hasVersions);
  }

  readonly hasVersions = ({ vars }: Status): boolean =>
    [...this.program.vars.keys()].every((name) => vars[name] === this.program.versionOf(name));

  #note(what: string, names: string[] = []): void {
    const versions = names.map((name) => `${name} v${this.program.versionOf(name)}`);
    this.journal.push(`${what} ${versions.join(" ")}`);
  }

  async #saveFunctions(): Promise<void> {
    const ns = this.#random.pick(["app.a", "app.b", "app.c", "app.typed"]);
    this.#change(ns);
    this.save(ns);
    await this.#dieSometimes();
    await this.#loaded(ns);
  }

  async #saveNew(): Promise<void> {
    const ns = this.#random.pick(["app.a", "app.b", "app.c"]);
    this.program.edit(this.program.newName(ns));
    this.program.broken.delete(ns);
    this.save(ns);
    await this.#loaded(ns);
  }

  async #saveValue(): Promise<void> {
    this.#change("app.values");
    this.save("app.values");
    await this.#dieSometimes();
    await this.#loaded("app.values");
  }

  async #saveRun(): Promise<void> {
    const { seq } = await this.server.status();
    this.program.run();
    this.program.broken.delete("app.runs");
    this.save("app.runs");
    this.#note(`run ${this.program.runs.at(-1)}`);
    await this.#dieSometimes();
    await this.server.until("what runs once", (status) => status.seq > seq);
  }

  async #saveBroken(): Promise<void> {
    const ns = this.#random.pick(["app.a", "app.b", "app.c", "app.values"]);
    const mark = `broken-${this.program.number()}`;
    this.#change(ns);
    const text = this.#random.pick([`(${mark})`, `(throw (ex-info "${mark}" {}))`]);
    this.program.broken.set(ns, text);
    this.save(ns);
    this.#note(`${ns} is broken`);
    await this.server.until(`the error of ${mark}`, ({ errors }) =>
      errors.some(({ message }) => message.includes(mark)),
    );
  }

  /** Code to the server; its answer may be late: sleeping pages are waited for. */
  #send(ns: string, code: string): void {
    const { port, nreplPort } = this.server;
    const isPost = this.#random.below(2) === 0;
    const sending = isPost
      ? http(port, "/eval", { method: "POST", body: `(ns ${ns}) ${code}` })
      : request(nreplPort, { op: "eval", ns, code });
    sending.catch(() => undefined); // killed
  }

  async #type(): Promise<void> {
    const ns = this.#random.pick(["app.typed", "app.typed", "app.a", "app.b", "app.c"]);
    const names = [...this.program.vars.keys()].filter((name) => name.startsWith(`${ns}/`));
    const isNew = this.#random.below(4) === 0 && ns === "app.typed";
    const name = isNew ? `app.typed/n${this.program.number()}` : this.#random.pick(names);
    const definition = this.program.define(name);
    const version = (this.program.vars.get(name)?.newest ?? 0) + 1;
    this.#send(ns, definition.text);
    if (await this.#dieSometimes()) {
      const { vars } = await this.server.status();
      if (vars[name] !== version) this.#send(ns, definition.text);
    }
    this.program.live(name, definition);
    this.#note("typed", [name]);
    await this.server.until(`what was typed: ${name}`, this.hasVersions);
  }

  async #undo(): Promise<void> {
    const names = [...this.program.vars.keys()].filter((name) => this.program.canUndo(name));
    if (!names.length) return;
    const name = this.#random.pick(names);
    const before = this.program.versionOf(name);
    const undo = () => {
      const { nreplPort } = this.server;
      request(nreplPort, { op: "jank/undo", vars: [name] }).catch(() => undefined);
    };
    undo();
    if (await this.#dieSometimes()) {
      const { vars } = await this.server.status();
      if (vars[name] === before) undo();
    }
    this.program.undo(name);
    this.#note("undone", [name]);
    await this.server.until(`what was undone: ${name}`, this.hasVersions);
  }

  /** One upon the other, in several files. */
  async #burst(): Promise<void> {
    const namespaces = ["app.a", "app.b", "app.c", "app.typed"].slice(this.#random.below(3));
    for (const ns of namespaces) {
      this.#change(ns);
      this.save(ns);
    }
    await this.#loaded(...namespaces);
  }

  // ---- Death ----------------------------------------------------------------------

  /** Directly after something was sent. */
  async #dieSometimes(): Promise<boolean> {
    if (this.#random.below(40) > 0) return false;
    await pause(this.#random.below(120));
    await this.server.kill();
    await this.server.start();
    this.#note("killed");
    return true;
  }

  /** And edited while it is down. */
  async #killAnyhow(): Promise<void> {
    await this.server.kill();
    await pause(this.#random.below(300));
    const ns = this.#random.pick(["app.a", "app.b", "app.c", "app.values"]);
    const isEdited = this.#random.below(2) === 0;
    if (isEdited) {
      this.#change(ns);
      this.save(ns);
    }
    await this.server.start();
    this.#note(`killed, ${isEdited ? "and edited" : "not edited"}:`);
    if (isEdited) await this.#loaded(ns);
  }

  // ---- Meanwhile --------------------------------------------------------------------

  /** What the pages do, until it is over. */
  async disturb(): Promise<void> {
    while (!this.#isOver) {
      await pause(this.#random.below(60));
      const page = this.#random.pick(this.pages);
      const what = this.#random.below(100);
      const { connected, queued, seq } = page.client.stats();
      // What is asked in between is lost with the connection: now and then only.
      const isAsking = seq > 0 && queued < 5 && (connected || what < 5);
      if (what < 60 && isAsking) page.ask(this.program.number());
      else if (what >= 97) page.network?.sleep(this.#random.below(3000));
    }
  }

  /** Ends all that is bad, and waits until every page has everything. */
  async calm(): Promise<void> {
    this.#isOver = true;
    for (const { network } of this.pages) network?.calm();
    const { server, pages } = this;
    const isReady = async () => {
      const status = await server.status();
      return pages.every((page) => page.isCurrent(status) && page.client.stats().queued === 0);
    };
    await eventually("all pages", isReady, CALM);
  }
}

async function request(port: number, fields: Parameters<NreplConnection["request"]>[0]) {
  const connection = await NreplConnection.open(port);
  try {
    return await connection.request(fields);
  } finally {
    connection.destroy();
  }
}

const hasNoDoubles = (numbers: number[]) => new Set(numbers).size === numbers.length;

// ---- The test ----------------------------------------------------------------------

/** What a page must be at the end. */
async function check(chaos: Chaos, page: TestPage, status: Status): Promise<void> {
  const { program } = chaos;
  const { name, client } = page;
  assert.deepEqual(page.numbers(program.question), program.answer, `${name}: values`);
  const expected = Object.entries(status.vars).filter(([, version]) => version > 0);
  const versions = [...page.versions].filter(([, version]) => version > 0);
  assert.deepEqual(new Map(versions), new Map(expected), `${name}: versions`);
  const seen = page.numbers("@app.core/seen");
  assert.ok(hasNoDoubles(seen), `${name}: run twice: ${seen.join(" ")}`);
  assert.deepEqual(
    program.runs.filter((n) => !seen.includes(n)),
    [],
    `${name}: not run`,
  );
  const evals = page.numbers("@app.core/evals");
  assert.ok(hasNoDoubles(evals), `${name}: evaluated twice: ${evals.join(" ")}`);
  assert.ok(
    page.evaluated.every((n) => evals.includes(n)) && evals.every((n) => page.asked.includes(n)),
    `${name}: evaluated ${evals.join(" ")}, was told ${page.evaluated.join(" ")}`,
  );
  assert.equal(client.runtime, await page.runtime, `${name}: another runtime`);
  assert.equal(new Compiler(client.runtime).eval("@page.own/state").value, `[:${name}]`);
  assert.deepEqual(page.faults, [], name);
}

/** As the server's own instance has them: its page is the server. */
async function answerOfServer({ nreplPort }: ServerProcess, question: string): Promise<number[]> {
  const connection = await NreplConnection.open(nreplPort);
  try {
    const session = await connection.clone();
    await connection.request({ op: "eval", session, code: '(jank.repl/select "server")' });
    const answers = await connection.request({ op: "eval", session, code: question });
    const value = answers.find((answer) => "value" in answer)?.value as string | undefined;
    return value?.match(/-?\d+/g)?.map(Number) ?? [];
  } finally {
    connection.destroy();
  }
}

async function run(t: { after: (body: () => void | Promise<void>) => void }): Promise<string[]> {
  const random = new Random(SEED);
  const program = new Program(random);
  const root = mkdtempSync(join(tmpdir(), "jank-hot-chaos-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, "src/app"), { recursive: true });
  for (const ns of program.namespaces)
    writeFileSync(join(root, `src/app/${ns.slice(4)}.jank`), program.text(ns));
  const server = await ServerProcess.start(root);
  t.after(() => server.end());
  const chaos = new Chaos(server, random, program);
  t.after(() => chaos.close());
  try {
    for (let i = 0; i < PAGES; i++) await chaos.openPage();
    await Promise.all(chaos.pages.map(({ runtime }) => runtime));
    const disturbing = chaos.disturb();
    for (let i = 0; i < EDITS; i++) {
      if (i === Math.floor(EDITS / 2)) await chaos.openPage();
      if (i === Math.floor(EDITS / 3)) chaos.closePage();
      await chaos.edit();
    }
    await chaos.calm();
    await disturbing;
    const status = await server.status();
    assert.ok(chaos.hasVersions(status), "the server's versions");
    assert.deepEqual(await answerOfServer(server, program.question), program.answer, "the server");
    for (const page of chaos.pages) await check(chaos, page, status);
    const fresh = new TestPage("fresh", `ws://localhost:${server.wsPort}/repl`);
    chaos.pages.push(fresh);
    await until("the fresh page", () => fresh.isCurrent(status));
    await check(chaos, fresh, status);
    const { size } = statSync(join(root, ".jank-hot/patches.jsonl"));
    assert.ok(size < 20 * 1024 * 1024, `the log has ${size} bytes`);
    const counts = { cuts: 0, stalls: 0, copies: 0, delays: 0 };
    for (const { network } of chaos.pages)
      for (const key of Object.keys(counts) as (keyof typeof counts)[])
        counts[key] += network?.counts[key] ?? 0;
    const told = chaos.pages.reduce((sum, { evaluated }) => sum + evaluated.length, 0);
    const asked = chaos.pages.reduce((sum, page) => sum + page.asked.length, 0);
    return [`${server.kills} kills, ${JSON.stringify(counts)}, ${told} of ${asked} evaluations`];
  } catch (error) {
    const recent = chaos.journal.slice(-15).join("\n  ");
    const said = server.lines
      .join("")
      .replace(/^(page (connected|gone)|in the page).*\n/gm, "")
      .slice(-2500);
    throw new Error(`CHAOS_SEED=${SEED}\nlast edits:\n  ${recent}\nserver:\n${said}`, {
      cause: error,
    });
  }
}

test("every page has the newest of everything, once, whatever network and server do", async (t) => {
  for (const line of await run(t)) t.diagnostic(line);
});
