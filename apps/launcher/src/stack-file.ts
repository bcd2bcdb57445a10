import { apps, type Place } from './apps.js';
import type { Ports } from './ports.js';

/** What `.run/stack.json` tells programs about the running store: addresses, and who to signal. */
export interface StackDescription {
  launcher: { pid: number };
  gateway: { url: string };
  /** By name, the gateway included; `grpc` is host:port, `ops` a URL with /readyz and /metrics. */
  apps: Record<string, { pid: number | undefined; grpc?: string; ops: string }>;
  /** The payment provider, which is a simulator here. */
  provider: { pid: number | undefined; url: string };
  /** `url` is the administrator's, `urls` those of the apps' roles. */
  postgres: { pid: number | undefined; url: string; urls: Record<string, string> };
  kafka: { pid: number | undefined; brokers: string };
  /** Absent when spans go elsewhere by OTEL_* variables. */
  zipkin?: { pid: number | undefined; url: string };
}

export interface StackParts {
  place: Place;
  databaseUrl: string;
  /** Whether the trace viewer is ours. */
  viewer: boolean;
  pidOf(name: string): number | undefined;
}

/** URL of the trace viewer that the launcher starts. */
export const viewerUrl = (ports: Ports): string => `http://127.0.0.1:${ports['Zipkin, the trace viewer']}`;

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
