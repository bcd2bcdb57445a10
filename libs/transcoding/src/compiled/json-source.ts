import { type DescEnum, type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import type { JsonForm } from '../json-form.js';
import { isNullable, unsetEnumValue } from '../json-shape.js';
import { byNumber, formOf, isImplicit, isLong, packedTagOf, tagOf, wireTypeOf, wrappedField } from './kinds.js';
import { Puts } from './put.js';

/** Names of the writers of write-json.ts. */
const WRITERS: Readonly<Partial<Record<ScalarType, string>>> = {
  [ScalarType.DOUBLE]: 'double',
  [ScalarType.FLOAT]: 'float',
  [ScalarType.INT64]: 'int64',
  [ScalarType.UINT64]: 'uint64',
  [ScalarType.INT32]: 'int32',
  [ScalarType.FIXED64]: 'unsignedFixed64',
  [ScalarType.FIXED32]: 'fixed32',
  [ScalarType.BOOL]: 'bool',
  [ScalarType.STRING]: 'string',
  [ScalarType.BYTES]: 'bytes',
  [ScalarType.UINT32]: 'uint32',
  [ScalarType.SFIXED32]: 'sfixed32',
  [ScalarType.SFIXED64]: 'sfixed64',
  [ScalarType.SINT32]: 'sint32',
  [ScalarType.SINT64]: 'sint64',
};

/** What a program refers to: other messages and enums, by their place in the linked table. */
export interface Links {
  message(desc: DescMessage): string;
  enumeration(desc: DescEnum): string;
  foreign(desc: DescMessage): string;
  /** Unknown fields may be extensions, which JSON tells. */
  readonly isExtended: boolean;
}

/**
 * Writes the program of one message: from its bytes to its JSON, in one pass, by the order of field numbers that every
 * serializer keeps. `M(b,p,e,o,w,d)` reads from `p` to `e` of `b` and writes from `w` of `o`, at depth `d`; gives the new `w`.
 */
export class JsonSource {
  readonly puts = new Puts();

  constructor(
    private readonly desc: DescMessage,
    private readonly form: JsonForm,
    private readonly links: Links,
    /** The field whose place in the output is marked: google.api.http's response_body. */
    private readonly marked?: DescField | undefined,
  ) {}

  source(): string {
    const oneofs = this.desc.oneofs.map((_, i) => `let x${i}=0;`).join('');
    const body = this.chunks();
    return `return function M(b,p,e,o,w,d){if(d>99)giveUp();${oneofs}let t=-1,l=0,q=0,z=0;o[w++]=123;${next}
${body}if(t!==-1||p!==e)giveUp();return close(o,w,125);};`;
  }

  private chunks(): string {
    let last = 0;
    const chunks = byNumber(this.desc).map((field) => {
      const gap = field.number > last + 1 ? this.skipTo(last, field.number * 8) : '';
      last = field.number;
      return `${gap}${this.field(field)}\n`;
    });
    return chunks.join('') + this.skipTo(last, 2 ** 32);
  }

  private skipTo(last: number, limit: number): string {
    if (this.links.isExtended) return '';
    return `if(t!==-1&&t<${limit}){t=skip(b,p,e,t,${last},${limit});p=cursor.at;}`;
  }

  private field(field: DescField): string {
    const mark = field === this.marked ? ['mark.from=w;', 'mark.to=w-1;'] : ['', ''];
    const key = this.puts.of(`${JSON.stringify(this.form.names === 'proto' ? field.name : field.jsonName)}:`) + mark[0];
    const end = `o[w++]=44;${mark[1]}`;
    if (field.fieldKind === 'map') return this.map(field, key, end);
    if (field.fieldKind === 'list') return this.list(field, key, end);
    return this.single(field, key, end);
  }

  private single(field: DescField, key: string, end: string): string {
    const index = field.oneof ? this.desc.oneofs.indexOf(field.oneof) : -1;
    const once = index < 0 ? '' : `if(x${index}===1)giveUp();x${index}=1;`;
    const emit = this.dropsZero(field)
      ? `if(isZero${zeroWidth(field)}(b,p)){p=cursor.at;}else{${key}${this.value(field)}${end}}`
      : `${key}${this.value(field)}${end}`;
    const unset = this.whenUnset(field);
    const otherwise = unset === undefined ? '' : `else{${key}${this.puts.of(unset)}${end}}`;
    return `if(t===${tagOf(field)}){${once}${emit}${next}}${otherwise}`;
  }

  private list(field: DescField, key: string, end: string): string {
    const item = `${this.value(field)}o[w++]=44;`;
    const packed = packedTagOf(field);
    const open = `${key}o[w++]=91;`;
    const shut = `w=close(o,w,93);${end}`;
    const singly = `if(t===${tagOf(field)}){${open}do{${item}${next}}while(t===${tagOf(field)});${shut}}`;
    const atOnce =
      packed === undefined
        ? ''
        : `else if(t===${packed}){q=lengthEnd(b,p);p=cursor.at;${this.emptyPacked()}${open}while(p<q){${item}}if(p!==q)giveUp();${shut}${next}}`;
    const otherwise = this.form.unpopulated === 'omitted' ? '' : `else{${open}o[w++]=93;${end}}`;
    return `${singly}${atOnce}${otherwise}`;
  }

  /** A packed list of no values is no list, where what is not set is left out. */
  private emptyPacked(): string {
    return this.form.unpopulated === 'omitted' ? 'if(p===q)giveUp();' : '';
  }

  /** The keys go through an object: JSON objects made of it have its order, and of two equal keys the last wins. */
  private map(field: DescField & { fieldKind: 'map' }, key: string, end: string): string {
    const keyTag = 8 | wireTypeOf({ scalar: field.mapKey });
    const valueWire = wireTypeOf(field);
    const read = `q=lengthEnd(b,p);p=cursor.at;let k=${JSON.stringify(zeroKey(field.mapKey))},v=-1;
if(p<q&&b[p]===${keyTag}){k=KEYS[${field.mapKey}](b,p+1);p=cursor.at;}
if(p<q&&b[p]===${16 | valueWire}){v=p+1;p=skipValue(b,v,${valueWire});}if(p!==q)giveUp();m[k]=v;n++;`;
    const unset = field.message ? this.unsetMessage(field.message) : this.puts.of(this.zero(field) ?? '');
    const write = `for(const k of ks){w=quoted(k,o,w);o[w++]=58;p=m[k];if(p<0){${unset}}else{${this.value(field)}}o[w++]=44;}`;
    const open = `${key}o[w++]=123;`;
    const shut = `w=close(o,w,125);${end}`;
    const otherwise = this.form.unpopulated === 'omitted' ? '' : `else{${open}o[w++]=125;${end}}`;
    return `if(t===${tagOf(field)}){const m={__proto__:null};let n=0;do{${read}${next}}while(t===${tagOf(field)});
const ks=Object.keys(m);if(ks.length!==n)giveUp();z=p;${open}${write}p=z;${shut}}${otherwise}`;
  }

  /** Writes the value at `p` and moves `p` behind it. */
  private value(field: DescField): string {
    if (field.message) return this.message(field.message);
    if (field.enum) return `w=${this.enumeration(field.enum)}(b,p,o,w);p=cursor.at;`;
    return `w=${WRITERS[field.scalar ?? ScalarType.STRING] ?? ''}(b,p,o,w);p=cursor.at;`;
  }

  private enumeration(desc: DescEnum): string {
    if (desc.typeName === 'google.protobuf.NullValue') return 'nothing';
    return this.form.enums === 'numbers' ? 'int32' : this.links.enumeration(desc);
  }

  private message(message: DescMessage): string {
    const form = formOf(message);
    if (form === 'timestamp' || form === 'duration') return `w=${form}(b,p,o,w);p=cursor.at;`;
    const into = 'l=lengthEnd(b,p);p=cursor.at;';
    if (form === 'foreign') return `${into}w=${this.links.foreign(message)}(b,p,l,o,w,d);p=l;`;
    if (form === 'plain') return `${into}w=${this.links.message(message)}(b,p,l,o,w,d+1);p=l;`;
    const wrapped = wrappedField(message);
    if (!wrapped) throw new Error(`${message.typeName} wraps nothing`);
    return `${into}if(p===l){${this.puts.of(this.zero(wrapped) ?? '')}}else{if(b[p++]!==${tagOf(wrapped)})giveUp();${this.value(wrapped)}if(p!==l)giveUp();}`;
  }

  /** A value that is missing in the entry of a map. */
  private unsetMessage(message: DescMessage): string {
    if (formOf(message) !== 'plain') return 'giveUp();';
    return `w=${this.links.message(message)}(b,0,0,o,w,d+1);`;
  }

  /** Whether a value of zero on the wire is as good as none. */
  private dropsZero(field: DescField): boolean {
    if (this.form.unpopulated === 'omitted') return isImplicit(field);
    return this.form.unpopulated === 'without-presence' && unsetEnumValue(field) !== undefined;
  }

  private whenUnset(field: DescField): string | undefined {
    const { unpopulated } = this.form;
    if (unpopulated === 'omitted') return undefined;
    if (unpopulated === 'all' && isNullable(field)) return 'null';
    if (!isImplicit(field) || field.message) return undefined;
    return unpopulated === 'without-presence' && unsetEnumValue(field) ? undefined : this.zero(field);
  }

  private zero({ scalar, enum: enumeration }: DescField): string | undefined {
    if (enumeration?.typeName === 'google.protobuf.NullValue') return 'null';
    if (enumeration) return this.form.enums === 'numbers' ? '0' : JSON.stringify(enumeration.value[0]?.jsonName ?? 0);
    if (scalar === undefined) return undefined;
    if (scalar === ScalarType.BOOL) return 'false';
    if (scalar === ScalarType.STRING || scalar === ScalarType.BYTES) return '""';
    return isLong(scalar) ? '"0"' : '0';
  }
}

/** Reads the tag that follows; -1 at the end. */
const next = 'if(p<e){t=b[p++];if(t>127){t=longTag(b,p-1);p=cursor.at;}}else t=-1;';

function zeroWidth(field: DescField): string {
  const wireType = wireTypeOf(field);
  if (wireType === 1) return '64';
  if (wireType === 5) return '32';
  return field.scalar === ScalarType.BOOL || (field.scalar !== undefined && isLong(field.scalar)) ? 'Long' : '';
}

function zeroKey(scalar: ScalarType): string {
  return scalar === ScalarType.STRING ? '' : scalar === ScalarType.BOOL ? 'false' : '0';
}
