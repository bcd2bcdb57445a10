import type { Gateway } from './gateways/gateway.js';
import { MissingToolError } from './processes/missing-tool.js';

/** The gateways that can be had here, and a sentence about each that cannot. */
export function prepared(gateways: readonly Gateway[]): { ready: Gateway[]; missing: string[] } {
  const missing: string[] = [];
  const ready = gateways.filter((gateway) => {
    try {
      gateway.prepare();
      return true;
    } catch (error) {
      if (!(error instanceof MissingToolError)) throw error;
      missing.push(`${gateway.name} is left out: ${error.message.split('\n')[0]}`);
      return false;
    }
  });
  for (const sentence of missing) console.error(sentence);
  return { ready, missing };
}
