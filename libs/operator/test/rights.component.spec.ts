import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, type DescMethod, type DescService, fromJson, hasOption, type JsonObject } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import pg from 'pg';
import * as contracts from '#libs/contracts';
import { Database } from '#libs/database';
import { createLogger } from '#libs/service';
import type { TestDatabase } from '#libs/testing';
import {
  ActionsStore,
  addCredential,
  Credentials,
  type Desk,
  OperatorServer,
  type OperatorTables,
  VerbClient,
} from '../src/index.js';
import { deskDatabase } from './room.js';

const id = randomUUID();
const reason = 'a reason';
const saga = { saga: 'place-order', id };

/** Every operator RPC: who may call it, and a request that is valid. An RPC without a row fails. */
const ROWS: Readonly<Record<string, readonly [role: 'viewer' | 'operator', request: JsonObject, target?: string]>> = {
  'Audit.ListActions': ['viewer', {}],
  'DeadLetters.ListDeadLetters': ['viewer', {}],
  'DeadLetters.ListParkedKeys': ['viewer', {}],
  'DeadLetters.GetDeadLetter': ['viewer', { number: '7' }],
  'DeadLetters.ReplayDeadLetter': ['operator', { number: '7', reason }, '7'],
  'DeadLetters.ReplayDeadLetters': ['operator', { topic: 't', key: id, reason }, `t ${id}`],
  'DeadLetters.DiscardDeadLetter': ['operator', { number: '7', reason }, '7'],
  'Keys.ListKeys': ['viewer', {}],
  'Keys.RotateKeys': ['operator', { reason }, ''],
  'Keys.WithdrawKey': ['operator', { kid: 'k1', reason }, 'k1'],
  'OperatorOrders.ShowOrder': ['viewer', { id }],
  'OperatorPayments.ShowLedger': ['viewer', { orderId: id }],
  // The address is personal data: the handler names the account by its id.
  'OperatorUsers.ChangeRole': ['operator', { email: 'a@b.example', role: 'ADMIN', reason }, ''],
  'Sagas.ListSagas': ['viewer', {}],
  'Sagas.GetSaga': ['viewer', saga],
  'Sagas.RetrySaga': ['operator', { ...saga, reason }, `place-order ${id}`],
  'Sagas.ResolveSaga': [
    'operator',
    { ...saga, moves: 1, choice: { outcome: 'TURN_BACK' }, reason },
    `place-order ${id}`,
  ],
};

const services = Object.values<unknown>(contracts).filter(
  (one): one is DescService =>
    typeof one === 'object' &&
    one !== null &&
    'typeName' in one &&
    String(one.typeName).startsWith('operator.v1.') &&
    'methods' in one,
);
const methods = services.flatMap((service) => service.methods);
const nameOf = (method: DescMethod) => `${method.parent.name}.${method.name}`;

describe('the contracts of operator verbs', () => {
  it('have a row here each', () => {
    expect(methods.map(nameOf).sort()).toEqual(Object.keys(ROWS).sort());
  });

  it('have no route and no policy: the gateway cannot serve them', () => {
    const open = methods.filter((method) => hasOption(method, contracts.http) || hasOption(method, contracts.policy));
    expect(open.map(nameOf)).toEqual([]);
  });

  it('ask for a reason wherever something is done', () => {
    const acting = methods.filter((method) => ROWS[nameOf(method)]?.[0] === 'operator');
    expect(acting.filter(({ input }) => !input.fields.some(({ name }) => name === 'reason'))).toEqual([]);
  });
});

describe('the listener of operators', () => {
  const folder = mkdtempSync(join(tmpdir(), 'operators-'));
  const file = join(folder, 'operators.json');
  const lines: string[] = [];
  let database: TestDatabase;
  let pool: Database<OperatorTables>;
  let admin: pg.Pool;
  let server: OperatorServer;
  const tokens = new Map<string, string>();
  const clients: VerbClient[] = [];
  let fails = false;

  /** A desk that does nothing, so that what is tested is the way to it. */
  const deskOf = (service: DescService): Desk => {
    const verbs = service.methods.map((method) => {
      const stream = async function* () {
        yield create(method.output);
      };
      const unary = async () => {
        if (fails) throw new Error('password=hunter2');
        return create(method.output);
      };
      return [method.localName, method.methodKind === 'server_streaming' ? stream : unary];
    });
    return { service, verbs: Object.fromEntries(verbs) };
  };

  beforeAll(async () => {
    database = await deskDatabase();
    admin = new pg.Pool({ connectionString: database.adminUrl, options: '-c search_path=desk', max: 2 });
    pool = new Database<OperatorTables>({ url: database.url, applicationName: 'desk' });
    const log = await createLogger({
      ...{ name: 'desk', level: 'debug', format: 'json' },
      destination: { write: (line: string) => void lines.push(line) },
    });
    tokens.set('viewer', await addCredential(file, { name: 'vera', role: 'viewer' }));
    tokens.set('operator', await addCredential(file, { name: 'otto', role: 'operator' }));
    const expired = { name: 'erna', role: 'operator', expireTime: '2020-01-01T00:00:00.000Z' } as const;
    tokens.set('expired', await addCredential(file, expired));
    tokens.set('unknown', tokens.get('operator')?.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')) ?? '');
    tokens.set('none', '');
    const credentials = new Credentials(file, (error) => lines.push(String(error)));
    const actions = new ActionsStore(pool);
    server = new OperatorServer(
      { host: '127.0.0.1', port: 0 },
      { desks: services.map(deskOf), credentials, actions, log },
    );
    await server.onApplicationBootstrap();
  }, 60_000);

  afterAll(async () => {
    for (const client of clients) client.close();
    await server?.onModuleDestroy();
    await pool?.close();
    await admin?.end();
    await database?.close();
    rmSync(folder, { recursive: true });
  });

  beforeEach(() => {
    fails = false;
  });

  async function call(method: DescMethod, who: string, request: JsonObject): Promise<status> {
    const client = new VerbClient('desk', server.address, tokens.get(who) ?? '');
    clients.push(client);
    const message = fromJson(method.input, request);
    try {
      if (method.methodKind === 'unary') await client.call(method, message);
      else for await (const _ of client.stream(method, message));
      return status.OK;
    } catch (error) {
      return error instanceof Error && 'code' in error ? Number(error.code) : status.UNKNOWN;
    }
  }

  const actions = async (verb: string) =>
    (
      await admin.query(
        'SELECT operator, role, target, reason, outcome, error FROM operator_actions WHERE verb = $1 ORDER BY number',
        [verb],
      )
    ).rows;

  describe.each(methods.map((method) => [nameOf(method), method] as const))('%s', (name, method) => {
    const [role = 'operator', request = {}, target = ''] = ROWS[name] ?? [];

    it.each(['none', 'unknown', 'expired'])('is closed to a caller whose token is %s', async (who) => {
      expect(await call(method, who, request)).toBe(status.UNAUTHENTICATED);
    });

    it(`is ${role === 'viewer' ? 'open' : 'closed'} to viewers and open to operators; the audit log tells`, async () => {
      expect(await call(method, 'viewer', request)).toBe(role === 'viewer' ? status.OK : status.PERMISSION_DENIED);
      expect(await call(method, 'operator', request)).toBe(status.OK);
      const [nobody, , , ...known] = await actions(name);
      expect(nobody).toMatchObject({ operator: null, role: null, outcome: 'REFUSED', error: 'UNAUTHENTICATED' });
      const refused = {
        operator: 'vera',
        role: 'VIEWER',
        target,
        reason,
        outcome: 'REFUSED',
        error: 'PERMISSION_DENIED',
      };
      const done = { operator: 'otto', role: 'OPERATOR', target, reason, outcome: 'DONE', error: null };
      expect(known).toEqual(role === 'viewer' ? [] : [refused, done]);
    });
  });

  it('does not take a request that breaks a rule, and notes who sent it', async () => {
    const retry = contracts.Sagas.method.retrySaga;
    expect(await call(retry, 'operator', { ...saga, reason: 'x' })).toBe(status.INVALID_ARGUMENT);
    expect((await actions('Sagas.RetrySaga')).at(-1)).toMatchObject({ outcome: 'FAILED', error: 'VALIDATION_FAILED' });
  });

  it('says nothing of what nobody foresaw, and notes it', async () => {
    fails = true;
    expect(await call(contracts.Sagas.method.retrySaga, 'operator', { ...saga, reason })).toBe(status.INTERNAL);
    expect((await actions('Sagas.RetrySaga')).at(-1)).toMatchObject({ outcome: 'FAILED', error: 'INTERNAL' });
  });

  it('notes sixty refusals of a viewer a minute, and logs them all: nobody fills what is never deleted', async () => {
    tokens.set('hammer', await addCredential(file, { name: 'hammer', role: 'viewer' }));
    const { retrySaga } = contracts.Sagas.method;
    for (let i = 0; i < 70; i += 1) expect(await call(retrySaga, 'hammer', { ...saga, reason })).not.toBe(status.OK);
    const { rows } = await admin.query("SELECT FROM operator_actions WHERE operator = 'hammer'");
    expect(rows).toHaveLength(60);
    expect(lines.filter((line) => line.includes('"hammer"') && line.includes('operator verb refused'))).toHaveLength(
      70,
    );
    expect(await call(retrySaga, 'viewer', { ...saga, reason })).toBe(status.PERMISSION_DENIED);
    expect((await actions('Sagas.RetrySaga')).at(-1)).toMatchObject({ operator: 'vera', outcome: 'REFUSED' });
  });

  it('takes up a new operator at once', async () => {
    const token = await addCredential(file, { name: 'nina', role: 'viewer' });
    tokens.set('nina', token);
    expect(await call(contracts.Audit.method.listActions, 'nina', {})).toBe(status.OK);
  });

  it('writes no token anywhere', async () => {
    const everything = `${lines.join('')}${JSON.stringify((await admin.query('SELECT * FROM operator_actions')).rows)}`;
    for (const token of tokens.values()) if (token) expect(everything).not.toContain(token);
  });

  it.each([
    ['UPDATE', "UPDATE operator_actions SET reason = 'another'"],
    ['DELETE', 'DELETE FROM operator_actions'],
    ['TRUNCATE', 'TRUNCATE operator_actions'],
  ])('keeps its audit log from everybody: %s', async (verb, sql) => {
    await expect(admin.query(sql)).rejects.toThrow(`the audit log is append-only: ${verb} is forbidden`);
    const service = new pg.Client({ connectionString: database.url });
    await service.connect();
    await expect(service.query(sql)).rejects.toThrow('permission denied for table operator_actions');
    await service.end();
  });
});
