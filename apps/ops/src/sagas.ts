import { toJson } from '@bufbuild/protobuf';
import { type Saga, Saga_Outcome, SagaSchema, Sagas } from '#libs/contracts';
import {
  askUntilKnown,
  collect,
  LIST_OPTIONS,
  numberOption,
  positional,
  REASON,
  REASON_HELP,
  required,
  text,
} from './ask.js';
import type { Command, Context, Report } from './command.js';
import { facts, table } from './table.js';
import { UsageError } from './usage-error.js';
import { age, choiceOptions, sagaState, time } from './words.js';

const OUTCOMES: Readonly<Record<string, Saga_Outcome>> = {
  'step-succeeded': Saga_Outcome.STEP_SUCCEEDED,
  'step-refused': Saga_Outcome.STEP_REFUSED,
  'turn-back': Saga_Outcome.TURN_BACK,
  undone: Saga_Outcome.UNDONE,
};

const list: Command = {
  takes: '',
  does: 'those that have not ended, oldest first',
  options: { ...LIST_OPTIONS, saga: { type: 'string' }, ended: { type: 'boolean' }, idle: { type: 'string' } },
  explains: [
    '--saga NAME         only this one, e.g. place-order',
    '--idle SECONDS      only those that have not moved for so long',
    '--ended             also those that ended',
  ],
  async run(context) {
    const { values } = context;
    const request = {
      saga: text(values, 'saga'),
      ended: values.ended === true,
      idleSeconds: numberOption(values, 'idle') ?? 0,
    };
    const found = await collect(context, Sagas.method.listSagas, { request, items: ({ sagas }) => sagas });
    const rows = found.map(({ item }) => [
      item.saga,
      item.id,
      sagaState(item.state),
      age(item.updateTime),
      String(item.moves),
    ]);
    return {
      text: rows.length > 0 ? table(['saga', 'id', 'state', 'idle', 'moves'], rows) : 'No saga waits.',
      json: found.map(({ service, item }) => ({ service, ...asObject(item) })),
    };
  },
};

const show: Command = {
  takes: 'SAGA ID',
  does: 'one with its history, its data and what can be decided',
  options: {},
  async run(context) {
    const [saga, id] = named(context);
    const found = await askUntilKnown(await context.clients(), (client) =>
      client.call(Sagas.method.getSaga, { saga, id }),
    );
    return reportOn(found);
  },
};

const retry: Command = {
  takes: 'SAGA ID',
  does: 'sends the commands again that it waits for',
  options: REASON,
  explains: [REASON_HELP],
  async run(context) {
    const [saga, id] = named(context);
    const reason = required(context.values, 'reason');
    const request = { saga, id, reason };
    return reportOn(
      await askUntilKnown(await context.clients(), (client) => client.call(Sagas.method.retrySaga, request)),
    );
  },
};

const resolve: Command = {
  takes: 'SAGA ID',
  does: 'decides what it waits for; only what `show` offers',
  options: {
    ...REASON,
    at: { type: 'string' },
    outcome: { type: 'string' },
    refusal: { type: 'string' },
    undo: { type: 'string' },
  },
  explains: [
    '--at MOVES          the number of moves that `show` said: refused when it has moved since; needed',
    `--outcome OUTCOME   ${Object.keys(OUTCOMES).join(', ')}; needed`,
    '--refusal REASON    with step-refused, e.g. OUT_OF_STOCK',
    '--undo COMMAND      with undone, e.g. inventory.ReleaseStock.v1',
    REASON_HELP,
  ],
  async run(context) {
    const { values } = context;
    const [saga, id] = named(context);
    const outcome = OUTCOMES[required(values, 'outcome')];
    if (!outcome) throw new UsageError(`--outcome is one of ${Object.keys(OUTCOMES).join(', ')}`);
    const moves = numberOption(values, 'at');
    if (!moves) throw new UsageError('--at is missing: the number of moves that `sagas show` says');
    const choice = { outcome, refusal: text(values, 'refusal'), undo: text(values, 'undo') };
    const request = { saga, id, moves, choice, reason: required(values, 'reason') };
    return reportOn(
      await askUntilKnown(await context.clients(), (client) => client.call(Sagas.method.resolveSaga, request)),
    );
  },
};

export const sagaCommands = { list, show, retry, resolve };

const named = (context: Context) => [positional(context, 0, 'SAGA'), positional(context, 1, 'ID')] as const;

const reportOn = (saga: Saga): Report => ({ text: sagaText(saga), json: asObject(saga) });

/** Everything that may be seen of an instance. */
export function sagaText(saga: Saga): string {
  const head = facts([
    ['saga', `${saga.saga} v${saga.version}`],
    ['id', saga.id],
    ['state', sagaState(saga.state)],
    ['moves', String(saga.moves)],
    ['trace', saga.traceId],
    ['begun', time(saga.createTime)],
    ['turns back', time(saga.deadlineTime)],
    ['ended', time(saga.endTime)],
    ['data', JSON.stringify(saga.data ?? {})],
  ]);
  const history = table(
    ['#', 'time', 'cause', 'state', 'commands'],
    saga.history.map((one) => [
      String(one.sequence),
      time(one.time),
      one.cause,
      sagaState(one.state),
      one.commands.join(' '),
    ]),
  );
  return [head, history, decisions(saga)].filter(Boolean).join('\n\n');
}

function decisions({ saga, id, moves, choices, notRetryable, endTime }: Saga): string {
  if (endTime) return '';
  const verb = `npm run ops -- sagas resolve ${saga} ${id} --at ${moves}`;
  return [
    notRetryable ? `retry: no. ${notRetryable}` : `retry: npm run ops -- sagas retry ${saga} ${id} --reason …`,
    ...choices.map((choice) => `decide: ${verb} ${choiceOptions(choice)} --reason …`),
  ].join('\n');
}

function asObject(saga: Saga): object {
  const json = toJson(SagaSchema, saga);
  return typeof json === 'object' && json !== null ? json : {};
}
