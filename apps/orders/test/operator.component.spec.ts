import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Audit,
  AuthorizePaymentSchema,
  DeadLetter_State,
  DeadLetters,
  Keys,
  OperatorOrders,
  Order_State,
  PaymentAuthorizedSchema,
  Refund_Rejection,
  Refund_State,
  RefundPaymentSchema,
  type ReplayedDeadLetter,
  ReserveStockSchema,
  Saga_Outcome,
  Sagas,
  StockReleasedSchema,
  StockReservedSchema,
} from '#libs/contracts';
import { addCredential, OperatorServer, VerbClient } from '#libs/operator';
import { until } from '#libs/testing';
import { type Customer, refusalOf } from './customer.js';
import { Stage } from './stage.js';

const LINES = [{ sku: 'tea', quantity: 1 }];
const reason = 'INC-7: a right was missing';
const saga = 'place-order';

describe('an operator of orders', () => {
  const folder = mkdtempSync(join(tmpdir(), 'operators-'));
  const file = join(folder, 'operators.json');
  let stage: Stage;
  let buyer: Customer;
  let operator: VerbClient;

  beforeAll(async () => {
    const token = await addCredential(file, { name: 'otto', role: 'operator' });
    stage = await Stage.open({ OPERATOR_LISTEN: '127.0.0.1:0', OPERATOR_CREDENTIALS: file });
    buyer = stage.customer();
    operator = new VerbClient('orders', stage.service.app.get(OperatorServer).address, token);
  }, 120_000);

  afterAll(async () => {
    operator?.close();
    await stage?.close();
    rmSync(folder, { recursive: true });
  });

  const show = (id: string) => operator.call(Sagas.method.getSaga, { saga, id });
  const letters = async (key: string, settled = false) =>
    (await operator.call(DeadLetters.method.listDeadLetters, { key, settled })).deadLetters;
  const actions = async () => (await operator.call(Audit.method.listActions, { pageSize: 200 })).actions;

  /** Replies of this order become dead letters: orders lacks a right that a deployment forgot. */
  async function whileRightsAreMissing(work: () => Promise<void>): Promise<void> {
    await stage.rows('REVOKE INSERT ON saga_transitions FROM orders');
    try {
      await work();
    } finally {
      await stage.rows('GRANT INSERT ON saga_transitions TO orders');
    }
  }

  it('finds what could not be handled, removes the cause, and replays it in order with one effect each', async () => {
    const { id } = await buyer.place({ lines: LINES });
    await stage.partner.told(ReserveStockSchema, id);
    await whileRightsAreMissing(async () => {
      await stage.partner.says(StockReservedSchema, { orderId: id });
      await stage.partner.says(PaymentAuthorizedSchema, { orderId: id });
      await until(async () => (await letters(id)).length === 2, { what: 'two dead letters', timeout: 60_000 });
      const [first, second] = await letters(id);
      expect([first?.type, first?.ahead, second?.type, second?.ahead]).toEqual([
        ...['inventory.StockReserved.v1', 0, 'payments.PaymentAuthorized.v1', 1],
      ]);
      const number = first?.number ?? 0n;
      const shown = await operator.call(DeadLetters.method.getDeadLetter, { number });
      expect(shown.content).toEqual({ orderId: id });
      const { parkedKeys } = await operator.call(DeadLetters.method.listParkedKeys, {});
      expect(parkedKeys).toContainEqual(expect.objectContaining({ key: id, waiting: 2 }));
      const again = await refusalOf(operator.call(DeadLetters.method.replayDeadLetter, { number, reason }));
      expect(again.reason).toBe('DEAD_LETTER_FAILED_AGAIN');
    });
    const progress: ReplayedDeadLetter[] = [];
    for await (const one of operator.stream(DeadLetters.method.replayDeadLetters, { key: id, reason }))
      progress.push(one);
    expect(progress.map(({ type, error, done, total }) => [type, error, done, total])).toEqual([
      ['inventory.StockReserved.v1', '', 1, 2],
      ['payments.PaymentAuthorized.v1', '', 2, 2],
    ]);
    await stage.lead(id, AuthorizePaymentSchema);
    expect(await letters(id)).toEqual([]);
    expect((await letters(id, true)).map(({ state }) => state)).toEqual([
      DeadLetter_State.REPLAYED,
      DeadLetter_State.REPLAYED,
    ]);
    expect((await show(id)).history.map(({ cause }) => cause)).toEqual([
      ...['start', 'inventory.StockReserved.v1', 'payments.PaymentAuthorized.v1'],
    ]);
    expect(stage.partner.all(AuthorizePaymentSchema, id)).toHaveLength(1);
    const mine = (await actions()).filter(({ verb }) => verb.startsWith('DeadLetters.'));
    expect(mine.map(({ verb, operator: name, outcome, error }) => [verb, name, outcome, error])).toEqual([
      ...[1, 2].map(() => ['DeadLetters.ReplayDeadLetters', 'otto', 1, '']),
      ['DeadLetters.ReplayDeadLetter', 'otto', 3, 'DEAD_LETTER_FAILED_AGAIN'],
    ]);
  });

  it('discards what shall never have an effect; a second delivery of it changes nothing', async () => {
    const { id } = await buyer.place({ lines: LINES });
    await stage.partner.told(ReserveStockSchema, id);
    await whileRightsAreMissing(async () => {
      await stage.partner.says(StockReservedSchema, { orderId: id });
      await until(async () => (await letters(id)).length === 1, { what: 'the dead letter', timeout: 60_000 });
    });
    const [letter] = await letters(id);
    const request = { number: letter?.number ?? 0n, reason };
    const discarded = await operator.call(DeadLetters.method.discardDeadLetter, request);
    expect(discarded.state).toBe(DeadLetter_State.DISCARDED);
    const refused = await refusalOf(operator.call(DeadLetters.method.replayDeadLetter, request));
    expect(refused.reason).toBe('DEAD_LETTER_SETTLED');
    expect(await stage.rows('SELECT 1 FROM inbox WHERE message_id = $1', letter?.messageId)).toHaveLength(1);
    expect(await stage.rows('SELECT 1 FROM parked_keys WHERE key = $1', id)).toEqual([]);
    expect((await show(id)).moves).toBe(1);
  });

  it('ends an order that nobody answers, by choices that the saga offers', async () => {
    const { id } = await buyer.place({ lines: LINES });
    await stage.partner.told(ReserveStockSchema, id);
    const { sagas } = await operator.call(Sagas.method.listSagas, { saga, pageSize: 200 });
    expect(sagas.map((one) => one.id)).toContain(id);
    const stuck = await show(id);
    expect(stuck.data).toMatchObject({ orderId: id, paymentMethod: '[redacted]' });
    expect(JSON.stringify(stuck.data)).not.toContain('pm_card_visa');
    expect(stuck.choices.map(({ outcome }) => Saga_Outcome[outcome])).toEqual([
      ...['STEP_SUCCEEDED', 'TURN_BACK', 'STEP_REFUSED', 'STEP_REFUSED', 'STEP_REFUSED', 'STEP_REFUSED'],
    ]);
    await operator.call(Sagas.method.retrySaga, { saga, id, reason });
    const choice = { outcome: Saga_Outcome.TURN_BACK };
    const late = await refusalOf(operator.call(Sagas.method.resolveSaga, { saga, id, moves: 1, choice, reason }));
    expect(late.reason).toBe('SAGA_MOVED');
    await operator.call(Sagas.method.resolveSaga, { saga, id, moves: 2, choice, reason });
    await until(() => stage.partner.all(ReserveStockSchema, id).length === 2, {
      what: 'the command that was sent again',
    });
    await stage.partner.says(StockReleasedSchema, { orderId: id });
    expect(await stage.end(buyer, id)).toMatchObject({ state: Order_State.CANCELLED });
    const [resolved] = (await actions()).filter(({ verb, outcome }) => verb === 'Sagas.ResolveSaga' && outcome === 1);
    expect(resolved).toMatchObject({ operator: 'otto', target: `place-order ${id} TURN_BACK`, reason });
  });

  it('ends a refund that payments never answers as refused: its amount is free for another one', async () => {
    const { id: orderId, total } = await stage.confirmed(buyer);
    const admin = stage.customer('an-admin', 'orders:read orders:read:all orders:refund');
    const { id } = await admin.refund({ id: orderId });
    await stage.partner.told(RefundPaymentSchema, orderId);
    const stuck = await operator.call(Sagas.method.getSaga, { saga: 'refund-order', id });
    expect(stuck.choices.map(({ outcome, refusal }) => [Saga_Outcome[outcome], refusal])).toEqual([
      ['STEP_SUCCEEDED', ''],
      ['STEP_REFUSED', 'DECLINED'],
      ['STEP_REFUSED', 'NOT_REFUNDABLE'],
    ]);
    const decide = { saga: 'refund-order', id, moves: 1, reason };
    const back = { ...decide, choice: { outcome: Saga_Outcome.TURN_BACK } };
    expect((await refusalOf(operator.call(Sagas.method.resolveSaga, back))).reason).toBe('SAGA_MOVE_NOT_ALLOWED');
    const choice = { outcome: Saga_Outcome.STEP_REFUSED, refusal: 'DECLINED' };
    await operator.call(Sagas.method.resolveSaga, { ...decide, choice });
    const order = await buyer.get(orderId);
    expect(order.refunds).toMatchObject([{ state: Refund_State.REJECTED, rejection: Refund_Rejection.DECLINED }]);
    expect((await admin.refund({ id: orderId })).amount).toEqual(total);
  });

  it('sees an order whole: state, history, sagas', async () => {
    const order = await stage.confirmed(buyer);
    const seen = await operator.call(OperatorOrders.method.showOrder, { id: order.id });
    expect(seen).toMatchObject({
      order: { id: order.id, state: Order_State.CONFIRMED },
      customerId: buyer.subject,
      history: [{ state: 'PENDING', cause: 'placed' }, { state: 'CONFIRMED' }],
    });
    expect(seen.sagas.map((one) => [one.saga, one.history.length, one.choices.length])).toEqual([
      ['place-order', 6, 0],
    ]);
    const unknown = await refusalOf(operator.call(OperatorOrders.method.showOrder, { id: crypto.randomUUID() }));
    expect(unknown.reason).toBe('ORDER_NOT_FOUND');
  });

  it('rotates keys: the new one is published at once, and the audit log names it', async () => {
    const before = await operator.call(Keys.method.listKeys, {});
    const { keys } = await operator.call(Keys.method.rotateKeys, { reason });
    expect(keys.length).toBe(before.keys.length + 1);
    const published = await fetch(`${stage.service.opsUrl}/.well-known/jwks.json`).then((answer) => answer.json());
    expect(published).toMatchObject({ keys: expect.arrayContaining([expect.objectContaining({ kid: keys[0]?.kid })]) });
    expect((await actions())[0]).toMatchObject({ verb: 'Keys.RotateKeys', target: keys[0]?.kid, outcome: 1 });
  });

  it('is not served on the public port', async () => {
    const astray = new VerbClient('orders', stage.service.grpcAddress, 'ops_x');
    const { grpc } = await refusalOf(astray.call(Sagas.method.listSagas, {}));
    astray.close();
    expect(grpc).toBe(12); // UNIMPLEMENTED
  });
});
