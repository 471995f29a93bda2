// Bencode, as nREPL speaks it: an incremental decoder with limits, and an
// encoder. Texts are UTF-8, their lengths count bytes.
//
// A stream that was wrong once stays wrong: a decoder that found its way back
// would run what a web page has posted to this port. So a message begins with
// `d`, and after an error every further push throws it again.

export type Bencode = number | string | Bencode[] | { [key: string]: Bencode };
export type BencodeDictionary = Record<string, Bencode>;

/** Of one message: bytes, nesting, values and keys. */
export const LIMITS = { message: 16 * 1024 * 1024, depth: 32, items: 100_000 } as const;

/** Bytes that are not bencode, or more than the limits allow. */
export class BencodeError extends Error {
  override name = "BencodeError";
}

/** A list or dictionary that is not closed yet. */
type Frame = { list: Bencode[] } | { dictionary: BencodeDictionary; key: string | undefined };

const code = (character: string): number => character.charCodeAt(0);
const [INTEGER, LIST, DICTIONARY, END, COLON] = [
  code("i"),
  code("l"),
  code("d"),
  code("e"),
  code(":"),
];
const MAX_INTEGER_DIGITS = 20;
const MAX_LENGTH_DIGITS = 9;
/** Bytes that a connection keeps while nothing comes. */
const KEPT_ROOM = 64 * 1024;

export class BencodeDecoder {
  readonly #frames: Frame[] = [];
  /** What is not read yet is from #at to #end. */
  #buffer = Buffer.alloc(0);
  #at = 0;
  #end = 0;
  /** Bytes without which nothing can go on. */
  #needed = 1;
  /** Of the message that is being read. */
  #size = 0;
  #items = 0;
  #error: BencodeError | undefined;

  /** Yields the messages that are complete with these bytes. Throws BencodeError. */
  *push(bytes: Uint8Array): Generator<BencodeDictionary, void, undefined> {
    if (this.#error) throw this.#error;
    this.#append(bytes);
    if (this.#end - this.#at < this.#needed) return;
    try {
      for (let message; (message = this.#message());) yield message;
    } catch (error) {
      this.#error = error as BencodeError;
      this.#buffer = Buffer.alloc(0);
      throw error;
    }
    if (this.#at === this.#end && this.#buffer.length > KEPT_ROOM) this.#buffer = Buffer.alloc(0);
    if (this.#at === this.#end) this.#at = this.#end = 0;
  }

  /** Room grows by doubling: bytes that come one by one cost no more than at once. */
  #append(bytes: Uint8Array): void {
    const waiting = this.#end - this.#at;
    if (this.#end + bytes.length > this.#buffer.length) {
      const unread = this.#buffer.subarray(this.#at, this.#end);
      this.#buffer = Buffer.allocUnsafe(2 * (waiting + bytes.length));
      this.#buffer.set(unread);
      this.#at = 0;
    }
    this.#end = this.#at + waiting;
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Reads on until a message is complete. undefined: more bytes are needed. */
  #message(): BencodeDictionary | undefined {
    for (;;) {
      const start = this.#at;
      this.#needed = 1;
      if (start === this.#end) return undefined;
      const byte = this.#buffer[start] as number;
      if (this.#frames.length === 0 && byte !== DICTIONARY) fail("a message begins with d");
      const value = this.#step(byte);
      if (value === undefined && this.#at === start) return undefined;
      this.#size += this.#at - start;
      if (this.#size > LIMITS.message) fail("the message is too large");
      if (value !== undefined && this.#add(value)) {
        this.#size = this.#items = 0;
        return value as BencodeDictionary;
      }
    }
  }

  /** One token. The value that it completes; undefined: none, or (not moved) too few bytes. */
  #step(byte: number): Bencode | undefined {
    if (byte === END) return this.#close();
    if (++this.#items > LIMITS.items) fail("the message has too many items");
    if (byte === INTEGER) return this.#integer();
    if (byte !== LIST && byte !== DICTIONARY) return this.#text();
    if (this.#frames.length === LIMITS.depth) fail("the message is nested too deeply");
    this.#refuseKey();
    this.#at++;
    this.#frames.push(
      byte === LIST
        ? { list: [] }
        : { dictionary: Object.create(null) as BencodeDictionary, key: undefined },
    );
    return undefined;
  }

  #close(): Bencode {
    const frame = this.#frames.pop();
    this.#at++;
    if (frame && "list" in frame) return frame.list;
    if (frame?.key === undefined && frame) return frame.dictionary;
    return fail("a key without a value");
  }

  /** Puts the value where it belongs. True: it is the whole message. */
  #add(value: Bencode): boolean {
    const frame = this.#frames.at(-1);
    if (!frame) return true;
    if ("list" in frame) {
      frame.list.push(value);
    } else if (frame.key === undefined) {
      frame.key = value as string;
    } else {
      frame.dictionary[frame.key] = value;
      frame.key = undefined;
    }
    return false;
  }

  #refuseKey(): void {
    const frame = this.#frames.at(-1);
    if (frame && "dictionary" in frame && frame.key === undefined) fail("a key must be a text");
  }

  #integer(): number | undefined {
    this.#refuseKey();
    const digits = this.#until(END, this.#at + 1, MAX_INTEGER_DIGITS);
    if (digits === undefined) return undefined;
    if (!/^(0|-?[1-9]\d*)$/.test(digits)) fail("a malformed integer");
    // It may have to be sent back, the same.
    if (!Number.isSafeInteger(Number(digits))) fail("an integer of more than 53 bits");
    this.#at += digits.length + 2;
    return Number(digits);
  }

  #text(): string | undefined {
    const digits = this.#until(COLON, this.#at, MAX_LENGTH_DIGITS);
    if (digits === undefined) return undefined;
    if (!/^(0|[1-9]\d*)$/.test(digits)) fail("expected a length, i, l, d or e");
    if (this.#size + Number(digits) > LIMITS.message) fail("the message is too large");
    const start = this.#at + digits.length + 1;
    const end = start + Number(digits);
    if (end > this.#end) {
      this.#needed = end - this.#at;
      this.#items--;
      return undefined;
    }
    this.#at = end;
    return this.#buffer.toString("utf8", start, end);
  }

  /** The digits up to the byte that ends them, as far as they can be right. */
  #until(end: number, start: number, limit: number): string | undefined {
    let at = start;
    while (at < this.#end && at - start <= limit && isDigit(this.#buffer[at])) at++;
    const digits = this.#buffer.toString("latin1", start, at);
    const fits = at - start <= limit;
    if (at === this.#end && fits) {
      this.#items--;
      return undefined;
    }
    if (this.#buffer[at] === end && fits) return digits;
    return fail(end === END ? "a malformed integer" : "expected a length, i, l, d or e");
  }
}

const isDigit = (byte: number | undefined): boolean =>
  byte !== undefined && ((byte >= 0x30 && byte <= 0x39) || byte === 0x2d);

function fail(message: string): never {
  throw new BencodeError(message);
}

/** Keys are sorted, as bencode asks. `undefined` entries are left out. */
export function encodeBencode(value: Bencode | Record<string, Bencode | undefined>): Buffer {
  const parts: Buffer[] = [];
  write(value as Bencode, parts);
  return Buffer.concat(parts);
}

function write(value: Bencode, parts: Buffer[]): void {
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) fail(`${value} is not an integer`);
    parts.push(Buffer.from(`i${value}e`));
  } else if (typeof value === "string") {
    const bytes = Buffer.from(value);
    parts.push(Buffer.from(`${bytes.length}:`), bytes);
  } else if (Array.isArray(value)) {
    parts.push(Buffer.from("l"));
    for (const item of value) write(item, parts);
    parts.push(Buffer.from("e"));
  } else {
    parts.push(Buffer.from("d"));
    for (const key of Object.keys(value).sort()) {
      const item = value[key];
      if (item === undefined) continue;
      write(key, parts);
      write(item, parts);
    }
    parts.push(Buffer.from("e"));
  }
}
