import { readFileSync } from 'node:fs';
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument, Scalar, visit } from 'yaml';
import { readVariable } from '#libs/service';
import { type ConfigPath, type ConfigProblem, ConfigRefused, pathText } from './config-problem.js';

export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * A YAML file whose places are known. `${NAME}` in a text is the environment variable, `${NAME:-text}` has a default;
 * what is empty counts as not set. NAME_FILE in the environment names a file that holds NAME.
 */
export class ConfigFile {
  /** What the file says, as plain objects. */
  readonly value: unknown;
  private readonly document: Document;
  private readonly lines = new LineCounter();
  private readonly missing: string[] = [];

  /** Throws ConfigRefused when the file cannot be read or is no YAML. */
  constructor(
    readonly path: string,
    variables: Variables,
  ) {
    this.document = parseDocument(readText(path), { lineCounter: this.lines });
    const broken = this.document.errors.map(({ pos: [offset], message }) => this.at(offset, message));
    if (broken.length > 0) throw new ConfigRefused(path, broken);
    this.fillIn(variables);
    this.value = withoutEmpty(this.document.toJS());
  }

  /** Throws ConfigRefused with every problem at its line and column, and every variable that is not set. */
  refuseIfAny(problems: readonly ConfigProblem[]): void {
    const lines = problems.map(({ path, message }) => {
      const place = pathText(path);
      return this.at(this.offsetOf(path), place === '' ? message : `${place}: ${message}`);
    });
    if (this.missing.length + lines.length > 0) throw new ConfigRefused(this.path, [...this.missing, ...lines]);
  }

  private fillIn(variables: Variables): void {
    visit(this.document, {
      Scalar: (key, node) => {
        if (key === 'key' || typeof node.value !== 'string' || !node.value.includes('${')) return;
        const written = node.value;
        const text = written.replace(/\$\{(\w+)(?::-([^}]*))?\}/g, (_, name: string, standard: string | undefined) => {
          const { value = standard, problem } = readVariable(variables, name);
          if (value === undefined || problem) this.missing.push(this.at(node.range?.[0] ?? 0, problem ?? unset(name)));
          return value ?? '';
        });
        node.value = node.type === Scalar.PLAIN && /^\$\{[^}]*\}$/.test(written) ? typed(text) : text || null;
      },
    });
  }

  private at(offset: number, message: string): string {
    const { line, col } = this.lines.linePos(offset);
    return `${this.path}:${line}:${col} ${message.split(' at line ', 1)[0]}`;
  }

  /** Of the key, or of the item of a list; of what comes nearest above it, where it is not in the file. */
  private offsetOf(path: ConfigPath): number {
    for (let length = path.length; length > 0; length--) {
      const above: unknown =
        length === 1 ? this.document.contents : this.document.getIn(path.slice(0, length - 1), true);
      const name = path[length - 1];
      const pair = isMap(above) && above.items.find(({ key }) => isScalar(key) && key.value === name);
      const node: unknown = pair ? pair.key : this.document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return node.range[0];
    }
    return 0;
  }
}

const unset = (name: string) => `the environment variable ${name} is not set: set it, or write a value here`;

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigRefused(path, [`cannot be read: ${error instanceof Error ? error.message : error}`]);
  }
}

/** A variable that stands alone and unquoted can be a number or a switch, as if it were written there. */
function typed(text: string): string | number | boolean | null {
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^\d{1,15}$/.test(text)) return Number(text);
  return text === '' ? null : text;
}

function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutEmpty(item)]));
}
