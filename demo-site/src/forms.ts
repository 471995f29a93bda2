// A source text as top-level forms, as editors of Lisp see them: one begins with a
// parenthesis at the start of a line. So what is broken in one form, a parenthesis
// that is missing, stays in it, and the rest of the file can be evaluated.

export interface Form {
  text: string;
  from: number;
  to: number;
  /** Of its first character, from 1. */
  line: number;
  /** What it defines: "colour". */
  name: string | null;
}

export function formsOf(text: string): Form[] {
  const forms: Form[] = [];
  for (let from = nextForm(text, 0); from >= 0;) {
    const to = endOf(text, from);
    const source = text.slice(from, to);
    const name = /^\(def\w*-?\s+([^\s()[\]{}]+)/.exec(source)?.[1] ?? null;
    forms.push({ text: source, from, to, line: lineAt(text, from), name });
    from = nextForm(text, to);
  }
  return forms;
}

/** Where a line begins with a parenthesis; -1: nowhere. */
function nextForm(text: string, from: number): number {
  if (from === 0 && text.startsWith("(")) return 0;
  const at = text.indexOf("\n(", Math.max(0, from - 1));
  return at < 0 ? -1 : at + 1;
}

/** Behind its closing parenthesis; without one, before the next form. */
function endOf(text: string, from: number): number {
  let depth = 0;
  let isString = false;
  for (let i = from; i < text.length; i++) {
    const char = text[i];
    if (char === "\\") i++;
    else if (char === '"') isString = !isString;
    else if (isString) continue;
    else if (char === ";") i = endOfLine(text, i) - 1;
    else if (char === "\n" && text[i + 1] === "(") return withoutComments(text, from, i);
    else if (char === "(") depth++;
    else if (char === ")" && --depth === 0) return i + 1;
  }
  return withoutComments(text, from, text.length);
}

/** The lines at its end that belong to what follows are not the form's. */
function withoutComments(text: string, from: number, to: number): number {
  return from + text.slice(from, to).replace(/(\n[^\S\n]*(;.*)?)+$/, "").length;
}

function endOfLine(text: string, from: number): number {
  const at = text.indexOf("\n", from);
  return at < 0 ? text.length : at;
}

export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

/** The forms alone, each on the lines where it stands: places in errors are right. */
export function codeOf(forms: Form[]): { code: string; line: number } {
  const first = forms[0]?.line ?? 1;
  let code = "";
  let line = first;
  for (const form of forms) {
    const gap = "\n".repeat(Math.max(0, form.line - line));
    code += (code && !gap ? " " : gap) + form.text;
    line = form.line + form.text.split("\n").length - 1;
  }
  return { code, line: first };
}
