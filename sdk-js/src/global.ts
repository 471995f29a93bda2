// The script tag: one file that defines the global `JankHotReload`, and once a
// runtime is started the original's globals as well.
//
//   <script src="jank-hot-reload.global.js" data-url="ws://localhost:7888/repl"></script>
//
//   data-url      the server to connect to. Without it nothing is connected:
//                 call JankHotReload.connect or JankHotReload.load
//   data-token    the server's token, if it asks for one: see ConnectOptions
//   data-auto     "false": connect only when JankHotReload.connect() is called
//   data-compiler "local": the page compiles by itself; there is no server
//   data-source   for "local": where the page's own namespaces are
//
// <script type="text/jank"> elements of a page with data-compiler="local" are
// evaluated in their order, when the runtime is ready; with src they are fetched.
//
// jank.wasm is expected beside this file.

import { showOverlay } from "./client/overlay.js";
import {
  Compiler,
  connect as connectClient,
  formatReport,
  JankError,
  load as loadRuntime,
} from "./index.js";
import type {
  Client,
  ConnectOptions,
  EvalOptions,
  Evaluation,
  LoadedRuntime,
  LoadOptions,
} from "./index.js";

declare const JANK_VERSION: string;

const script = document.currentScript as HTMLScriptElement | null;
const wasmUrl = new URL("jank.wasm", script?.src || document.baseURI).href;
const { url, token, auto, compiler, source } = script?.dataset ?? {};
const isLocal = compiler === "local";

interface Globals {
  /** Evaluates in this page, and rejects with a JankError. */
  jankEval(code: string, options?: EvalOptions): Promise<Evaluation>;
  /** `loaded_modules`, `registered_symbols`, `module_paths`; with a server, Client.stats too. */
  jankHotReloadStats(): object;
}

const define = (globals: Globals) => Object.assign(globalThis, globals);

const api = {
  version: JANK_VERSION,
  /** Of the last connect(). */
  client: undefined as Client | undefined,
  formatReport,
  JankError,

  /** Shows what becomes of each edit in the page. Returns what ends that. */
  overlay: showOverlay,

  /** A runtime that follows a server; by default the one that data-url names. */
  connect(options: ConnectOptions = {}): Client {
    const client = connectClient({
      wasmUrl,
      ...(url && { url }),
      ...(token && { token }),
      ...(isLocal && { compiler: "local" as const }),
      ...(source && { sourcePath: new URL(source, document.baseURI) }),
      ...options,
    });
    define({
      jankEval: (code, evalOptions) => client.jankEval(code, evalOptions),
      jankHotReloadStats() {
        const stats = client.stats();
        return { ...stats.runtime, ...stats };
      },
    });
    return (api.client = client);
  },

  /** A runtime alone: the page itself compiles what `jankEval` is given. */
  async load(options: LoadOptions = {}): Promise<LoadedRuntime> {
    const loaded = await loadRuntime({ wasmUrl, ...options });
    const { runtime } = loaded;
    const evaluator = new Compiler(runtime);
    define({
      async jankEval(code, evalOptions) {
        const result = evaluator.eval(code, evalOptions);
        if (result.error) throw new JankError(result.error);
        return { ...result, value: result.value ?? "nil" };
      },
      jankHotReloadStats: () => runtime.stats(),
    });
    return loaded;
  },
};

declare global {
  var JankHotReload: typeof api;
  /** With the last runtime that was started here. */
  var jankEval: Globals["jankEval"];
  var jankHotReloadStats: Globals["jankHotReloadStats"];
}

Object.assign(globalThis, { JankHotReload: api });

/** Rejections are the page's own: unhandled, they are shown by the browser. */
async function evaluateScripts(client: Client): Promise<void> {
  for (const element of document.querySelectorAll<HTMLScriptElement>('script[type="text/jank"]')) {
    const { src } = element;
    const code = src ? await (await fetch(src)).text() : (element.textContent ?? "");
    await client.jankEval(code, { file: src ? new URL(src).pathname : "<script>", ns: "user" });
  }
}

if ((url || isLocal) && auto !== "false") {
  const client = api.connect();
  if (isLocal) {
    const start = () => void evaluateScripts(client);
    if (document.readyState === "loading") addEventListener("DOMContentLoaded", start);
    else start();
  }
}
