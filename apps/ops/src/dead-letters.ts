import { toJson } from '@bufbuild/protobuf';
import {
  type DeadLetter,
  DeadLetter_Reason,
  DeadLetter_State,
  DeadLetterSchema,
  DeadLetters,
  ParkedKeySchema,
  type ReplayedDeadLetter,
  ReplayedDeadLetterSchema,
} from '#libs/contracts';
import type { VerbClient } from '#libs/operator';
import { askEach, collect, LIST_OPTIONS, positional, REASON, REASON_HELP, required, text } from './ask.js';
import type { Command, Context, Report } from './command.js';
import { facts, table } from './table.js';
import { UsageError } from './usage-error.js';
import { age, time } from './words.js';

const WHICH = { topic: { type: 'string' }, key: { type: 'string' } } as const;
const WHICH_HELP = [
  '--topic TOPIC       only those of this topic',
  '--key KEY           only those of this key, e.g. an order',
];

const list: Command = {
  takes: '',
  does: 'messages that could not be handled, and the keys that wait for them',
  options: { ...LIST_OPTIONS, ...WHICH, settled: { type: 'boolean' } },
  explains: [...WHICH_HELP, '--settled           also those that were replayed or discarded'],
  async run(context) {
    const { values } = context;
    const request = { topic: text(values, 'topic'), key: text(values, 'key'), settled: values.settled === true };
    const found = await collect(context, DeadLetters.method.listDeadLetters, {
      request,
      items: ({ deadLetters }) => deadLetters,
    });
    const parked = await parkedKeys(context);
    const rows = found.map(({ service, item }) => [
      ...[
        `${service}/${item.number}`,
        DeadLetter_State[item.state],
        item.type,
        item.key,
        DeadLetter_Reason[item.reason],
      ],
      ...[String(item.ahead), age(item.createTime), item.error],
    ]);
    const head = ['dead letter', 'state', 'type', 'key', 'why', 'ahead', 'age', 'error'];
    return {
      text: [rows.length > 0 ? table(head, rows) : 'No dead letter waits.', ...parked.text].join('\n\n'),
      json: {
        deadLetters: found.map(({ service, item }) => ({ service, ...letterJson(item) })),
        parkedKeys: parked.json,
      },
    };
  },
};

const show: Command = {
  takes: 'SERVICE/NUMBER',
  does: 'one with its content, without what is secret or personal',
  options: {},
  async run(context) {
    const { client, number } = await addressed(context);
    return reportOn(client.service, await client.call(DeadLetters.method.getDeadLetter, { number }));
  },
};

const replay: Command = {
  takes: '[SERVICE/NUMBER]',
  does: 'hands it to its handler again; --all does so with everything that waits, key by key',
  options: { ...WHICH, ...REASON, all: { type: 'boolean' }, service: { type: 'string' } },
  explains: [
    '--all               everything, or with --service, --topic, --key a part of it',
    ...WHICH_HELP,
    REASON_HELP,
  ],
  async run(context) {
    if (context.values.all) return replayAll(context);
    const reason = required(context.values, 'reason');
    const { client, number } = await addressed(context);
    return reportOn(client.service, await client.call(DeadLetters.method.replayDeadLetter, { number, reason }));
  },
};

const discard: Command = {
  takes: 'SERVICE/NUMBER',
  does: 'gives it up: it will never have an effect',
  options: REASON,
  explains: [REASON_HELP],
  async run(context) {
    const reason = required(context.values, 'reason');
    const { client, number } = await addressed(context);
    return reportOn(client.service, await client.call(DeadLetters.method.discardDeadLetter, { number, reason }));
  },
};

export const deadLetterCommands = { list, show, replay, discard };

async function replayAll({ values, clients }: Context): Promise<Report> {
  const request = { topic: text(values, 'topic'), key: text(values, 'key'), reason: required(values, 'reason') };
  const results: (ReplayedDeadLetter & { service: string })[] = [];
  for (const client of await clients()) {
    for await (const one of client.stream(DeadLetters.method.replayDeadLetters, request)) {
      results.push({ ...one, service: client.service });
      const end = one.error ? `failed: ${one.error}` : 'replayed';
      process.stderr.write(
        `${client.service} ${one.done}/${one.total}  ${one.number} ${one.type} ${one.key}  ${end}\n`,
      );
    }
  }
  const failed = results.filter(({ error }) => error !== '').length;
  return {
    text: results.length === 0 ? 'No dead letter waits.' : `${results.length - failed} replayed, ${failed} failed.`,
    json: results.map(({ service, ...one }) => ({ service, ...asObject(toJson(ReplayedDeadLetterSchema, one)) })),
    failed: failed > 0,
  };
}

async function parkedKeys(context: Context): Promise<{ text: string[]; json: object[] }> {
  const found = await askEach(context, async (client) =>
    (await client.call(DeadLetters.method.listParkedKeys, {})).parkedKeys.map((key) => ({
      service: client.service,
      key,
    })),
  );
  const keys = found.flat();
  if (keys.length === 0) return { text: [], json: [] };
  const rows = keys.map(({ service, key }) => [service, key.topic, key.key, String(key.waiting), age(key.parkTime)]);
  return {
    text: [table(['service', 'topic', 'parked key', 'waiting', 'for'], rows)],
    json: keys.map(({ service, key }) => ({ service, ...asObject(toJson(ParkedKeySchema, key)) })),
  };
}

async function addressed(context: Context): Promise<{ client: VerbClient; number: bigint }> {
  const name = positional(context, 0, 'SERVICE/NUMBER');
  const [, service, number] = /^([a-z-]+)\/(\d{1,18})$/.exec(name) ?? [];
  if (!service || !number)
    throw new UsageError(`"${name}" is not SERVICE/NUMBER, e.g. orders/12: see dead-letters list`);
  const client = (await context.clients()).find((one) => one.service === service);
  if (!client) throw new UsageError(`The service "${service}" is not known here`);
  return { client, number: BigInt(number) };
}

function reportOn(service: string, letter: DeadLetter): Report {
  const content = letter.content ? JSON.stringify(letter.content, null, 2) : '';
  return {
    json: { service, ...letterJson(letter) },
    text: facts([
      ['dead letter', `${service}/${letter.number}`],
      ['state', DeadLetter_State[letter.state]],
      ['type', letter.type],
      ['key', letter.key],
      ['from', `${letter.topic}, partition ${letter.partition}, offset ${letter.offset}`],
      ['message', letter.messageId],
      ['trace', letter.traceId],
      ['why', `${DeadLetter_Reason[letter.reason]}, ${letter.attempts} attempts`],
      ['error', letter.error],
      ['ahead', letter.ahead > 0 ? `${letter.ahead} of the same key come first` : ''],
      ['since', time(letter.createTime)],
      ['settled', time(letter.settleTime)],
      ['content', content],
    ]),
  };
}

const letterJson = (letter: DeadLetter): object => asObject(toJson(DeadLetterSchema, letter));
const asObject = (json: unknown): object => (typeof json === 'object' && json !== null ? json : {});
