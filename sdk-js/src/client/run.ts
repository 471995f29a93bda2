// An expression that the server has compiled for this page is run; its value or error goes
// back, with what it has printed.

import type { Evaluation } from "../protocol.js";
import { reportOfThrown } from "../runtime.js";
import type { Interrupts } from "./interrupt.js";
import type { Channel, RunMessage } from "./channel.js";
import type { Page } from "./page.js";
import { decodeBase64, installBytes } from "./patcher.js";

export function run(
  { id, ns, session, symbolName, data }: RunMessage,
  page: Page,
  channel: Channel,
  interrupts: Interrupts,
): void {
  const printed = { out: "", err: "" };
  const install = () => installBytes(page.runtime, decodeBase64(data), symbolName, session);
  const result = page.runtime.capture(
    (stream, text) => {
      printed[stream] += text;
      page.emit("output", { stream, text });
    },
    () => interrupts.during(id, printed, install),
  );
  const { installMs } = result;
  const answer = (ending: Omit<Evaluation, "ns">) =>
    channel.trySend({ type: "eval_result", id, ns, installMs, ...ending });
  try {
    answer({ ...printed, ...(result.ok ? { value: result.value } : { error: result.error }) });
  } catch (thrown) {
    answer({ out: "", err: "", error: reportOfThrown(thrown) });
  }
  if (!result.ok) page.suspicion?.failed(result.error);
}
