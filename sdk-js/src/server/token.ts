// The secret of a server's process, 256 random bits. guard.ts says who needs it.
//
// Pages that this server serves hold it as a cookie, which no script can read.
// Others are told it by their developer, who finds it in `.jank-hot/token`, the
// first line, for the owner's eyes alone. It is never printed or logged, and no
// file whose name begins with a dot is ever served.
//
// The lines below it are the tokens of earlier processes. They are good, too: a
// page that is open while the server starts again comes back with the cookie that
// it has, and gets the new one as it connects. Without the file all are forgotten.

import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Of earlier processes. */
const REMEMBERED = 8;
const SHAPE = /^[\w-]{43}$/;

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

export class Token {
  /** Base64url. */
  readonly text = randomBytes(32).toString("base64url");
  readonly #earlier: string[];
  readonly #digests: Buffer[];

  constructor(earlier: readonly string[] = []) {
    this.#earlier = earlier.filter((text) => SHAPE.test(text)).slice(0, REMEMBERED);
    this.#digests = [this.text, ...this.#earlier].map(digest);
  }

  /** In a time that tells nothing of how much of it is right. */
  accepts(text: string): boolean {
    const given = digest(text);
    return this.#digests.map((each) => timingSafeEqual(each, given)).includes(true);
  }

  static after(root: string): Token {
    return new Token(linesOf(fileIn(root)));
  }

  /** In a folder that one can only read the token lasts as long as the process. */
  save(root: string): void {
    try {
      this.#write(fileIn(root));
    } catch {
      // pages of this server get it all the same
    }
  }

  /** Whole, and readable by nobody else at any time. */
  #write(file: string): void {
    const fresh = `${file}.${process.pid}`;
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(join(dirname(file), ".gitignore"), "*\n");
    rmSync(fresh, { force: true });
    const lines = [this.text, ...this.#earlier].join("\n");
    writeFileSync(fresh, `${lines}\n`, { mode: 0o600, flag: "wx" });
    renameSync(fresh, file);
  }
}

const fileIn = (root: string): string => join(root, ".jank-hot", "token");

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\n");
  } catch {
    return []; // the first process
  }
}
