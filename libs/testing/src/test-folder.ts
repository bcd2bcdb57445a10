import { askInfrastructure, textOf } from './infrastructure.js';

/**
 * An empty folder for one test file, deleted at the end of the jest run. Servers that were started on it and left running, as
 * Ctrl-C leaves them, are ended then (by their `*.pid.json`).
 */
export async function testFolder(): Promise<string> {
  return textOf(await askInfrastructure('folder'), 'folder');
}
