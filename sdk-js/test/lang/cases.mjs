// The files of the language suite (sdk-c/test/lang/README.md): their cases, and
// what is wrong when an engine runs them.

const EXPECTATION = /^(.*?)[ \t]*;(=>|out>) ?(.*)$/;

/** In: a file's text. Out: [{line, source, value?, error?, out?}], from source's first line. */
export function parseCases(text) {
  const cases = [];
  let current = null;
  text.split("\n").forEach((text, index) => {
    const [, source, kind, expected] = EXPECTATION.exec(text) ?? [null, text];
    const complete = current?.value !== undefined || current?.error !== undefined || current?.out;
    if (!current || (complete && source.trim() !== "")) {
      current = { line: index + 1, lines: [] };
      cases.push(current);
    }
    current.lines.push(source);
    if (kind === "out>") (current.out ??= []).push(expected);
    else if (kind && expected.startsWith("error:")) current.error = expected.slice(6).trim();
    else if (kind) current.value = expected.trim();
  });
  return cases.map(({ lines, out, ...rest }) => ({
    ...rest,
    source: lines.join("\n"),
    ...(out && { out: out.join("\n") }),
  }));
}

// What is wrong with a result {value, error, out}; null when nothing is.
export function mismatch(expected, actual) {
  const problems = [];
  if (expected.error !== undefined) {
    if (actual.error === undefined)
      problems.push(`expected an error: ${expected.error}\n     got the value: ${actual.value}`);
    else if (!actual.error.includes(expected.error))
      problems.push(`expected error: ${expected.error}\n     got error: ${actual.error}`);
  } else if (actual.error !== undefined) {
    problems.push(`expected: ${expected.value ?? "no error"}\n     got error: ${actual.error}`);
  } else if (expected.value !== undefined && expected.value !== actual.value) {
    problems.push(`expected: ${expected.value}\n     got: ${actual.value}`);
  }
  const wanted = (expected.out ?? "").replace(/\n$/, "");
  const got = actual.out.replace(/\n$/, "");
  if ((expected.out !== undefined || actual.out !== "") && wanted.trimEnd() !== got.trimEnd())
    problems.push(`expected output: ${JSON.stringify(wanted)}\n     got: ${JSON.stringify(got)}`);
  return problems.length ? problems.join("\n     ") : null;
}

/**
 * The cases that have to run for those at `lines` to mean what they do: these and all
 * before them, which are not judged then. `isJudged(case)` tells which are.
 */
export function casesUpTo(cases, lines) {
  if (lines === undefined) return { cases, isJudged: () => true };
  const last = cases.findLastIndex(({ line }) => lines.includes(line));
  return { cases: cases.slice(0, last + 1), isJudged: ({ line }) => lines.includes(line) };
}

/**
 * Runs a file's cases in an engine, or those at `lines`. Out: how many, and what is wrong
 * with those that failed.
 */
export function runCases(engine, name, text, lines) {
  const { cases, isJudged } = casesUpTo(parseCases(text), lines);
  const failures = [];
  let ns = "user";
  for (const expected of cases) {
    const actual = engine.evaluate(expected.source, { file: name, ns, line: expected.line });
    ns = actual.ns;
    const problem = isJudged(expected) && mismatch(expected, actual);
    if (problem)
      failures.push(`${name}:${expected.line}: ${expected.source.trim()}\n     ${problem}`);
  }
  return { count: lines?.length ?? cases.length, failures };
}

/** What the test of a file says when it fails. */
export const report = ({ count, failures }) =>
  `${failures.length} of ${count} cases failed\n  ${failures.join("\n  ")}`;
