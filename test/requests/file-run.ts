import { randomUUID } from 'node:crypto';
import type { Expected, HttpFile, HttpFileRequest } from './http-file.js';

/** The JSON bodies of the named answers so far. */
export type Answers = ReadonlyMap<string, unknown>;

/** What a reader would put in the place of a variable's value. */
export type Reader = Readonly<Record<string, (answers: Answers) => string | Promise<string>>>;

export interface Got extends Expected {
  readonly text: string;
}

/** One reader's way through a file: requests are sent one after the other, and refer to the answers before. */
export class FileRun {
  private readonly answers = new Map<string, unknown>();

  constructor(
    private readonly file: HttpFile,
    private readonly reader: Reader,
  ) {}

  /** Of the expected words, the answer has those that stand in it as a value. */
  async send({ name, method, expected, ...request }: HttpFileRequest): Promise<Got> {
    const headers = Object.entries(request.headers).map(async ([key, value]) => [key, await this.fill(value)]);
    const response = await fetch(await this.fill(request.url), {
      method,
      headers: Object.fromEntries(await Promise.all(headers)),
      body: request.body === undefined ? undefined : await this.fill(request.body),
      signal: AbortSignal.timeout(60_000),
    });
    const text = await response.text();
    if (name) this.answers.set(name, JSON.parse(text));
    return { status: response.status, words: expected.words.filter((word) => text.includes(`"${word}"`)), text };
  }

  private async fill(template: string): Promise<string> {
    const parts = template.split(/\{\{(.+?)\}\}/);
    const filled = parts.map((part, index) => (index % 2 === 0 ? part : this.valueOf(part)));
    return (await Promise.all(filled)).join('');
  }

  private async valueOf(reference: string): Promise<string> {
    if (reference === '$guid') return randomUUID();
    const [, name, path] = /^(\w+)\.response\.body\.(.+)$/.exec(reference) ?? [];
    if (name && path) return textAt(this.answers.get(name), path);
    const value = this.reader[reference]?.(this.answers) ?? this.file.variables[reference];
    if (value === undefined || String(value).startsWith('paste-'))
      throw new Error(`nothing to put for {{${reference}}}`);
    return value;
  }
}

/** @throws when there is no text at `a.b[0].c` */
export function textAt(body: unknown, path: string): string {
  const steps = path.split(/[.[\]]+/).filter(Boolean);
  const value = steps.reduce<unknown>((at, step) => (isRecord(at) ? at[step] : undefined), body);
  if (typeof value !== 'string') throw new Error(`no text at ${path} in ${JSON.stringify(body)}`);
  return value;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
