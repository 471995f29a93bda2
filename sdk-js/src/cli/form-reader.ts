// Tells whether what was typed is whole: brackets, strings, comments, characters and
// prefixes, line after line. What is wrong with it is for the compiler to say.

const DELIMITER = String.raw`\s,;"\\()[\]{}` + "`~@^";
const TOKEN = new RegExp(
  String.raw`(?<blank>[\s,]+|;.*)|(?<string>#?")|(?<atom>\\(?:\w+|.|$)|##[^${DELIMITER}']*)` +
    String.raw`|(?<open>#?[({]|\[)|(?<close>[)\]}])` +
    String.raw`|(?<skip>#_)|(?<meta>#?\^)|(?<prefix>#'|~@|['~@` +
    "`" +
    String.raw`]|#[^${DELIMITER}']*)|(?<name>[^${DELIMITER}'#][^${DELIMITER}]*)`,
  "uy",
);
/** From inside a string: up to its end, or that of the line. */
const STRING = /(?:[^"\\]|\\.?)*("?)/uy;

export class FormReader {
  #text = "";
  /** Tokens and parts of strings, a space between what stands apart. */
  readonly #parts: string[] = [];
  #depth = 0;
  #isInString = false;
  #hasForms = false;
  /** Forms without which what stands outside of brackets is not whole: 'x needs one. */
  #awaited = 0;

  /** One line, without its end. */
  add(line: string): void {
    this.#text += `${line}\n`;
    if (this.#isInString) this.#parts.push("\\n");
    else this.#space();
    for (let at = 0; at < line.length;)
      at = this.#isInString ? this.#string(line, at) : this.#token(line, at);
  }

  get text(): string {
    return this.#text;
  }

  /** All of it in one line, without comments: as a history has it. */
  get line(): string {
    return this.#parts.join("").trim();
  }

  get isInString(): boolean {
    return this.#isInString;
  }

  get isUnfinished(): boolean {
    return this.#isInString || this.#depth > 0 || this.#awaited > 0;
  }

  /** Nothing but blanks and comments. */
  get isBlank(): boolean {
    return !this.#hasForms;
  }

  copy(): FormReader {
    const copy = new FormReader();
    copy.#depth = this.#depth;
    copy.#isInString = this.#isInString;
    return copy;
  }

  #string(line: string, at: number): number {
    STRING.lastIndex = at;
    const [text = "", end] = STRING.exec(line) ?? [];
    this.#parts.push(text);
    if (end) {
      this.#isInString = false;
      this.#formEnds();
    }
    return at + text.length;
  }

  #token(line: string, at: number): number {
    TOKEN.lastIndex = at;
    const { 0: text = line.slice(at), groups = {} } = TOKEN.exec(line) ?? {};
    if (groups.blank !== undefined) this.#space();
    else {
      this.#parts.push(text);
      this.#hasForms = true;
    }
    if (groups.string) this.#isInString = true;
    else if (groups.open) this.#depth++;
    else if (groups.close) {
      this.#depth = Math.max(0, this.#depth - 1);
      this.#formEnds();
    } else if (groups.atom !== undefined || groups.name) this.#formEnds();
    else if (groups.skip) this.#skip();
    else if (groups.meta) this.#prefix(2);
    else if (groups.prefix) this.#prefix(1);
    return at + text.length;
  }

  #space(): void {
    if (this.#parts.at(-1) !== " ") this.#parts.push(" ");
  }

  #formEnds(): void {
    if (this.#depth === 0) this.#awaited = Math.max(0, this.#awaited - 1);
  }

  /** It makes no form of one. */
  #skip(): void {
    if (this.#depth === 0) this.#awaited++;
  }

  /** It makes one form of so many. */
  #prefix(forms: number): void {
    if (this.#depth === 0) this.#awaited = Math.max(0, this.#awaited - 1) + forms;
  }
}
