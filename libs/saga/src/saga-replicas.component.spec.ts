import { HoldStockSchema, StockHeldSchema, StockHoldRejectedSchema } from '#libs/contracts';
import { until } from '#libs/testing';
import { SagaStage } from '../test/saga-stage.js';
import { defineSaga } from './define-saga.js';
import { type SampleData, sampleDefinition, sampleSaga } from './sample-saga.js';
import { command, refusal, type SagaStep } from './table.js';

const [reserve, authorize, ...rest] = sampleDefinition.steps;
if (!reserve?.undo || !authorize) throw new Error('the sample has changed');
const hold: SagaStep<SampleData> = {
  name: 'hold',
  command: command(HoldStockSchema, ({ orderId }: SampleData) => ({ orderId })),
  success: [StockHeldSchema],
  failure: [refusal(StockHoldRejectedSchema, () => 'EXPIRED')],
  undo: reserve.undo,
};
/** With a step, and a reply, that nobody knew before. */
const longer = defineSaga({ ...sampleDefinition, version: 2, steps: [reserve, authorize, hold, ...rest] });

const COMMANDS = {
  1: ['inventory.ReserveStock', 'payments.AuthorizePayment', 'payments.CapturePayment', 'inventory.ClaimStock'],
  2: [
    ...['inventory.ReserveStock', 'payments.AuthorizePayment', 'inventory.HoldStock'],
    ...['payments.CapturePayment', 'inventory.ClaimStock'],
  ],
} as const;
const commandsOf = (version: 1 | 2) => COMMANDS[version].map((name) => `${name}.v1`);

describe('replicas of a saga', () => {
  let stage: SagaStage;
  beforeEach(async () => {
    stage = await SagaStage.open();
  }, 120_000);
  afterEach(() => stage?.close(), 60_000);

  const versionOf = async (id: string) =>
    (await stage.rows<{ version: number }>('SELECT version FROM saga_instances WHERE id = $1', id))[0]?.version;

  it('of two releases finish what both have begun, each by its table, and put nothing aside', async () => {
    const older = await stage.replica([sampleSaga]);
    const first = await older.begin(10);
    const newer = await stage.replica([sampleSaga, longer]);
    const second = await newer.begin(20);
    const third = await older.begin(10);
    stage.letPartnerAnswer();
    await until(() => older.warnings.some((line) => line.includes('waits')), {
      what: 'the older one to meet a message that is not its own',
      timeout: 60_000,
    });
    await stage.stop(older);
    await stage.completed([...first, ...second, ...third]);
    for (const id of [...first, ...third]) {
      expect([await versionOf(id), stage.commands.get(id)]).toEqual([1, commandsOf(1)]);
    }
    for (const id of second) expect([await versionOf(id), stage.commands.get(id)]).toEqual([2, commandsOf(2)]);
    expect(await stage.rows('SELECT * FROM dead_letters')).toEqual([]);
    expect(newer.warnings.filter((line) => line.includes('waits'))).toEqual([]);
  }, 180_000);

  it('share their instances: each command leaves once, in order, while replicas come and go', async () => {
    const [a, b] = [await stage.replica([sampleSaga]), await stage.replica([sampleSaga])];
    stage.letPartnerAnswer();
    const ids = [...(await a.begin(40)), ...(await b.begin(40))];
    const c = await stage.replica([sampleSaga]);
    ids.push(...(await c.begin(40)));
    await stage.stop(a);
    ids.push(...(await b.begin(20)));
    await stage.completed(ids);
    expect([...stage.commands.keys()].sort()).toEqual([...ids].sort());
    for (const id of ids) expect(stage.commands.get(id)).toEqual(commandsOf(1));
    expect(await stage.rows('SELECT * FROM dead_letters')).toEqual([]);
    const moves = await stage.rows<{ count: number }>('SELECT count(*)::int AS count FROM saga_transitions');
    expect(moves[0]?.count).toBe(ids.length * 5);
  }, 180_000);
});
