// Bencode, as nREPL speaks it: an incremental decoder with limits, and an
// encoder. Texts are UTF-8; a lone number or list at the top is no message.

export type Bencode = number | string | Bencode[] | { [key: string]: Bencode };
export type BencodeDictionary = Record<string, Bencode>;

export const LIMITS = { message: 16 * 1024 * 1024, depth: 32, items: 100_000 } as const;

/** Bytes that are not bencode, or more than the limits allow. */
export class BencodeError extends Error {
  override name = "BencodeError";
}

const INCOMPLETE = Symbol("incomplete");
const COLON = 0x3a;
const [INTEGER, LIST, DICTIONARY, END] = ["i", "l", "d", "e"].map((c) => c.charCodeAt(0));

export class BencodeDecoder {
  #buffer = Buffer.alloc(0);
  #at = 0;
  #items = 0;

  /** The messages that are complete with these bytes. Throws BencodeError. */
  push(bytes: Uint8Array): BencodeDictionary[] {
    this.#buffer = Buffer.concat([this.#buffer, bytes]);
    const messages: BencodeDictionary[] = [];
    for (;;) {
      this.#at = this.#items = 0;
      const message = this.#value(0);
      if (message === INCOMPLETE) break;
      if (typeof message !== "object" || Array.isArray(message))
        throw new BencodeError("a message must be a dictionary");
      messages.push(message);
      this.#buffer = this.#buffer.subarray(this.#at);
    }
    if (this.#buffer.length > LIMITS.message) throw new BencodeError("the message is too large");
    return messages;
  }

  #value(depth: number): Bencode | typeof INCOMPLETE {
    if (depth > LIMITS.depth) throw new BencodeError("the message is nested too deeply");
    if (++this.#items > LIMITS.items) throw new BencodeError("the message has too many items");
    const byte = this.#buffer[this.#at];
    if (byte === undefined) return INCOMPLETE;
    if (byte === INTEGER) return this.#integer();
    if (byte === LIST) return this.#list(depth);
    if (byte === DICTIONARY) return this.#dictionary(depth);
    return this.#text();
  }

  #integer(): number | typeof INCOMPLETE {
    const end = this.#buffer.indexOf(END ?? 0, this.#at);
    const digits = this.#buffer.toString("latin1", this.#at + 1, end < 0 ? this.#at + 24 : end);
    if (!/^-?\d{0,20}$/.test(digits) || (end >= 0 && !/\d/.test(digits)))
      throw new BencodeError("a malformed integer");
    if (end < 0) return INCOMPLETE;
    this.#at = end + 1;
    return Number(digits);
  }

  #text(): string | typeof INCOMPLETE {
    const colon = this.#buffer.indexOf(COLON, this.#at);
    const digits = this.#buffer.toString("latin1", this.#at, colon < 0 ? this.#at + 10 : colon);
    if (!/^\d{0,9}$/.test(digits) || (colon >= 0 && digits === ""))
      throw new BencodeError("expected a length, i, l or d");
    if (Number(digits) > LIMITS.message) throw new BencodeError("the message is too large");
    if (colon < 0) return INCOMPLETE;
    const end = colon + 1 + Number(digits);
    if (end > this.#buffer.length) return INCOMPLETE;
    this.#at = end;
    return this.#buffer.toString("utf8", colon + 1, end);
  }

  #list(depth: number): Bencode[] | typeof INCOMPLETE {
    const items: Bencode[] = [];
    this.#at++;
    while (this.#buffer[this.#at] !== END) {
      const item = this.#value(depth + 1);
      if (item === INCOMPLETE) return INCOMPLETE;
      items.push(item);
    }
    this.#at++;
    return items;
  }

  #dictionary(depth: number): BencodeDictionary | typeof INCOMPLETE {
    const result: BencodeDictionary = Object.create(null) as BencodeDictionary;
    this.#at++;
    while (this.#buffer[this.#at] !== END) {
      if (this.#at >= this.#buffer.length) return INCOMPLETE;
      const key = this.#text();
      if (key === INCOMPLETE) return INCOMPLETE;
      const value = this.#value(depth + 1);
      if (value === INCOMPLETE) return INCOMPLETE;
      result[key] = value;
    }
    this.#at++;
    return result;
  }
}

/** Keys are sorted, as bencode asks. `undefined` entries are left out. */
export function encodeBencode(value: Bencode | Record<string, Bencode | undefined>): Buffer {
  const parts: Buffer[] = [];
  write(value as Bencode, parts);
  return Buffer.concat(parts);
}

function write(value: Bencode, parts: Buffer[]): void {
  if (typeof value === "number") {
    parts.push(Buffer.from(`i${Math.trunc(value)}e`));
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
