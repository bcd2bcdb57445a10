import { randomUUID } from 'node:crypto';
import type { DescMessage } from '@bufbuild/protobuf';
import {
  CloseCustomerSchema,
  CustomerClosedSchema,
  Deletion_State,
  ForgetPaymentCustomerSchema,
  ForgetStockCustomerSchema,
  PaymentCustomerForgottenSchema,
  StockCustomerForgottenSchema,
  UserDeletedSchema,
} from '#libs/contracts';
import { fromServiceError } from '#libs/errors';
import { type TestService, until } from '#libs/testing';
import { TestPeer } from '../../../../test/messaging/test-peer.js';
import { AccountsRoom, refusal, type Someone } from '../../test/accounts-room.js';
import { startUsers } from '../../test/users-service.js';

let room: AccountsRoom;
let orders: TestPeer;
let payments: TestPeer;
let inventory: TestPeer;

beforeAll(async () => {
  room = await AccountsRoom.open();
  const { kafka } = room.service;
  orders = await TestPeer.start({ service: 'orders', kafka, hears: [CloseCustomerSchema, UserDeletedSchema] });
  payments = await TestPeer.start({ service: 'payments', kafka, hears: [ForgetPaymentCustomerSchema] });
  inventory = await TestPeer.start({ service: 'inventory', kafka, hears: [ForgetStockCustomerSchema] });
}, 120_000);
afterAll(async () => {
  for (const peer of [orders, payments, inventory]) await peer?.close();
  await room?.close();
});

const remove = ({ as }: Someone) => room.users().deleteMe({}, { as });
const asked = (peer: TestPeer, message: DescMessage, customerId: string, times = 1) =>
  until(() => peer.heard(message).filter((one) => JSON.stringify(one).includes(customerId)).length >= times, {
    what: `${message.name} of ${customerId}`,
    timeout: 30_000,
  });
const over = (id: string) =>
  until(async () => (await room.users().getDeletion({ id })).state === Deletion_State.DONE, {
    what: 'the deletion to end',
    timeout: 30_000,
  });

/** Answers as the three services do. */
async function answerAll(customerId: string): Promise<void> {
  await asked(orders, CloseCustomerSchema, customerId);
  await orders.send(CustomerClosedSchema, { customerId });
  await asked(payments, ForgetPaymentCustomerSchema, customerId);
  await payments.send(PaymentCustomerForgottenSchema, { customerId });
  await asked(inventory, ForgetStockCustomerSchema, customerId);
  await inventory.send(StockCustomerForgottenSchema, { customerId });
}

/** Every text of every row of the schema that holds one of the needles. */
async function find(...needles: string[]): Promise<string[]> {
  const tables = await room.rows("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'users'");
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await room.rows(`SELECT t::text AS row FROM "${name}" t`);
    for (const { row } of rows)
      if (needles.some((needle) => String(row).includes(needle))) found.push(`${name}: ${row}`);
  }
  return found;
}

describe('deleting an account', () => {
  it('closes it at once: no session goes on, nobody signs in, no mailed token is good', async () => {
    const someone = await room.someone();
    const token = await room.inbox.token(someone.email, 'Is this your address?');
    const deletion = await remove(someone);
    expect(deletion).toMatchObject({ state: Deletion_State.RUNNING });
    expect(await room.sessionsOf(someone.id)).toEqual([]);
    expect(await room.rows('SELECT 1 FROM ended_sessions WHERE session_id = $1', someone.sessionId)).toHaveLength(1);
    expect((await refusal(room.signIn(someone.email, someone.password))).reason).toBe('WRONG_CREDENTIALS');
    expect((await refusal(room.users().getMe({}, { as: someone.as }))).reason).toBe('NOT_FOUND');
    expect((await refusal(remove(someone))).reason).toBe('NOT_FOUND');
    expect((await refusal(room.users().verifyEmail({ token }))).reason).toBe('ACCOUNT_TOKEN_INVALID');
    expect((await refusal(room.users().refreshSession({ refreshToken: someone.refreshToken }))).grpc).toBeGreaterThan(
      0,
    );
    await room.inbox.mail(someone.email, 'Your account is being deleted');
  });

  it('asks one service after the other, and is over when the last one has answered', async () => {
    const someone = await room.someone();
    const { id } = await remove(someone);
    await asked(orders, CloseCustomerSchema, someone.id);
    expect(payments.heard(ForgetPaymentCustomerSchema)).toEqual([]);
    await answerAll(someone.id);
    await over(id);
    const told = () => orders.heard(UserDeletedSchema).some(({ userId }) => userId === someone.id);
    await until(told, { what: 'UserDeleted', timeout: 30_000 });
    expect(await room.rows('SELECT 1 FROM users WHERE id = $1', someone.id)).toEqual([]);
  });

  it('leaves an id and two times, and nothing else', async () => {
    const someone = await room.someone();
    await room
      .users()
      .updateMe(
        { user: { email: `canary.pending.${someone.id}@shop.example` }, updateMask: { paths: ['email'] } },
        { as: someone.as },
      );
    await room.users().enrolTotp({ password: someone.password }, { as: someone.as });
    await room.users().requestPasswordReset({ email: someone.email });
    await room.inbox.mail(someone.email, 'A new password');
    expect((await find(someone.email)).length).toBeGreaterThan(0);
    const { id } = await remove(someone);
    await answerAll(someone.id);
    await over(id);
    expect(await find(someone.email, someone.refreshToken, `canary.pending.${someone.id}`)).toEqual([]);
    const left = new Set((await find(someone.id)).map((row) => row.split(':')[0]));
    expect([...left].sort()).toEqual(['deletions', 'saga_instances', 'saga_transitions']);
    expect(await room.rows('SELECT user_id, end_time IS NOT NULL AS over FROM deletions WHERE id = $1', id)).toEqual([
      { user_id: someone.id, over: true },
    ]);
  });

  it('is told of by mail also when mail is away until the account is erased; every other mail goes with it', async () => {
    await room.inbox.stop();
    const someone = await room.someone();
    const { id } = await remove(someone);
    await answerAll(someone.id);
    await over(id);
    const waiting = await room.rows('SELECT user_id, subject FROM mails WHERE recipient = $1', someone.email);
    expect(waiting).toEqual([{ user_id: null, subject: 'Your account is being deleted' }]);
    await room.inbox.start();
    await room.inbox.mail(someone.email, 'Your account is being deleted');
    await room.mailsAreSent();
    expect(await find(someone.email)).toEqual([]);
  });

  it('frees the address for a new account, with another id', async () => {
    const someone = await room.someone();
    const { id } = await remove(someone);
    expect((await refusal(room.someone(someone.email))).reason).toBe('EMAIL_TAKEN');
    await answerAll(someone.id);
    await over(id);
    expect((await room.someone(someone.email)).id).not.toBe(someone.id);
  });

  it('needs a sign-in within the last minutes: a stolen old session is not enough', async () => {
    const someone = await room.someone();
    await room.admin.query("UPDATE sessions SET create_time = now() - interval '16 minutes' WHERE user_id = $1", [
      someone.id,
    ]);
    expect((await refusal(remove(someone))).reason).toBe('SIGN_IN_AGAIN');
    const { sessionId: _, ...sessionless } = someone.as;
    expect((await refusal(remove({ ...someone, as: sessionless }))).reason).toBe('SIGN_IN_AGAIN');
    await remove(await room.signIn(someone.email, someone.password));
  });

  it('lets no session begin that was signed in for at the same moment', async () => {
    for (let round = 0; round < 5; round += 1) {
      const someone = await room.someone();
      const signIns = Promise.allSettled(Array.from({ length: 4 }, () => room.signIn(someone.email, someone.password)));
      await remove(someone);
      const refused = (await signIns).flatMap((one) =>
        one.status === 'rejected' ? [fromServiceError(one.reason)] : [],
      );
      expect(refused.filter(({ reason }) => reason !== 'WRONG_CREDENTIALS')).toEqual([]);
      expect(await room.sessionsOf(someone.id)).toEqual([]);
    }
  });

  it('is shown to who has its id, and to nobody by guess', async () => {
    expect((await refusal(room.users().getDeletion({ id: randomUUID() }))).reason).toBe('NOT_FOUND');
    expect((await refusal(room.users().getDeletion({ id: 'me' }))).violations).toMatchObject([{ field: 'id' }]);
  });

  it('goes on after a restart, and whatever comes twice changes nothing', async () => {
    const someone = await room.someone();
    const { id } = await remove(someone);
    await asked(orders, CloseCustomerSchema, someone.id);
    const replica: TestService = await startUsers({
      DATABASE_URL: room.service.database.url,
      KAFKA_TOPIC_PREFIX: room.service.kafka.topicPrefix,
      SMTP_URL: room.inbox.url,
    });
    await room.service.stop();
    for (const _ of [1, 2]) await orders.send(CustomerClosedSchema, { customerId: someone.id });
    await asked(payments, ForgetPaymentCustomerSchema, someone.id);
    for (const _ of [1, 2]) await payments.send(PaymentCustomerForgottenSchema, { customerId: someone.id });
    await asked(inventory, ForgetStockCustomerSchema, someone.id);
    for (const _ of [1, 2]) await inventory.send(StockCustomerForgottenSchema, { customerId: someone.id });
    await until(
      async () => (await room.rows('SELECT end_time FROM deletions WHERE id = $1', id))[0]?.end_time !== null,
      {
        what: 'the deletion to end',
        timeout: 30_000,
      },
    );
    expect(payments.heard(ForgetPaymentCustomerSchema).filter((one) => one.customerId === someone.id)).toHaveLength(1);
    await replica.close();
  });
});
