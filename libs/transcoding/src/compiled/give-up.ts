/** Thrown where compiled code does not know what to do; made once, since it happens for each such message. */
const GIVE_UP = new Error('not for compiled code');

/** Leaves a message to the reflective way, which alone decides what it means or what is wrong with it. */
export function giveUp(): never {
  throw GIVE_UP;
}
