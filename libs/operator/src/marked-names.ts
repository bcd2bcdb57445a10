import type { DescMessage } from '@bufbuild/protobuf';
import * as contracts from '#libs/contracts';
import { isMarked } from './redacted.js';

/** Names of all fields that some contract marks `pii` or `secret`, as JSON data have them; those of sagas too. */
export const MARKED_NAMES: ReadonlySet<string> = new Set(
  Object.values<unknown>(contracts)
    .filter(isDescMessage)
    .flatMap((message) => message.fields.filter(isMarked).flatMap(({ localName, name }) => [localName, name])),
);

function isDescMessage(value: unknown): value is DescMessage {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'message';
}
