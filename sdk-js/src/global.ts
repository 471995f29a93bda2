// The script tag: one file that defines the global `JankHotReload`, and with a
// server's address the original's globals as well.
//
//   <script src="jank-hot-reload.global.js" data-url="ws://localhost:7888/repl"></script>
//
// jank.wasm is expected beside it. Without data-url nothing is
// connected: call JankHotReload.connect or JankHotReload.load.

import { connect as connectClient, load as loadRuntime, formatReport, JankError } from "./index.js";
import type { Client, ConnectOptions, LoadedRuntime, LoadOptions } from "./index.js";

const script = document.currentScript as HTMLScriptElement | null;
const wasmUrl = new URL("jank.wasm", script?.src || document.baseURI).href;

/** Connects, and installs `jankEval` and `jankHotReloadStats` as globals. */
function connect(options: ConnectOptions = {}): Client {
  const client = connectClient({ wasmUrl, ...options });
  Object.assign(globalThis, {
    jankEval: (code: string) => client.jankEval(code),
    jankHotReloadStats: () => client.stats(),
  });
  return client;
}

function load(options: LoadOptions = {}): Promise<LoadedRuntime> {
  return loadRuntime({ wasmUrl, ...options });
}

const client = script?.dataset.url ? connect({ url: script.dataset.url }) : undefined;

Object.assign(globalThis, {
  JankHotReload: { connect, load, client, formatReport, JankError },
});
