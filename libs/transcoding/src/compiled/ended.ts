import { giveUp } from './give-up.js';
import { space } from './read-json.js';
import { cursor } from './wire.js';

/** Zero, where a body ends where what read it has stopped. */
export function ended(body: Buffer): 0 {
  return space(body, cursor.at) === body.length ? 0 : giveUp();
}
