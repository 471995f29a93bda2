// The editor: CodeMirror in a shadow root, where its styles are constructed sheets,
// which a Content-Security-Policy without inline styles allows.

import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import {
  bracketMatching,
  HighlightStyle,
  indentOnInput,
  syntaxHighlighting,
  syntaxTree,
} from "@codemirror/language";
import {
  EditorState,
  StateEffect,
  StateField,
  type Extension,
  type TransactionSpec,
} from "@codemirror/state";
import {
  Decoration,
  drawSelection,
  EditorView,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  WidgetType,
  type DecorationSet,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { clojure } from "@nextjournal/lang-clojure";

/** What is wrong at a line, from 1; a column of 0 is not known. */
export interface Problem {
  line: number;
  column: number;
  message: string;
}

export interface EditorOptions {
  label: string;
  /** The id of the element, in this shadow root, that says which keys there are. */
  help: string;
  /** Ctrl or Cmd and Enter. */
  onRun: () => void;
  onChange: () => void;
}

const setProblem = StateEffect.define<Problem | null>();
/** Lines that are live now. */
const setFresh = StateEffect.define<{ from: number; to: number }[]>();

class Message extends WidgetType {
  constructor(readonly problem: Problem) {
    super();
  }
  override eq({ problem }: Message): boolean {
    return problem === this.problem;
  }
  toDOM(): HTMLElement {
    const element = document.createElement("div");
    element.className = "cm-message";
    element.textContent = this.problem.message;
    return element;
  }
}

const problems = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(shown, transaction) {
    let decorations = shown.map(transaction.changes);
    for (const effect of transaction.effects)
      if (effect.is(setProblem)) decorations = problemAt(effect.value, transaction.state);
    return decorations;
  },
  provide: (field) => EditorView.decorations.from(field),
});

function problemAt(problem: Problem | null, { doc }: EditorState): DecorationSet {
  if (!problem) return Decoration.none;
  const line = doc.line(Math.min(Math.max(problem.line, 1), doc.lines));
  const from = Math.min(line.from + Math.max(problem.column - 1, 0), line.to);
  const to = problem.column > 0 ? Math.min(wordEnd(line.text, from - line.from), line.length) : 0;
  const below = { widget: new Message(problem), block: true, side: 1 };
  return Decoration.set([
    Decoration.line({ class: "cm-bad-line" }).range(line.from),
    ...(line.from + to > from
      ? [Decoration.mark({ class: "cm-bad-text" }).range(from, line.from + to)]
      : []),
    Decoration.widget(below).range(line.to),
  ]);
}

function wordEnd(text: string, from: number): number {
  return from + Math.max(1, /^[^\s()[\]{}]*/.exec(text.slice(from))?.[0].length ?? 1);
}

const fresh = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(shown, { changes, effects, state: { doc } }) {
    let decorations = shown.map(changes);
    for (const effect of effects)
      if (effect.is(setFresh)) {
        const lines = effect.value.flatMap(({ from, to }) => {
          const [first, last] = [doc.lineAt(from).number, doc.lineAt(to).number];
          return Array.from({ length: last - first + 1 }, (_, i) => doc.line(first + i).from);
        });
        const line = Decoration.line({ class: "cm-fresh" });
        decorations = Decoration.set(lines.map((at) => line.range(at)));
      }
    return decorations;
  },
  provide: (field) => EditorView.decorations.from(field),
});

const highlighting = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--accent)" },
  { tag: tags.definition(tags.variableName), fontWeight: "600" },
  { tag: [tags.string, tags.regexp, tags.emphasis], color: "var(--code-string)" },
  { tag: [tags.number, tags.atom, tags.bool, tags.null], color: "var(--code-number)" },
  { tag: tags.comment, color: "var(--quiet)", fontStyle: "italic" },
]);

const theme = EditorView.theme({
  "&": { height: "100%", color: "var(--ink)", backgroundColor: "transparent" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", fontSize: "var(--code-size)", lineHeight: "1.6" },
  ".cm-content": { caretColor: "var(--ink)", padding: "0.75rem 0" },
  ".cm-line": { padding: "0 1rem 0 0.5rem" },
  ".cm-cursor": { borderLeftColor: "var(--ink)", borderLeftWidth: "2px" },
  "& > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground":
    { background: "var(--selection)" },
  ".cm-gutters": {
    color: "var(--faint)",
    backgroundColor: "transparent",
    border: "none",
    paddingLeft: "0.25rem",
  },
  "&.cm-focused .cm-matchingBracket, .cm-matchingBracket": {
    backgroundColor: "var(--selection)",
    outline: "1px solid var(--line)",
  },
  "&.cm-focused .cm-nonmatchingBracket": { color: "var(--bad)", backgroundColor: "transparent" },
  ".cm-bad-line": { backgroundColor: "var(--bad-ground)" },
  ".cm-bad-text": { textDecoration: "underline wavy var(--bad)", textUnderlineOffset: "0.25em" },
  ".cm-message": {
    padding: "0.15rem 1rem 0.35rem 0.5rem",
    color: "var(--bad)",
    backgroundColor: "var(--bad-ground)",
    fontFamily: "var(--sans)",
    whiteSpace: "pre-wrap",
    overflowWrap: "anywhere",
  },
  "@keyframes fresh": { from: { backgroundColor: "var(--fresh)" } },
  ".cm-fresh": { animation: "fresh 1.6s ease-out" },
  "@media (prefers-reduced-motion: reduce)": { ".cm-fresh": { animation: "none" } },
});

export class Editor {
  readonly view: EditorView;
  readonly #states = new Map<string, EditorState>();
  readonly #extensions: Extension;
  #file = "";

  constructor(host: HTMLElement, options: EditorOptions) {
    const root = host.attachShadow({ mode: "open" });
    const help = document.createElement("span");
    help.id = "help";
    help.hidden = true;
    help.textContent = options.help;
    root.append(help);
    const run = () => (options.onRun(), true);
    this.#extensions = [
      lineNumbers(),
      highlightSpecialChars(),
      history(),
      drawSelection(),
      indentOnInput(),
      bracketMatching(),
      clojure(),
      syntaxHighlighting(highlighting),
      problems,
      fresh,
      theme,
      EditorView.contentAttributes.of({
        "aria-label": options.label,
        "aria-describedby": help.id,
        autocapitalize: "off",
        autocorrect: "off",
        spellcheck: "false",
      }),
      EditorView.updateListener.of(({ docChanged }) => {
        if (docChanged) options.onChange();
      }),
      keymap.of([
        { key: "Mod-Enter", run },
        { key: "Alt-ArrowUp", run: (view) => nudge(view, 1) && run() },
        { key: "Alt-ArrowDown", run: (view) => nudge(view, -1) && run() },
        ...defaultKeymap,
        ...historyKeymap,
        indentWithTab,
      ]),
    ];
    this.view = new EditorView({ root, parent: root });
  }

  get file(): string {
    return this.#file;
  }

  /** Shows a file; its cursor, and what can be undone in it, are as they were left. */
  show(file: string): void {
    if (this.#file) this.#states.set(this.#file, this.view.state);
    this.#file = file;
    this.view.setState(this.#stateOf(file));
  }

  #stateOf(file: string): EditorState {
    return this.#states.get(file) ?? EditorState.create({ doc: "", extensions: this.#extensions });
  }

  /** Of the file that is shown. */
  get text(): string {
    return this.textOf(this.#file);
  }

  textOf(file: string): string {
    return (file === this.#file ? this.view.state : this.#stateOf(file)).doc.toString();
  }

  get cursor(): number {
    return this.view.state.selection.main.head;
  }

  /** Replaces only what differs, so that the cursor stays where it is. */
  setText(file: string, text: string): void {
    const before = this.textOf(file);
    if (before === text) return;
    const least = Math.min(before.length, text.length);
    let start = 0;
    while (start < least && before[start] === text[start]) start++;
    let end = 0;
    while (end < least - start && before.at(-1 - end) === text.at(-1 - end)) end++;
    this.#dispatch(file, {
      changes: {
        from: start,
        to: before.length - end,
        insert: text.slice(start, text.length - end),
      },
    });
  }

  /** Puts the cursor there, in sight. */
  select(offset: number): void {
    this.view.dispatch({
      selection: { anchor: offset },
      effects: EditorView.scrollIntoView(offset, { y: "center" }),
    });
  }

  showProblem(file: string, problem: Problem | null): void {
    this.#dispatch(file, { effects: setProblem.of(problem) });
    if (!problem || file !== this.#file) return;
    const { doc } = this.view.state;
    const at = doc.line(Math.min(Math.max(problem.line, 1), doc.lines)).from;
    this.view.dispatch({ effects: EditorView.scrollIntoView(at, { y: "nearest", yMargin: 48 }) });
  }

  /** Lights up what is live now. */
  flash(file: string, ranges: { from: number; to: number }[]): void {
    this.#dispatch(file, { effects: setFresh.of([]) });
    // The animation begins again only for a line that was without it.
    requestAnimationFrame(() => {
      const { length } = this.textOf(file);
      if (ranges.every(({ to }) => to <= length))
        this.#dispatch(file, { effects: setFresh.of(ranges) });
    });
  }

  #dispatch(file: string, spec: TransactionSpec): void {
    if (file === this.#file) this.view.dispatch(spec);
    else this.#states.set(file, this.#stateOf(file).update(spec).state);
  }
}

/** Adds one to the last digit of the number at the cursor. */
function nudge(view: EditorView, direction: 1 | -1): boolean {
  const { state } = view;
  const at = state.selection.main.head;
  const node = [-1, 1]
    .map((side) => syntaxTree(state).resolveInner(at, side as -1 | 1))
    .find(({ name }) => name === "Number");
  if (!node) return false;
  const text = state.sliceDoc(node.from, node.to);
  if (!/^-?\d+(\.\d+)?$/.test(text)) return false;
  const digits = text.split(".")[1]?.length ?? 0;
  const insert = (Number(text) + direction * 10 ** -digits).toFixed(digits);
  view.dispatch({
    changes: { from: node.from, to: node.to, insert },
    selection: { anchor: node.from + insert.length },
    userEvent: "input",
  });
  return true;
}
