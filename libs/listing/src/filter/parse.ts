import type { Comparison, FilterNode } from './node.js';
import { filterRefusal, type Token, tokenize } from './tokens.js';

const MAX_LENGTH = 2000;
const MAX_DEPTH = 16;
const MAX_COMPARISONS = 50;

/**
 * Reads a filter (AIP-160, https://google.aip.dev/assets/misc/ebnf-filtering.txt): comparisons, `:` (has), AND, OR, NOT
 * or `-`, brackets; a space between two comparisons is an AND. As the AIP has it, OR binds closer than AND:
 * `a = 1 AND b = 2 OR b = 3` is `a = 1 AND (b = 2 OR b = 3)`. Functions and bare values are refused. Undefined for an
 * empty text. Throws VALIDATION_FAILED on `filter`, with the position.
 */
export function parseFilter(text: string): FilterNode | undefined {
  if (text.length > MAX_LENGTH) throw filterRefusal(MAX_LENGTH + 1, `a filter has at most ${MAX_LENGTH} characters`);
  const parser = new Parser(tokenize(text));
  return parser.isEmpty ? undefined : parser.whole();
}

class Parser {
  private position = 0;
  private comparisons = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  get isEmpty(): boolean {
    return this.token.kind === 'end';
  }

  whole(): FilterNode {
    const node = this.expression(0);
    if (this.token.kind === 'end') return node;
    throw this.unexpected('AND, OR or the end');
  }

  private expression(depth: number): FilterNode {
    const parts = [this.factor(depth)];
    while (this.isWord('AND') || this.startsTerm) {
      if (this.isWord('AND')) this.take();
      parts.push(this.factor(depth));
    }
    return join('and', parts);
  }

  private factor(depth: number): FilterNode {
    const parts = [this.term(depth)];
    while (this.isWord('OR')) {
      this.take();
      parts.push(this.term(depth));
    }
    return join('or', parts);
  }

  private term(depth: number): FilterNode {
    if (depth > MAX_DEPTH) throw filterRefusal(this.token.at, `nested deeper than ${MAX_DEPTH} levels`);
    if (this.isWord('NOT') || this.token.kind === 'minus') {
      this.take();
      return { kind: 'not', part: this.term(depth + 1) };
    }
    if (!this.took('(')) return this.comparison();
    const inner = this.expression(depth + 1);
    if (!this.took(')')) throw this.unexpected('a closing bracket');
    return inner;
  }

  private comparison(): Comparison {
    const field = this.token;
    if (field.kind !== 'word' || this.isKeyword) throw this.unexpected('a field');
    this.take();
    const comparator = this.token;
    if (comparator.kind === '(') throw filterRefusal(field.at, `functions such as ${field.text} are not supported`);
    if (comparator.kind !== 'comparator') throw this.unexpected(`a comparison such as = after ${field.text}`);
    this.take();
    const value = this.token;
    if ((value.kind !== 'word' && value.kind !== 'string') || this.isKeyword) throw this.unexpected('a value');
    this.take();
    if (++this.comparisons > MAX_COMPARISONS) throw filterRefusal(field.at, `more than ${MAX_COMPARISONS} comparisons`);
    const { text, at } = value;
    const read = { text, at, quoted: value.kind === 'string' };
    return { kind: 'compare', field: field.text, comparator: comparator.text, value: read, at: field.at };
  }

  private get token(): Token {
    return this.tokens[this.position] ?? { kind: 'end', at: 1 };
  }

  private get startsTerm(): boolean {
    const { kind } = this.token;
    return kind === '(' || kind === 'minus' || kind === 'string' || (kind === 'word' && !this.isBetween);
  }

  private get isBetween(): boolean {
    return this.isWord('AND') || this.isWord('OR');
  }

  private get isKeyword(): boolean {
    return this.isBetween || this.isWord('NOT');
  }

  private isWord(text: string): boolean {
    return this.token.kind === 'word' && this.token.text === text;
  }

  private took(kind: Token['kind']): boolean {
    const found = this.token.kind === kind;
    if (found) this.take();
    return found;
  }

  private take(): void {
    this.position++;
  }

  private unexpected(wanted: string): Error {
    const found = 'text' in this.token ? JSON.stringify(this.token.text.slice(0, 50)) : this.token.kind;
    return filterRefusal(this.token.at, `${wanted} is expected, not ${found === 'end' ? 'the end' : found}`);
  }
}

const join = (kind: 'and' | 'or', parts: FilterNode[]): FilterNode =>
  parts.length === 1 && parts[0] ? parts[0] : { kind, parts };
