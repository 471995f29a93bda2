// What a person sees: colours only on a terminal, times and sizes in one form.

import { formatReport } from "../format.js";
import type { ErrorReport } from "../protocol.js";
import type { Stream } from "../runtime.js";

export { milliseconds } from "../format.js";

const paint = (code: number, stream: NodeJS.WriteStream) => (text: string) =>
  stream.isTTY && !process.env.NO_COLOR ? `\x1b[${code}m${text}\x1b[0m` : text;

export const bold = paint(1, process.stdout);
export const green = paint(32, process.stdout);
export const dim = paint(2, process.stdout);
export const red = paint(31, process.stdout);
const redError = paint(31, process.stderr);

export const bytes = (n: number): string => `${n.toLocaleString("en")} bytes`;

/** What a page says of itself cannot steer a terminal. */
export const plain = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}]/gu, "?");

/** "3 pages are", "1 page is". */
export const counted = (n: number, one: string): string =>
  n === 1 ? `1 ${one} is` : `${n === 0 ? "no" : n} ${one}${n === 0 ? " is" : "s are"}`;

/** To stderr, as it is. */
export function writeError(text: string): void {
  process.stderr.write(redError(text));
}

/** What a program prints, as it comes; lines of ours begin at the start of one. */
export class Output {
  #isAtStart = true;

  readonly write = (stream: Stream, text: string): void => {
    if (stream === "err") return writeError(text);
    process.stdout.write(text);
    this.#isAtStart = text.endsWith("\n");
  };

  endLine(): void {
    if (!this.#isAtStart) process.stdout.write("\n");
    this.#isAtStart = true;
  }

  line(text: string): void {
    this.endLine();
    console.log(text);
  }
}

export function printReport(error: ErrorReport): void {
  console.error(redError(formatReport(error)));
}

export function printError(message: string): void {
  console.error(redError(`jank-hot: ${message}`));
}
