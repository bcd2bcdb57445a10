import { cpus } from 'node:os';
import type { Container } from '../compose/composed-store.js';
import type { ContainerCpu } from './docker-engine.js';

/** CPU time until now, in milliseconds. */
export interface CpuTime {
  /** Of all containers of a service. */
  readonly services: ReadonlyMap<string, number>;
  /** Of everything on this machine, the load too. */
  readonly machine: number;
  /** performance.now(). */
  readonly at: number;
}

export async function readCpuTime(engine: ContainerCpu, containers: readonly Container[]): Promise<CpuTime> {
  const running = containers.filter(({ State }) => State === 'running');
  const times = await Promise.all(
    running.map(async ({ ID, Service }) => ({ service: Service, time: await engine.milliseconds(ID) })),
  );
  const services = new Map<string, number>();
  for (const { service, time } of times) services.set(service, (services.get(service) ?? 0) + time);
  return { services, machine: machineTime(), at: performance.now() };
}

/** What each service, and the machine, used of the CPU between two readings: in cores. */
export function coresUsed(before: CpuTime, after: CpuTime): { services: Map<string, number>; machine: number } {
  const elapsed = after.at - before.at;
  const services = [...after.services].map(
    ([service, time]) => [service, (time - (before.services.get(service) ?? 0)) / elapsed] as const,
  );
  return { services: new Map(services), machine: (after.machine - before.machine) / elapsed };
}

function machineTime(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
}
