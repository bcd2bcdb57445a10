import type { DescMessage } from '@bufbuild/protobuf';
import { jsonDuration, jsonTime, type Seconds } from './go-time.js';

/** The text of a Timestamp, Duration or FieldMask in a body, as fromJson takes it. Undefined where protojson refuses it. */
export function wellKnownText(desc: DescMessage, text: string): string | undefined {
  if (desc.typeName === 'google.protobuf.FieldMask') return maskText(text.trim());
  if (desc.typeName === 'google.protobuf.Timestamp') return timeText(jsonTime(text));
  return durationText(jsonDuration(text));
}

function maskText(text: string): string | undefined {
  // Names in lowerCamelCase, of what are identifiers then.
  return /^(?:[a-zA-Z][a-zA-Z0-9]*(?:\.[a-zA-Z][a-zA-Z0-9]*)*(?:,(?!$)|$))*$/.test(text) ? text : undefined;
}

function timeText(time: Seconds | undefined): string | undefined {
  if (!time) return undefined;
  const second = new Date(Number(time.seconds) * 1_000).toISOString().slice(0, 19);
  return `${second}${fraction(time.nanos)}Z`;
}

function durationText(span: Seconds | undefined): string | undefined {
  if (!span) return undefined;
  const { seconds, nanos } = span;
  const sign = seconds < 0n || nanos < 0 ? '-' : '';
  return `${sign}${seconds < 0n ? -seconds : seconds}${fraction(Math.abs(nanos))}s`;
}

const fraction = (nanos: number) => (nanos === 0 ? '' : `.${String(nanos).padStart(9, '0')}`);
