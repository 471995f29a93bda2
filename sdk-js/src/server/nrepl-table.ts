// The operations of nREPL: what `describe` says of them, and which fields they take.

import type { Bencode, BencodeDictionary } from "./bencode.js";
import { isAbsent } from "./nrepl-answer.js";

const isText = (value: Bencode): boolean => typeof value === "string";

/** What a field can be. "code" may be empty. */
const KINDS = {
  text: { name: "a text", check: isText },
  code: { name: "a text", check: isText },
  number: {
    name: "a number",
    check: (value: Bencode) =>
      typeof value === "number" || (typeof value === "string" && /^\d{1,15}$/.test(value)),
  },
  texts: {
    name: "a list of texts",
    check: (value: Bencode) => Array.isArray(value) && value.every(isText),
  },
  any: { name: "anything", check: () => true },
};

type Kind = keyof typeof KINDS;
type Fields = Record<string, Kind>;

export interface Operation {
  doc: string;
  /** Without one of these the status is "no-" and its name. Of "a|b" one is enough. */
  requires?: Fields;
  optional?: Fields;
  returns?: readonly string[];
}

const COMPLETION = {
  doc: "What a name that begins so can become.",
  requires: { "prefix|symbol": "code" },
  optional: { ns: "text" },
  returns: ["completions"],
} as const;

const NAME = { requires: { "sym|symbol": "text" }, optional: { ns: "text" } } as const;

export const OPERATIONS = {
  clone: { doc: "A new session, in the namespace of this one.", returns: ["new-session"] },
  close: { doc: "Ends the session.", requires: { session: "text" } },
  "ls-sessions": { doc: "The ids of all sessions.", returns: ["sessions"] },
  describe: {
    doc: "The operations and versions.",
    optional: { "verbose?": "any" },
    returns: ["ops", "versions", "aux"],
  },
  eval: {
    doc: "Evaluates code: definitions everywhere, expressions in one page.",
    requires: { code: "code" },
    optional: { ns: "text", file: "text", line: "number", column: "number" },
    returns: ["value", "ns", "runtime", "out", "err", "ex", "root-ex"],
  },
  "load-file": {
    doc: "Evaluates the contents of a file.",
    requires: { file: "code" },
    optional: { "file-name": "text", "file-path": "text" },
    returns: ["value", "runtime", "out", "err", "ex", "root-ex"],
  },
  interrupt: {
    doc: "Ends the session's evaluation, or the one of that id.",
    optional: { session: "text", "interrupt-id": "any" },
  },
  stdin: {
    doc: 'What the session\'s evaluations read, line by line; "": its end.',
    optional: { stdin: "code" },
  },
  completions: COMPLETION,
  complete: COMPLETION,
  lookup: { doc: "What is known of a name, as a dictionary.", ...NAME, returns: ["info"] },
  info: {
    doc: "What is known of a name, or the status no-info.",
    ...NAME,
    returns: ["name", "ns", "type", "doc", "arglists-str", "file", "line", "column", "macro"],
  },
  eldoc: {
    doc: "The arguments of a function, or the status no-eldoc.",
    ...NAME,
    returns: ["eldoc", "name", "ns", "type", "docstring"],
  },
  apropos: {
    doc: "Public vars whose name has the text in it.",
    requires: { query: "text" },
    returns: ["apropos-matches"],
  },
  macroexpand: {
    doc: "A form, expanded by macroexpand-1, macroexpand or macroexpand-all.",
    requires: { code: "text" },
    optional: { ns: "text", expander: "text" },
    returns: ["expansion"],
  },
  classpath: { doc: "The folders of namespaces.", returns: ["classpath"] },
  "ns-list": { doc: "The names of all namespaces.", returns: ["ns-list"] },
  "ns-vars": {
    doc: "The names of a namespace's public vars.",
    requires: { ns: "text" },
    returns: ["ns-vars"],
  },
  "jank/runtimes": {
    doc: "Where expressions can run: the pages, and the server's own instance.",
    returns: ["runtimes", "selected"],
  },
  "jank/select-runtime": {
    doc: 'Where the session\'s expressions run: an id or a name; "": the page focused last.',
    requires: { session: "text", runtime: "code" },
    returns: ["runtime"],
  },
  "jank/undo": {
    doc: "Takes back the last transaction, or the last definition of each of the vars.",
    optional: { vars: "texts" },
    returns: ["changes", "pages"],
  },
} satisfies Record<string, Operation>;

export type OperationName = keyof typeof OPERATIONS;

export const isOperation = (op: Bencode | undefined): op is OperationName =>
  typeof op === "string" && Object.hasOwn(OPERATIONS, op);

const operationOf = (name: OperationName): Operation => OPERATIONS[name];

/** As the value of `ops`. */
export function described(isVerbose: boolean): Bencode {
  const names = (fields: Fields = {}) =>
    Object.fromEntries(Object.entries(fields).map(([name, kind]) => [name, KINDS[kind].name]));
  const whole = ({ doc, requires, optional, returns = [] }: Operation): Bencode => ({
    doc,
    requires: names(requires),
    optional: names(optional),
    returns: Object.fromEntries(returns.map((name) => [name, ""])),
  });
  return Object.fromEntries(
    Object.entries(OPERATIONS).map(([name, operation]) => [
      name,
      isVerbose ? whole(operation) : {},
    ]),
  );
}

/** What is wrong with the fields of a request. */
export function wrongField(
  name: OperationName,
  message: BencodeDictionary,
): { status: string; reason?: string } | undefined {
  const { requires = {}, optional = {} } = operationOf(name);
  for (const [names, kind] of Object.entries(requires)) {
    const isGiven = names.split("|").some((field) => isGivenAs(kind, message[field]));
    if (!isGiven) return { status: `no-${names.split("|")[0]}` };
  }
  for (const [names, kind] of Object.entries({ ...requires, ...optional }))
    for (const field of names.split("|")) {
      const value = message[field];
      if (isAbsent(value) || KINDS[kind].check(value)) continue;
      return { status: "bad-field", reason: `"${field}" must be ${KINDS[kind].name}` };
    }
  return undefined;
}

const isGivenAs = (kind: Kind, value: Bencode | undefined): boolean =>
  kind === "code" ? value === "" || !isAbsent(value) : !isAbsent(value);
