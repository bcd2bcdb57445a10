import { readStack, type StackDescription } from '#libs/embedded';
import { askInfrastructure, textOf } from './infrastructure.js';

/**
 * The store that all end-to-end tests of a jest run share, with its trace viewer; the first call waits until it is ready.
 * Stop no part of it: tests of faults run a store of their own by `runStore`.
 */
export async function sharedStore(): Promise<StackDescription> {
  const stack = readStack(textOf(await askInfrastructure('store'), 'stackFile'));
  if (!stack) throw new Error('the shared store has ended');
  return stack;
}
