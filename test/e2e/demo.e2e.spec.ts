import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { sharedStore } from '#libs/testing';

describe('npm run demo', () => {
  let output: string;

  beforeAll(async () => {
    const { gateway, zipkin } = await sharedStore();
    const args = ['dist/apps/launcher/src/main.js', 'demo', '--url', gateway.url, '--traces', zipkin?.url ?? ''];
    output = (await promisify(execFile)(process.execPath, args)).stdout; // rejects when it does not exit with 0
  }, 300_000);

  it('shows an order that is confirmed, one out of stock and one whose payment is declined, as they come', () => {
    const states = output.split('\n').flatMap((line) => /^ +\d+ ms {2}(\S+)$/.exec(line)?.[1] ?? []);
    expect(states).toEqual([
      ...['PENDING', 'CONFIRMED'],
      ...['PENDING', 'REJECTED/OUT_OF_STOCK'],
      ...['PENDING', 'REJECTED/PAYMENT_DECLINED'],
    ]);
  });

  it('shows the trace of the confirmed order from the request to its last event, with a link', () => {
    expect(output).toMatch(/gateway: post \/v1\/orders \(server\)/i);
    expect(output).toMatch(/payments: process payments\.capturepayment\.v1 \(consumer\)/i);
    expect(output).toMatch(/orders: publish orders\.orderconfirmed\.v1 \(producer\)/i);
    expect(output).not.toContain('its parent is missing');
    expect(output).toMatch(/\/zipkin\/traces\/[0-9a-f]{32}/);
  });
});
