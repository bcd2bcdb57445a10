import { refusal } from '../refusal.js';
import type { Comparator } from './node.js';

export type Token =
  | { readonly kind: 'word' | 'string'; readonly text: string; readonly at: number }
  | { readonly kind: 'comparator'; readonly text: Comparator; readonly at: number }
  | { readonly kind: '(' | ')' | 'minus' | 'end'; readonly at: number };

/** What a filter breaks and where, from 1. */
export function filterRefusal(at: number, description: string, reason = 'filter.syntax'): Error {
  return refusal('filter', reason, `at character ${at}: ${description}`);
}

// One alternative per kind of token, in this order. A time is one word although it has colons, which AIP-160 allows in
// quotes only: people write it bare. A minus sign before a word negates; one inside or before a digit belongs to it.
const TOKEN =
  /\s*(?:(?<time>\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d))|(?<comparator><=|>=|!=|[=<>:])|(?<bracket>[()])|(?<minus>-(?!\d))|"(?<double>(?:[^"\\]|\\.)*)"|'(?<single>(?:[^'\\]|\\.)*)'|(?<word>[\p{L}\p{N}_.*-]+))/suy;

/** Cuts a filter into its tokens; the last one is `end`. Throws VALIDATION_FAILED on what is none. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  for (let at = 0; at < end; ) {
    TOKEN.lastIndex = at;
    const groups = TOKEN.exec(text)?.groups;
    if (!groups) throw unreadable(text, at);
    const begin = at + leadingSpace(text, at);
    tokens.push(tokenOf(groups, begin + 1));
    at = TOKEN.lastIndex;
  }
  return [...tokens, { kind: 'end', at: end + 1 }];
}

function tokenOf(groups: Record<string, string | undefined>, at: number): Token {
  if (groups.comparator) return { kind: 'comparator', text: groups.comparator as Comparator, at };
  if (groups.bracket) return { kind: groups.bracket as '(' | ')', at };
  if (groups.minus) return { kind: 'minus', at };
  const quoted = groups.double ?? groups.single;
  if (quoted !== undefined) return { kind: 'string', text: quoted.replace(/\\(.)/gsu, '$1'), at };
  return { kind: 'word', text: groups.time ?? groups.word ?? '', at };
}

function unreadable(text: string, at: number): Error {
  const begin = at + leadingSpace(text, at);
  const found = text.slice(begin, begin + 2).match(/^./su)?.[0] ?? '';
  const what = found === '"' || found === "'" ? `the quote ${found} is not closed` : `${found} cannot stand here`;
  return filterRefusal(begin + 1, what);
}

const leadingSpace = (text: string, at: number) => /^\s*/.exec(text.slice(at))?.[0].length ?? 0;
