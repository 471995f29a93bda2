// bench-save.mjs - from a saved file to the page that runs it.

/**
 * Milliseconds of each of so many: `save(i)` writes the file, and the page has it when
 * `call`, a function and its argument, is `expected(i)` for the client that is
 * `window[client]`. `rest`: milliseconds before each.
 */
export async function savedToRunning(page, { client, call, expected, save, samples, rest }) {
  const times = [];
  for (let i = 0; i < samples; i++) {
    const running = page.evaluate(
      ([owner, [name, argument], value]) =>
        new Promise((resolve) => {
          const poll = new MessageChannel();
          poll.port1.onmessage = () =>
            window[owner].invoke(name, argument) === value
              ? resolve(performance.timeOrigin + performance.now())
              : poll.port2.postMessage(0);
          poll.port2.postMessage(0);
        }),
      [client, call, expected(i)],
    );
    await new Promise((resolve) => setTimeout(resolve, rest));
    const saved = performance.timeOrigin + performance.now();
    save(i);
    times.push((await running) - saved);
  }
  return times;
}
