import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { appEnvironment, serviceEnvironment } from '#libs/service';
import { gatewayEnvironment } from '../../apps/gateway/src/environment.js';
import { ordersEnvironment } from '../../apps/orders/src/config.js';
import { simulatorEnvironment } from '../../apps/payment-simulator/src/config.js';
import { paymentsEnvironment } from '../../apps/payments/src/config.js';
import { usersEnvironment } from '../../apps/users/src/config.js';

type Schema = z.ZodObject;

const INTRODUCTION = `# Configuration

Each app reads these environment variables once, at boot. A missing or wrong one ends it with its name and what it should be.
Each of them, X, can be given as X_FILE instead: the path of a file that holds the value, as secrets are mounted into containers.
White space around the value does not count; X and X_FILE at once, or a file that is empty or cannot be read, end the app. The
standard \`OTEL_*\` variables of OpenTelemetry hold for every app, e.g. \`OTEL_TRACES_EXPORTER\` (otlp, zipkin, console, none).
Spans of single SQL statements are recorded where \`OTEL_NODE_ENABLED_INSTRUMENTATIONS\` names \`pg\`.

This page is made from the schemas in the apps: \`UPDATE_DOCS=true npm run test:unit -- docs\` writes it anew.
`;

/** docs/configuration.md, from the schemas that the apps read their environment with. */
export function configurationPage(): string {
  const known = (schema: Schema) => Object.keys(schema.shape);
  const shared = [...known(appEnvironment), ...known(serviceEnvironment)];
  return [
    INTRODUCTION,
    section('Every app', appEnvironment, []),
    section('Every service (users, inventory, orders, payments)', serviceEnvironment, known(appEnvironment)),
    section('gateway', gatewayEnvironment, ['LOG_LEVEL', 'LOG_FORMAT']),
    namedInYaml(readFileSync('apps/gateway/gateway.yaml', 'utf8')),
    section('users', usersEnvironment, shared),
    section('orders', ordersEnvironment, shared),
    section('payments', paymentsEnvironment, shared),
    section('payment-simulator', simulatorEnvironment, ['LOG_LEVEL', 'LOG_FORMAT']),
    'The `migrate` job lists its own: `node dist/apps/migrate/src/main.js --help`.\n',
  ].join('\n');
}

function section(title: string, schema: Schema, without: readonly string[]): string {
  const rows = Object.entries(schema.shape)
    .filter(([name]) => !without.includes(name))
    .map(([name, field]) => `| \`${name}\` | ${descriptionOf(field)} | ${defaultOf(field)} |`);
  return [`## ${title}\n`, '| variable | what it is | default |', '| --- | --- | --- |', ...rows, ''].join('\n');
}

/** The variables that the gateway's file for the store names: `key: ${NAME:-default} # what it is`. */
function namedInYaml(yaml: string): string {
  const rows = [...yaml.matchAll(/^.*\$\{(\w+)(:-([^}]*))?\}(?: # (.*))?$/gm)].map(
    ([, name, hasDefault, standard, what = 'true: loopback addresses may be connected to']) =>
      `| \`${name}\` | ${what} | ${hasDefault === undefined ? 'required' : standard ? `\`${standard}\`` : 'none'} |`,
  );
  const title = '### Named in `apps/gateway/gateway.yaml`, the file for the store\n';
  return [title, '| variable | what it is | default |', '| --- | --- | --- |', ...rows, ''].join('\n');
}

const descriptionOf = (field: z.core.$ZodType): string => (field instanceof z.ZodType && field.description) || '';

function defaultOf(field: z.core.$ZodType): string {
  const accepted = z.safeParse(field, undefined);
  if (!(field instanceof z.ZodType) || !accepted.success) return 'required';
  if (field instanceof z.ZodDefault || field instanceof z.ZodPrefault) {
    const value: unknown = field.def.defaultValue;
    return value === '' || (Array.isArray(value) && value.length === 0) ? 'empty' : `\`${String(value)}\``;
  }
  return 'none';
}
