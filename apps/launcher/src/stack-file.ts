import type { StackDescription } from '#libs/store-client';
import { apps, type Place } from './apps.js';
import type { Ports } from './ports.js';

export interface StackParts {
  place: Place;
  databaseUrl: string;
  /** Whether the trace viewer is ours. */
  viewer: boolean;
  pidOf(name: string): number | undefined;
}

/** URL of the trace viewer that the launcher starts. */
export const viewerUrl = (ports: Ports): string => `http://127.0.0.1:${ports['Zipkin, the trace viewer']}`;

/** What is written to stack.json. */
export function describeStack({ place, databaseUrl, viewer, pidOf }: StackParts): StackDescription {
  const { ports, brokers, databases } = place;
  const services = apps.filter((app) => app.name !== 'payment-simulator');
  return {
    launcher: { pid: process.pid },
    gateway: { url: `http://127.0.0.1:${ports.gateway}` },
    apps: Object.fromEntries(
      services.map(({ name, grpc, ops }) => [
        name,
        { pid: pidOf(name), ...(grpc && { grpc: `127.0.0.1:${ports[grpc]}` }), ops: `http://127.0.0.1:${ports[ops]}` },
      ]),
    ),
    provider: { pid: pidOf('payment-simulator'), url: `http://127.0.0.1:${ports['payment simulator']}` },
    postgres: { pid: pidOf('postgres'), url: databaseUrl, urls: { ...databases } },
    kafka: { pid: pidOf('kafka'), brokers },
    ...(viewer && { zipkin: { pid: pidOf('zipkin'), url: viewerUrl(ports) } }),
  };
}
