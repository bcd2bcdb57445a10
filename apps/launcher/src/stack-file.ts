import type { KafkaIdentities, StackDescription } from '#libs/embedded';
import { apps, type Place } from './apps.js';
import type { Ports } from './ports.js';

export interface StackParts {
  place: Place;
  databaseUrl: string;
  /** The file with the token of the operator that this store made for its owner. */
  operatorToken: string;
  /** Whether the trace viewer is ours. */
  viewer: boolean;
  pidOf(name: string): number | undefined;
}

/** URL of the trace viewer that the launcher starts. */
export const viewerUrl = (ports: Ports): string => `http://127.0.0.1:${ports['Zipkin, the trace viewer']}`;

/** What is written to stack.json. */
export function describeStack({ place, databaseUrl, operatorToken, viewer, pidOf }: StackParts): StackDescription {
  const { ports, brokers, kafkaIdentities, databases } = place;
  const services = apps.filter((app) => app.name !== 'payment-simulator');
  return {
    launcher: { pid: process.pid },
    gateway: { url: `http://127.0.0.1:${ports.gateway}` },
    apps: Object.fromEntries(
      services.map(({ name, grpc, ops, operator }) => [
        name,
        {
          pid: pidOf(name),
          ...(grpc && { grpc: `127.0.0.1:${ports[grpc]}` }),
          ...(operator && { operator: `127.0.0.1:${ports[operator]}` }),
          ops: `http://127.0.0.1:${ports[ops]}`,
        },
      ]),
    ),
    provider: { pid: pidOf('payment-simulator'), url: `http://127.0.0.1:${ports['payment simulator']}` },
    postgres: { pid: pidOf('postgres'), url: databaseUrl, urls: { ...databases } },
    kafka: { pid: pidOf('kafka'), brokers, ...(kafkaIdentities && { credentials: administratorOf(kafkaIdentities) }) },
    operator: { credentials: place.operatorCredentials, token: operatorToken },
    ...(viewer && { zipkin: { pid: pidOf('zipkin'), url: viewerUrl(ports) } }),
  };
}

function administratorOf({ administrator: username, passwords }: KafkaIdentities) {
  return { username, password: passwords[username] ?? '' };
}
