import { toJson } from '@bufbuild/protobuf';
import { Keys, type ListKeysResponse, SigningKeySchema } from '#libs/contracts';
import type { VerbClient } from '#libs/operator';
import { askEach, positional, REASON, REASON_HELP, required, unlessUnknown } from './ask.js';
import type { Command, Context, Report } from './command.js';
import { table } from './table.js';
import { UsageError } from './usage-error.js';
import { time } from './words.js';

interface Listed {
  readonly service: string;
  readonly answer: ListKeysResponse;
}

const SERVICE = { service: { type: 'string' } } as const;
const SERVICE_HELP = '--service NAME      whose, e.g. users (access tokens), orders (calls to other services); needed';

const list: Command = {
  takes: '',
  does: 'keys that are published, youngest first',
  options: SERVICE,
  async run(context) {
    const all = await askEach(context, async (client) => ({
      service: client.service,
      answer: await unlessUnknown(client.call(Keys.method.listKeys, {})),
    }));
    return reportOn(all.flatMap(({ service, answer }) => (answer ? [{ service, answer }] : [])));
  },
};

const rotate: Command = {
  takes: '',
  does: 'makes a new key; it signs in half a minute, when everybody knows it',
  options: { ...SERVICE, ...REASON },
  explains: [SERVICE_HELP, REASON_HELP],
  async run(context) {
    const reason = required(context.values, 'reason');
    const client = await oneService(context);
    return reportOn([{ service: client.service, answer: await client.call(Keys.method.rotateKeys, { reason }) }]);
  },
};

const withdraw: Command = {
  takes: 'KID',
  does: 'for a key that leaked: whatever it signed is refused within minutes',
  options: { ...SERVICE, ...REASON },
  explains: [SERVICE_HELP, REASON_HELP],
  async run(context) {
    const request = { kid: positional(context, 0, 'KID'), reason: required(context.values, 'reason') };
    const client = await oneService(context);
    return reportOn([{ service: client.service, answer: await client.call(Keys.method.withdrawKey, request) }]);
  },
};

export const keyCommands = { list, rotate, withdraw };

async function oneService({ values, clients }: Context): Promise<VerbClient> {
  required(values, 'service');
  const [client] = await clients();
  if (!client) throw new UsageError('--service names no service');
  return client;
}

function reportOn(listed: readonly Listed[]): Report {
  const rows = listed.flatMap(({ service, answer }) =>
    answer.keys.map((key) => [
      ...[service, key.kid, time(key.createTime), key.signs ? 'signs' : 'published'],
      key.withdrawTime ? `withdrawn from ${time(key.withdrawTime)}` : '',
    ]),
  );
  return {
    text: table(['service', 'kid', 'made', 'state', ''], rows),
    json: listed.flatMap(({ service, answer }) =>
      answer.keys.map((key) => ({ service, ...Object(toJson(SigningKeySchema, key)) })),
    ),
  };
}
