/** A request of an .http file, as written: {{…}} still stands in url, headers and body. */
export interface HttpFileRequest {
  readonly title: string;
  /** By `# @name`: what later requests call its answer. */
  readonly name: string | undefined;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly expected: Expected;
}

/** By `# → 201 CONFIRMED`: the status, and texts that stand as values in the answer. */
export interface Expected {
  readonly status: number;
  readonly words: readonly string[];
}

export interface HttpFile {
  /** By `@name = value`, for the whole file. */
  readonly variables: Readonly<Record<string, string>>;
  readonly requests: readonly HttpFileRequest[];
}

const VARIABLE = /^@(\w+)\s*=\s*(.*?)\s*$/;
const COMMENT = /^(?:#|\/\/)/;
const NAME = /^# @name (\w+)$/;
const EXPECTED = /^# → (\d{3})((?: [A-Z_]+)*)$/;
const REQUEST_LINE = /^(GET|POST|PUT|PATCH|DELETE) (\S+)$/;
const HEADER = /^([\w-]+): (.+)$/;

/** Reads the subset that requests/README.md describes. @throws with the line that is outside of it */
export function parseHttpFile(text: string): HttpFile {
  const [head = '', ...blocks] = text.split(/^###/m);
  const variables: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const [, name, value = ''] = VARIABLE.exec(line) ?? [];
    if (name === undefined) continue;
    if (name in variables) throw new Error(`@${name} has two values: editors differ in which one counts`);
    variables[name] = value;
  }
  const stray = linesOf(head).find((line) => !COMMENT.test(line) && !VARIABLE.test(line));
  if (stray) throw new Error(`before the first ###: ${stray}`);
  return { variables, requests: blocks.map(parseBlock) };
}

function parseBlock(block: string): HttpFileRequest {
  const [title = '', ...lines] = block.split('\n');
  const start = lines.findIndex((line) => line.trim() !== '' && !COMMENT.test(line) && !VARIABLE.test(line));
  const [, method, url] = REQUEST_LINE.exec(lines[start] ?? '') ?? [];
  if (!method || !url) throw new Error(`### ${title.trim()}: no request, but ${lines[start] ?? 'nothing'}`);
  const before = lines.slice(0, start);
  const after = lines.slice(start + 1);
  const blank = after.findIndex((line) => line.trim() === '');
  const headers = blank < 0 ? after : after.slice(0, blank);
  const body = blank < 0 ? '' : after.slice(blank).join('\n').trim();
  return {
    title: title.trim(),
    name: before.map((line) => NAME.exec(line)?.[1]).find(Boolean),
    method,
    url,
    headers: Object.fromEntries(headers.map(parseHeader)),
    body: body || undefined,
    expected: expectedIn(before, title.trim()),
  };
}

function parseHeader(line: string): [name: string, value: string] {
  const [, name, value] = HEADER.exec(line) ?? [];
  if (!name || !value) throw new Error(`no header: ${line}`);
  return [name.toLowerCase(), value];
}

function expectedIn(lines: readonly string[], title: string): Expected {
  const [, status, words = ''] = lines.map((line) => EXPECTED.exec(line)).find(Boolean) ?? [];
  if (!status) throw new Error(`### ${title}: a line such as "# → 200" is missing`);
  return { status: Number(status), words: words.split(' ').filter(Boolean) };
}

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '');
