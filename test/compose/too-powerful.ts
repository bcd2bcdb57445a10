import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type ComposedStore, docker } from './composed-store.js';

const inspected = z.array(
  z.object({
    Name: z.string(),
    HostConfig: z.object({ ReadonlyRootfs: z.boolean(), Privileged: z.boolean() }),
    State: z.object({ Running: z.boolean() }),
  }),
);

/**
 * What the containers of a store may do beyond what they need, as the engine and the kernel tell it: a root filesystem that can be
 * written to, a process of root, a process with a capability. A sentence for each.
 */
export async function tooPowerful(store: ComposedStore): Promise<string[]> {
  const containers = await store.containers();
  const { stdout } = await docker(['inspect', ...containers.map(({ ID }) => ID)]);
  const found: string[] = [];
  for (const { Name, HostConfig, State } of inspected.parse(JSON.parse(stdout))) {
    if (!HostConfig.ReadonlyRootfs) found.push(`${Name}: its root filesystem can be written to`);
    if (HostConfig.Privileged) found.push(`${Name}: privileged`);
    if (State.Running) for (const pid of await processesOf(Name)) found.push(...powersOf(Name, pid));
  }
  return found;
}

/** Their ids on the host. */
async function processesOf(container: string): Promise<string[]> {
  const { code, stdout, stderr } = await docker(['top', container.replace(/^\//, ''), '-eo', 'pid']);
  if (code !== 0) throw new Error(`docker top ${container}: ${stderr}`);
  return stdout
    .split('\n')
    .slice(1)
    .map((line) => line.trim())
    .filter(Boolean);
}

function powersOf(container: string, pid: string): string[] {
  const status = statusOf(pid);
  const value = (name: string) => new RegExp(`^${name}:\\s+(\\w+)`, 'm').exec(status)?.[1] ?? '';
  if (status === '') return []; // ended since
  const what = `${container}: ${value('Name')}`;
  return [
    ...(Number(value('Uid')) === 0 ? [`${what} runs as root`] : []),
    ...(BigInt(`0x${value('CapEff') || '0'}`) === 0n ? [] : [`${what} has capabilities ${value('CapEff')}`]),
    ...(value('NoNewPrivs') === '1' ? [] : [`${what} may gain privileges`]),
  ];
}

function statusOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}
