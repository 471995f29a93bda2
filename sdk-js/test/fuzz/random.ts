// Random inputs that can be had again: everything follows from the seed.

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** mulberry32. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** A whole number below n. */
  below(n: number): number {
    return Math.floor((this.#next() / 2 ** 32) * n);
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item;
  }

  bytes(n: number): Buffer {
    return Buffer.from(Array.from({ length: n }, () => this.below(256)));
  }

  /** The bytes in pieces, some of them of one byte. */
  cut(whole: Buffer): Buffer[] {
    const pieces: Buffer[] = [];
    for (let at = 0; at < whole.length;) {
      const end = at + 1 + this.below(this.pick([1, 4, 64, 4096]));
      pieces.push(whole.subarray(at, end));
      at = end;
    }
    return pieces;
  }
}

export interface Material {
  seeds: readonly Buffer[];
  /** What means something to who reads the input. */
  words: readonly string[];
}

const MAX_INPUT = 8192;
const NUMBERS = ["0", "-1", "1", "255", "65536", "2147483648", "9007199254740993", "1e999", "00"];

type Mutation = (input: Buffer, random: Random, material: Material) => Buffer;

const insert = (input: Buffer, at: number, bytes: Uint8Array): Buffer =>
  Buffer.concat([input.subarray(0, at), bytes, input.subarray(at)]);

const range = (input: Buffer, random: Random): [number, number] => {
  const from = random.below(input.length + 1);
  return [from, Math.min(input.length, from + random.below(random.pick([2, 8, 64, 512])))];
};

const MUTATIONS: Mutation[] = [
  function flipBit(input, random) {
    const at = random.below(input.length);
    if (input.length) input[at] = (input[at] as number) ^ (1 << random.below(8));
    return input;
  },
  function setByte(input, random) {
    const value = random.pick([0, 0xff, 0x7f, 0x80, 0x0a, 0x0d, 0x20, random.below(256)]);
    if (input.length) input[random.below(input.length)] = value;
    return input;
  },
  function insertBytes(input, random) {
    return insert(input, random.below(input.length + 1), random.bytes(1 + random.below(8)));
  },
  function insertWord(input, random, { words }) {
    return insert(input, random.below(input.length + 1), Buffer.from(random.pick(words), "latin1"));
  },
  function overwriteWord(input, random, { words }) {
    Buffer.from(random.pick(words), "latin1").copy(input, random.below(input.length + 1));
    return input;
  },
  function remove(input, random) {
    const [from, to] = range(input, random);
    return Buffer.concat([input.subarray(0, from), input.subarray(to)]);
  },
  function repeat(input, random) {
    const [from, to] = range(input, random);
    const part = input.subarray(from, to);
    return insert(input, to, Buffer.concat(Array<Buffer>(1 + random.below(4)).fill(part)));
  },
  function splice(input, random, { seeds }) {
    const other = random.pick(seeds);
    const [from, to] = range(other, random);
    return insert(input, random.below(input.length + 1), other.subarray(from, to));
  },
  function truncate(input, random) {
    return input.subarray(0, random.below(input.length + 1));
  },
  function changeNumber(input, random) {
    const text = input.toString("latin1");
    const numbers = [...text.matchAll(/\d+/g)];
    if (numbers.length === 0) return input;
    const { index, 0: digits } = random.pick(numbers);
    const changed = random.pick([...NUMBERS, `${Number(digits) + 1 - 2 * random.below(2)}`]);
    return Buffer.from(
      text.slice(0, index) + changed + text.slice(index + digits.length),
      "latin1",
    );
  },
];

/** A seed with some damage; now and then untouched, or nothing but noise. */
export function mutated(random: Random, material: Material): Buffer {
  if (random.below(50) === 0) return random.bytes(random.below(300));
  let input = Buffer.from(random.pick(material.seeds));
  for (let n = random.below(6); n > 0; n--)
    input = Buffer.from(random.pick(MUTATIONS)(input, random, material));
  return input.subarray(0, MAX_INPUT);
}
