import { randomUUID } from 'node:crypto';
import { create, type DescMessage, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import pg from 'pg';
import {
  AuthorizePaymentSchema,
  channelOf,
  PaymentAuthorizationRejectedSchema,
  PaymentAuthorizedSchema,
} from '#libs/contracts';
import { Database } from '#libs/database';
import { Past } from '#libs/recovery';
import { testDatabase } from '#libs/testing';
import { paymentRules } from '../../../test/invariants/payments.js';
import { checkRules } from '../../../test/invariants/rule.js';
import type { ProviderPayment } from '../src/provider.js';
import { RecoverPayments } from '../src/recover/recover-payments.js';

describe('payments whose database was restored', () => {
  let database: Database;
  let admin: pg.Client;
  /** What the provider has, by order. */
  const atProvider = new Map<string, ProviderPayment[]>();

  beforeAll(async () => {
    const { url, adminUrl } = await testDatabase('payments');
    database = new Database({ url, applicationName: 'payments' });
    admin = new pg.Client({ connectionString: adminUrl, options: '-c search_path=payments' });
    await admin.connect();
  });

  afterAll(async () => {
    await database?.close();
    await admin?.end();
  });

  it('know an authorized payment again, under its id at the provider and with its hold in the ledger, once', async () => {
    const orderId = randomUUID();
    atProvider.set(orderId, [
      { id: 'pi_given_up', held: 0n, captured: 0n, refunded: 0n },
      { id: 'pi_taken', held: 0n, captured: 900n, refunded: 0n },
    ]);
    const messages = [asked(orderId), message(PaymentAuthorizedSchema, { orderId })];
    expect(await recover(messages)).toBe(1);
    expect(await recover(messages)).toBe(0);
    const { rows } = await admin.query('SELECT state, provider_payment_id AS id FROM payments WHERE order_id = $1', [
      orderId,
    ]);
    expect(rows).toEqual([{ state: 'REQUIRES_CAPTURE', id: 'pi_taken' }]);
    expect((await checkRules(admin, paymentRules)).filter(({ settles }) => !settles)).toEqual([]);
  });

  it.each([
    ['was refused', (orderId: string) => [asked(orderId), message(PaymentAuthorizationRejectedSchema, { orderId })]],
    ['has no answer yet', (orderId: string) => [asked(orderId)]],
  ])('leave to the command that comes again what %s', async (_, messages) => {
    const orderId = randomUUID();
    atProvider.set(orderId, [{ id: 'pi_other', held: 0n, captured: 0n, refunded: 0n }]);
    expect(await recover(messages(orderId))).toBe(0);
    expect((await admin.query('SELECT FROM payments WHERE order_id = $1', [orderId])).rowCount).toBe(0);
  });

  function recover(messages: Past[]): Promise<number> {
    const provider = { find: async (orderId: string) => atProvider.get(orderId) ?? [] };
    return new RecoverPayments(database, provider).run({ past: async () => new Map([['', messages]]), say: () => {} });
  }
});

function asked(orderId: string): Past {
  const amount = { currencyCode: 'USD', minorUnits: 900n };
  return message(AuthorizePaymentSchema, { orderId, customerId: randomUUID(), amount, paymentMethod: 'pm_card_visa' });
}

function message<D extends DescMessage>(kind: D, value: MessageInitShape<D>): Past {
  const { topic, type } = channelOf(kind);
  return new Past({
    ...{ topic, partition: 0, offset: 0n, key: null, value: Buffer.from(toBinary(kind, create(kind, value))) },
    headers: { ce_id: randomUUID(), ce_type: type, ce_time: new Date().toISOString() },
  });
}
