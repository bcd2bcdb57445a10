import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { type StackDescription, sharedStore } from '#libs/testing';
import { expectStatus, Shop, textIn } from './shop.js';

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

// Each command is a process of its own, which takes long on a busy machine.
const LIMIT_MS = 240_000;

describe('npm run ops', () => {
  let stack: StackDescription;
  let folder: string;
  let shop: Shop;

  beforeAll(async () => {
    stack = await sharedStore();
    folder = dirname(stack.operator.token);
    shop = new Shop(stack.gateway.url);
  }, 300_000);

  async function ops(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    const child = spawn(process.execPath, ['dist/apps/ops/src/main.js', ...args], {
      env: { ...process.env, STORE_DIR: folder, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const { promise, resolve } = Promise.withResolvers<number | null>();
    child.once('close', resolve);
    const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), promise]);
    return { out, err, code };
  }

  it(
    'works at once on the store that runs, by a token that only its owner can read',
    async () => {
      expect(statSync(stack.operator.token).mode & 0o777).toBe(0o600);
      expect(statSync(stack.operator.credentials).mode & 0o777).toBe(0o600);
      expect(await ops(['sagas', 'list', '--ended'])).toMatchObject({ code: 0, err: '' });
      const { out, code } = await ops(['dead-letters', 'list', '--json']);
      expect([code, Object.keys(JSON.parse(out))]).toEqual([0, ['deadLetters', 'parkedKeys']]);
    },
    LIMIT_MS,
  );

  it(
    'shows an order whole: saga, ledger, provider and trace',
    async () => {
      const { token } = await shop.signUp();
      const accepted = await shop.submit(token, { sku: await shop.product(3) });
      const id = textIn(expectStatus(accepted, 201), 'id');
      const traceId = accepted.headers.get('traceresponse')?.split('-')[1] ?? '';
      await shop.ended(token, id, 60_000);
      const people = await ops(['orders', 'show', id]);
      expect(people.out).toMatch(/capture payment|CapturePayment/);
      expect(people.out).not.toContain('pm_card');
      const { out } = await ops(['orders', 'show', id, '--json']);
      const shown = JSON.parse(out);
      expect(shown.order).toMatchObject({ order: { id, state: 'CONFIRMED' }, traceId });
      expect(shown.ledger.entries.map(({ kind }: { kind: string }) => kind)).toEqual(['HOLD', 'CAPTURE']);
      expect(shown.ledger.provider).toHaveLength(1);
      expect(shown.traceUrl).toContain(traceId);
    },
    LIMIT_MS,
  );

  it(
    'takes the token from the file that OPS_TOKEN_FILE names',
    async () => {
      const OPS_ADDRESSES = `orders=${stack.apps.orders?.operator}`;
      const env = { OPS_ADDRESSES, OPS_TOKEN_FILE: stack.operator.token };
      expect(await ops(['sagas', 'list'], env)).toMatchObject({ code: 0, err: '' });
      const twice = await ops(['sagas', 'list'], { ...env, OPS_TOKEN: 'ops_x' });
      expect([twice.code, twice.err]).toEqual([2, expect.stringContaining('OPS_TOKEN and OPS_TOKEN_FILE')]);
    },
    LIMIT_MS,
  );

  it(
    'makes operators, who see what their role allows, and takes them away',
    async () => {
      const name = `vera-${randomUUID().slice(0, 8)}`;
      const { token } = JSON.parse((await ops(['credentials', 'add', name, '--json'])).out);
      const addresses = Object.entries(stack.apps).flatMap(([app, { operator }]) =>
        operator ? [`${app}=${operator}`] : [],
      );
      const env = { OPS_TOKEN: token, OPS_ADDRESSES: addresses.join(',') };
      expect((await ops(['audit', 'list'], env)).code).toBe(0);
      const refused = await ops(['keys', 'rotate', '--service', 'users', '--reason', 'curious'], env);
      expect(refused).toMatchObject({
        code: 3,
        err: expect.stringMatching(/needs the role operator.*\n.*credentials add/),
      });
      const { out } = await ops(['audit', 'list', '--operator', name, '--json']);
      expect(JSON.parse(out)).toMatchObject([
        { service: 'users', verb: 'Keys.RotateKeys', outcome: 'REFUSED', reason: 'curious' },
      ]);
      expect((await ops(['credentials', 'revoke', name])).code).toBe(0);
      expect((await ops(['audit', 'list'], env)).code).toBe(3);
    },
    LIMIT_MS,
  );

  it(
    'makes an admin, whose next session has the rights of one',
    async () => {
      const buyer = await shop.signUp();
      const granted = await ops(['users', 'grant-role', buyer.email, 'admin', '--reason', 'the first admin']);
      expect(granted).toMatchObject({ code: 0, out: expect.stringContaining('ADMIN') });
      const again = await shop.signIn(buyer.email, buyer.password);
      const claims = JSON.parse(Buffer.from(again.token.split('.')[1] ?? '', 'base64url').toString());
      expect(claims.scope.split(' ')).toContain('stock:write');
      const { out } = await ops(['audit', 'list', '--service', 'users', '--json']);
      expect(out).not.toContain(buyer.email);
    },
    LIMIT_MS,
  );

  it.each([
    ['an unknown command', ['sagas', 'forget'], 2],
    ['an unknown option', ['sagas', 'list', '--whatever'], 2],
    ['a missing reason', ['sagas', 'retry', 'place-order', randomUUID()], 2],
    ['a saga that does not exist', ['sagas', 'show', 'place-order', randomUUID()], 1],
    ['a dead letter that does not exist', ['dead-letters', 'show', 'orders/999999999'], 1],
    ['an order that is none', ['orders', 'show', 'x'], 1],
  ])(
    'refuses %s and says what to do',
    async (_, args, code) => {
      const ended = await ops(args);
      expect([ended.code, ended.out]).toEqual([code, '']);
      expect(ended.err.trim().length).toBeGreaterThan(20);
    },
    LIMIT_MS,
  );

  it(
    'says where to look when no store is there',
    async () => {
      const nowhere = await ops(['sagas', 'list'], { STORE_DIR: `${folder}/nothing` });
      expect(nowhere).toMatchObject({ code: 3, err: expect.stringContaining('npm start') });
      const away = await ops(['sagas', 'list'], { OPS_ADDRESSES: 'orders=127.0.0.1:1', OPS_TOKEN: 'ops_x' });
      expect(away).toMatchObject({ code: 3, err: expect.stringContaining('orders does not answer') });
    },
    LIMIT_MS,
  );

  it(
    'cannot be reached through the gateway',
    async () => {
      for (const path of ['/operator.v1.Sagas/ListSagas', '/operator.v1.Audit/ListActions', '/v1/sagas']) {
        const answer = await fetch(`${stack.gateway.url}${path}`, { method: 'POST', body: '{}' });
        expect([path, answer.status]).toEqual([path, 404]);
      }
    },
    LIMIT_MS,
  );
});
