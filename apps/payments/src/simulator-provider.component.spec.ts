import { randomUUID } from 'node:crypto';
import { type TestDatabase, testDatabase } from '#libs/testing';
import { describePaymentProvider } from '../test/provider.contract.js';
import { SimulatorProcess } from '../test/simulator-process.js';
import { ProviderUnavailableError } from './provider.js';
import { SimulatorProvider } from './simulator-provider.js';

describe('the HTTP adapter', () => {
  let database: TestDatabase;
  let simulator: SimulatorProcess;
  let provider: SimulatorProvider;

  beforeAll(async () => {
    database = await testDatabase('payment-simulator');
    simulator = await SimulatorProcess.start(database.url);
    provider = new SimulatorProvider(simulator.url);
  });

  afterAll(async () => {
    await simulator?.kill();
    await database?.close();
  });

  describePaymentProvider(
    'the simulator',
    {
      good: 'pm_card_visa',
      declined: 'pm_card_chargeDeclined',
      unknown: 'pm_card_4242',
      refundDeclined: 'pm_card_refundDeclined',
    },
    () => provider,
  );

  const open = () =>
    provider.open(
      { orderId: randomUUID(), amount: { currencyCode: 'USD', minorUnits: 1n } },
      { key: randomUUID(), signal: AbortSignal.timeout(5_000) },
    );

  it('tells an answer of 503 and a deadline that has passed as an unknown result', async () => {
    const [away, silent] = [await open(), await open()];
    const call = () => ({ key: randomUUID(), signal: AbortSignal.timeout(200) });
    await expect(provider.authorize(away, 'pm_card_unavailable', call())).rejects.toThrow('answered 503');
    await expect(provider.authorize(silent, 'pm_card_timeoutThenSuccess', call())).rejects.toThrow('did not answer');
  });

  it('learns the result of an unanswered call by the same key', async () => {
    const id = await open();
    const key = randomUUID();
    const again = () =>
      provider.authorize(id, 'pm_card_timeoutThenSuccess', { key, signal: AbortSignal.timeout(1_000) });
    await expect(again()).rejects.toThrow(ProviderUnavailableError);
    expect(await again()).toBe('authorized');
  });

  it('never names the payment method in an error', async () => {
    const call = { key: randomUUID(), signal: AbortSignal.timeout(1_000) };
    const refusal = provider.authorize('pi_unknown', 'pm_card_visa', call);
    await expect(refusal).rejects.toThrow('refused to authorize: resource_missing');
    await expect(refusal).rejects.not.toThrow('pm_card');
  });
});
