import { createServer } from "node:net";
import { Builder } from "selenium-webdriver";
import { startProgram, within } from "./programs.mjs";

const SESSION = 40_000;

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const untilListening = async (url) => {
  for (;;) {
    try {
      return await fetch(`${url}/status`);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
};

// MiniBrowser is a client of the X server, and ends with it in any case.
export async function startBrowser() {
  const programs = [];
  const start = async (...program) => {
    programs.unshift(await startProgram(...program));
    return programs[0];
  };
  const endPrograms = async () => {
    for (const program of programs) await program.end();
  };
  try {
    const screen = ["-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp"];
    const { match } = await start("Xvfb", screen, { ready: /^(\d+)\n/m });
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const root = process.getuid() === 0;
    await start("WebKitWebDriver", [`--port=${port}`, "--host=127.0.0.1"], {
      env: {
        DISPLAY: `:${match[1]}`,
        ...(root && { WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1" }),
      },
    });
    await within(SESSION, "WebKitWebDriver", untilListening(url));
    const session = new Builder()
      .disableEnvironmentOverrides()
      .usingServer(url)
      .withCapabilities({
        browserName: "MiniBrowser",
        "webkitgtk:browserOptions": { binary: process.env.MINIBROWSER, args: ["--automation"] },
      })
      .build();
    const driver = await within(SESSION, "MiniBrowser", session);
    const close = async () => {
      await within(3_000, "quit", driver.quit()).catch(() => undefined);
      await endPrograms();
    };
    const evaluate = async (expression) => {
      const { value, error } = await driver.executeAsyncScript(
        `const done = arguments[0];
         (async () => ${expression})().then(
           (value) => done({ value }),
           (error) => done({ error: String(error) }),
         );`,
      );
      if (error !== undefined) throw new Error(error);
      return value;
    };
    return { visit: (url) => driver.get(url), evaluate, close };
  } catch (error) {
    await endPrograms();
    throw error;
  }
}
