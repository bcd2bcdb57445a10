import { type DescEnum, type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { byNumber, formOf, isImplicit, packedTagOf, tagOf, wireTypeOf, wrappedField } from './kinds.js';
import { Puts } from './put.js';
import type { Check } from './rule-checks.js';
import { hasMessageRules, requiredOneofs, type SureRules, sureRules } from './rules.js';

const BITS = 31;

/** What a program refers to, by the place in the linked table. */
export interface ParserLinks {
  message(desc: DescMessage): string;
  enumeration(desc: DescEnum): string;
  check(check: Check): string;
}

/**
 * Writes the program of one message: from JSON to canonical bytes, in one pass over the text. Fields are put in the order of
 * their numbers where the text has another. `M(b,p,o,w,d)` reads the object at `p` of `b` and writes from `w` of `o`, at depth
 * `d`; gives the new `w`, and leaves in `cursor.at` where the object ends.
 */
export class ParseSource {
  readonly puts = new Puts();
  readonly names: Buffer[] = [];
  readonly fields: readonly DescField[];

  constructor(
    private readonly desc: DescMessage,
    private readonly links: ParserLinks,
    /** Fields of the request that the body may not set; the program leaves those requests to reflection. */
    private readonly reserved: ReadonlySet<DescField> = new Set(),
  ) {
    this.fields = byNumber(desc);
  }

  /** Bits of what was seen: a field each, then a oneof each. */
  get words(): number {
    return Math.floor((this.fields.length + this.desc.oneofs.length) / BITS) + 1;
  }

  /** The word and the bit of a field. */
  bitOf(field: DescField): readonly [word: number, mask: number] {
    return bit(this.fields.indexOf(field));
  }

  oneofBit(field: DescField): readonly [word: number, mask: number] | undefined {
    return field.oneof && bit(this.fields.length + this.desc.oneofs.indexOf(field.oneof));
  }

  /** The program of a message that is not the request itself. */
  source(): string {
    return `return function M(b,p,o,w,d){${this.unseen()}let last=0,mixed=0;const base=S.count;${this.object()}
${this.afterwards()}if(mixed===1)S.reorder(base,o);S.count=base;cursor.at=p;return w;};`;
  }

  /** The program of a request: `given` has the bits of what path and query have set; without a body `p` is -1. */
  rootSource(): string {
    const words = Array.from({ length: this.words }, (_, i) => `s${i}=given[${i}]`);
    return `return function M(b,p,o,w,d){let ${words.join()};let last=0,mixed=1;if(p>=0){${this.object()}}
${this.afterwards()}S.reorder(0,o);cursor.at=p;return w;};`;
  }

  /** The program of one field of a request, which is its body. */
  fieldSource(field: DescField): string {
    return `return function M(b,p,o,w,d){let f=w,r=0,q=0,c=0;${this.value(field)}S.add(${field.number},f,w);cursor.at=p;return w;};`;
  }

  private unseen(): string {
    return `let ${Array.from({ length: this.words }, (_, i) => `s${i}=0`).join()};`;
  }

  private object(): string {
    const cases = this.fields.map((field, index) => `case ${index}:${this.field(field)}break;`).join('\n');
    return `if(d>45||b[p]!==123)giveUp();let c=0,h=0,q=0,r=0,f=0,i=0;p++;${space}
if(b[p]===125)p++;else for(;;){
if(b[p]!==34)giveUp();h=0;q=++p;
while((c=b[p])!==34){if(!(c>=32)||c===92)giveUp();h=(Math.imul(h,31)+c)|0;p++;}
r=p-q;p++;${space}if(b[p]!==58)giveUp();p++;${space}
switch(h){${this.lookup()}default:giveUp();}
f=w;
switch(i){${cases}}
${space}c=b[p++];if(c===44){${space}}else if(c===125)break;else giveUp();}`;
  }

  /** From a name's hash to the field; both its names lead to it. */
  private lookup(): string {
    const cases = new Map<number, string>();
    for (const [index, { name, jsonName }] of this.fields.entries()) {
      for (const text of new Set([jsonName, name])) {
        const bytes = Buffer.from(text);
        const hash = bytes.reduce((h, byte) => (Math.imul(h, 31) + byte) | 0, 0);
        // Of two names with one hash, the first is known to compiled code.
        if (cases.has(hash)) continue;
        cases.set(hash, `case ${hash}:if(!same(b,q,r,N[${this.names.push(bytes) - 1}]))giveUp();i=${index};break;`);
      }
    }
    return [...cases.values()].join('');
  }

  private field(field: DescField): string {
    if (this.reserved.has(field)) return 'giveUp();';
    const once = [this.bitOf(field), this.oneofBit(field)].flatMap((seen) => (seen ? [seen] : []));
    const marks = once.map(([word, mask]) => `if((s${word}&${mask})!==0)giveUp();s${word}|=${mask};`);
    const { number } = field;
    return `{${marks.join('')}${this.value(field)}if(w!==f){S.add(${number},f,w);if(${number}<last)mixed=1;last=${number};}}`;
  }

  /** What is missing makes a request doubtful. */
  private afterwards(): string {
    const doubts = hasMessageRules(this.desc) || this.fields.some((field) => sureRules(field).doubt === 'always');
    const needed = this.fields.filter((field) => sureRules(field).isNeeded).map((field) => this.bitOf(field));
    const oneofs = requiredOneofs(this.desc).flatMap((fields) => (fields[0] ? [this.oneofBit(fields[0])] : []));
    const missing = [...needed, ...oneofs].map((seen) => (seen ? `(s${seen[0]}&${seen[1]})===0` : 'true'));
    if (doubts) return 'doubt.any=true;';
    return missing.length === 0 ? '' : `if(${missing.join('||')})doubt.any=true;`;
  }

  /** Writes the field, with its tag, from the value at `p`, and moves `p` behind it. `f` is where the field begins. */
  private value(field: DescField): string {
    const rules = sureRules(field);
    const doubt = rules.doubt === 'none' ? '' : 'doubt.any=true;';
    if (field.fieldKind === 'list') return doubt + this.list(field, rules);
    if (field.fieldKind === 'map') return doubt + this.map(field, rules);
    if (!isImplicit(field) || field.message) return doubt + this.single(field, rules);
    const isZero = wireTypeOf(field) === 1 ? 'zeros(o,r,8)' : wireTypeOf(field) === 5 ? 'zeros(o,r,4)' : 'o[r]===0';
    const check = this.check(rules);
    const guarded = check && rules.mayBeZero ? `if(!(${isZero})){${check}}` : check;
    return `${doubt}${this.single(field, { ...rules, check: undefined })}${guarded}if(${isZero})w=f;`;
  }

  /** A tag and a value; `r` is where the value begins. */
  private single(field: DescField, rules: SureRules, tag = tagOf(field)): string {
    return `${this.tag(tag)}r=w;${this.bare(field)}${this.check(rules)}`;
  }

  private check({ check }: SureRules): string {
    return check ? `if(!${this.links.check(check)}(o,r,w))doubt.any=true;` : '';
  }

  private list(field: DescField, rules: SureRules): string {
    const packed = field.fieldKind === 'list' && field.packed ? packedTagOf(field) : undefined;
    const item = packed === undefined ? this.single(field, rules) : `r=w;${this.bare(field)}${this.check(rules)}`;
    const each = `for(;;){${item}n++;${space}c=b[p++];if(c===44){${space}continue;}if(c===93)break;giveUp();}`;
    const [begin, end] =
      packed === undefined ? ['', ''] : [`${this.tag(packed)}const g=w++;`, 'w=n===0?f:measured(g,o,w);'];
    return `if(b[p]!==91)giveUp();p++;let n=0;${begin}${space}if(b[p]===93)p++;else ${each}${end}${counted(rules)}`;
  }

  private map(field: DescField & { fieldKind: 'map' }, rules: SureRules): string {
    const keyTag = 8 | wireTypeOf({ scalar: field.mapKey });
    const entry = `${this.tag(tagOf(field))}const g=w++;o[w++]=${keyTag};w=ks.read(b,p,o,w);p=cursor.at;${space}
if(b[p]!==58)giveUp();p++;${space}${this.tag(16 | wireTypeOf(field))}${this.bare(field)}w=measured(g,o,w);`;
    const each = `for(;;){${entry}n++;${space}c=b[p++];if(c===44){${space}continue;}if(c===125)break;giveUp();}`;
    return `if(b[p]!==123)giveUp();p++;let n=0;const ks=new MapKeys(${field.mapKey});${space}if(b[p]===125)p++;else ${each}${counted(rules)}`;
  }

  private tag(tag: number): string {
    const bytes: number[] = [];
    for (let rest = tag; ; rest = Math.floor(rest / 128)) {
      bytes.push(rest > 127 ? (rest % 128) | 128 : rest);
      if (rest < 128) break;
    }
    return `${bytes.map((byte, i) => `o[w${i === 0 ? '' : `+${i}`}]=${byte};`).join('')}w+=${bytes.length};`;
  }

  /** Writes a value without its tag. */
  private bare(field: DescField): string {
    if (field.message) return this.message(field.message);
    const reader = field.enum ? this.links.enumeration(field.enum) : `R[${field.scalar ?? ScalarType.STRING}]`;
    return `w=${reader}(b,p,o,w);p=cursor.at;`;
  }

  private message(message: DescMessage): string {
    const form = formOf(message);
    if (form === 'foreign') return 'giveUp();';
    if (form === 'timestamp' || form === 'duration') return `w=${form}(b,p,o,w);p=cursor.at;`;
    if (form === 'plain') {
      return `{const a=w;w=${this.links.message(message)}(b,p,o,w+1,d+1);p=cursor.at;w=measured(a,o,w);}`;
    }
    const wrapped = wrappedField(message);
    if (!wrapped) throw new Error(`${message.typeName} wraps nothing`);
    const width = { 1: 8, 5: 4 }[wireTypeOf(wrapped)] ?? 1;
    return `{const a=w++;${this.tag(tagOf(wrapped))}const v=w;${this.bare(wrapped)}if(zeros(o,v,${width}))w=a+1;w=measured(a,o,w);}`;
  }
}

const space = 'if(b[p]<33)p=space(b,p);';

function bit(index: number): readonly [word: number, mask: number] {
  return [Math.floor(index / BITS), 1 << (index % BITS)];
}

function counted({ items, mayBeZero }: SureRules): string {
  if (!items) return '';
  const tests = [
    ...(items.least > 0 ? [mayBeZero ? `(n>0&&n<${items.least})` : `n<${items.least}`] : []),
    ...(Number.isFinite(items.most) ? [`n>${items.most}`] : []),
  ];
  return tests.length === 0 ? '' : `if(${tests.join('||')})doubt.any=true;`;
}
