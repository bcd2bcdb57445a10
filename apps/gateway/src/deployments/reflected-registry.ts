import type { FileRegistry } from '@bufbuild/protobuf';
import { loadRegistry } from '#libs/transcoding';
import type { ApiConfig, UpstreamConfig } from '../config/api.js';
import type { ConfigPath, ConfigProblem } from '../config/config-problem.js';
import type { OutgoingConfig } from '../config/outgoing.js';
import { readTls } from '../operations/load-operations.js';
import { OutgoingRules } from '../outgoing/outgoing-rules.js';
import { openChannel } from '../upstream/channels.js';
import { descriptorSetOf, reflect } from '../upstream/reflection.js';

/** The types of an API as its upstreams tell them. */
export async function reflectedRegistry(
  { upstreams, name }: ApiConfig,
  outgoing: OutgoingConfig,
  { path, report }: { path: ConfigPath; report: (problem: ConfigProblem) => void },
): Promise<FileRegistry | undefined> {
  const rules = new OutgoingRules(outgoing);
  const files = new Map<string, Uint8Array>();
  let isComplete = true;
  const refuse = (service: string, message: string) => {
    isComplete = false;
    report({ path: [...path, 'upstreams', service], message });
  };
  for (const [service, upstream] of Object.entries(upstreams)) {
    try {
      const told = await ask(service, upstream, rules);
      const other = [...told].find(([file, bytes]) => differs(file, bytes, files));
      if (other) refuse(service, `its server tells another ${other[0]} than that of an earlier service`);
      for (const [file, bytes] of told) if (!files.has(file)) files.set(file, bytes);
    } catch (error) {
      refuse(service, `reflection at ${upstream.address}: ${error instanceof Error ? error.message : error}`);
    }
  }
  return isComplete ? loadRegistry(descriptorSetOf(files), `what the upstreams of ${name} tell`) : undefined;
}

async function ask(service: string, { address, tls }: UpstreamConfig, rules: OutgoingRules) {
  const client = openChannel({ address, tls: readTls(tls) }, () => rules);
  try {
    return await reflect(client, [service]);
  } finally {
    client.close();
  }
}

/** Copies of Google's own files differ from language to language, in nothing that matters. */
function differs(file: string, bytes: Uint8Array, known: ReadonlyMap<string, Uint8Array>): boolean {
  const other = known.get(file);
  return other !== undefined && !file.startsWith('google/') && Buffer.compare(other, bytes) !== 0;
}
