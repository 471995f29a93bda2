// jank-hot status and jank-hot runtimes: what a running server says of itself and of
// the pages that are connected.

import { formatChanges, formatReport, formatTimes, milliseconds } from "../format.js";
import { fetchStatus, type PageStatus, type Status } from "./server-address.js";
import { bold, counted, dim, green, plain, red } from "./terminal.js";

export interface StatusOptions {
  url: string;
  json?: boolean;
}

const MAX_SHOWN = 60;

export async function status({ url, json }: StatusOptions): Promise<void> {
  const found = await fetchStatus(url);
  if (json) return console.log(JSON.stringify(found, null, 2));
  const { version, uptimeMs, epoch, seq, ports, pages, vars, errors } = found;
  const count = Object.keys(vars).length;
  console.log(`${bold(`jank-hot ${version}`)}, up ${duration(uptimeMs)}`);
  console.log(`ports    HTTP ${ports.http}, WebSocket ${ports.webSocket}, nREPL ${ports.nrepl}`);
  console.log(`patches  ${seq} (epoch ${epoch}), ${count} ${count === 1 ? "var" : "vars"}`);
  console.log(`pages    ${pages.length || `none${invitation(found)}`}`);
  for (const page of pages) console.log(pageText(page));
  for (const error of errors) console.log(`${red("error")}    ${indented(formatReport(error), 9)}`);
}

/** What is to be done when there is none. */
const invitation = ({ pages, ports }: Status): string =>
  pages.length > 0 ? "" : `: open http://localhost:${ports.http}/`;

function pageText(page: PageStatus): string {
  const current = page.isCurrent ? green(" (current)") : "";
  const address = page.location && `  ${plain(page.location)}`;
  const head = `  ${bold(plain(page.name))}${current}${address}  since ${since(page)}`;
  return `${head}\n    ${lastText(page)}`;
}

function lastText({ last }: PageStatus): string {
  if (!last) return dim("no patch yet");
  const { seq, changes, error, compileMs } = last;
  if (error) return `patch ${seq} was ${red("refused")}: ${indented(formatReport(error), 4)}`;
  const compiled = compileMs === null ? "" : `compiled in ${milliseconds(compileMs)}, `;
  return `patch ${seq}: ${shown(changes)} ${dim(`(${compiled}${formatTimes(last)})`)}`;
}

const shown = (changes: NonNullable<PageStatus["last"]>["changes"]): string =>
  changes.length === 0 ? "nothing was redefined" : formatChanges(changes);

const indented = (text: string, by: number): string => text.replaceAll("\n", `\n${" ".repeat(by)}`);

export async function runtimes({ url, json }: StatusOptions): Promise<void> {
  const found = await fetchStatus(url);
  if (json) return console.log(JSON.stringify(found.pages, null, 2));
  if (found.pages.length === 0)
    return console.log(`${counted(0, "page")} connected${invitation(found)}`);
  const rows = found.pages.map((page) => [
    page.isCurrent ? "*" : "",
    plain(page.name),
    plain(page.id),
    plain(page.location),
    since(page),
    brief(page),
  ]);
  const head = ["", "NAME", "ID", "ADDRESS", "CONNECTED", "LAST PATCH"];
  const [titles = "", ...lines] = table([head, ...rows]);
  console.log(dim(titles));
  for (const line of lines) console.log(line.startsWith("*") ? bold(line) : line);
}

function brief({ last }: PageStatus): string {
  if (!last) return "none yet";
  if (last.error) return `${last.seq}: refused, ${plain(last.error.class)}`;
  return `${last.seq}: ${shown(last.changes)}, ${milliseconds(last.installMs)}`;
}

function table(rows: string[][]): string[] {
  const cells = rows.map((row) => row.map(shortened));
  const widths = (cells[0] ?? []).map((_, i) =>
    Math.max(...cells.map((row) => row[i]?.length ?? 0)),
  );
  return cells.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

const shortened = (text: string): string =>
  text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN - 3)}...` : text;

function since({ connectedAt }: PageStatus): string {
  const time = new Date(connectedAt).toTimeString().slice(0, 8);
  return `${time} (${duration(Date.now() - connectedAt)})`;
}

function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}
