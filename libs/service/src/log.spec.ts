import { create } from '@bufbuild/protobuf';
import { Logger } from '@nestjs/common';
import { type Context, type ContextManager, context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { CreateUserRequestSchema, PlaceOrderRequestSchema, UserSchema } from '#libs/contracts';
import { createLogger, type Log, NestLogger } from './index.js';

const lines: string[] = [];
let log: Log;

beforeEach(async () => {
  lines.length = 0;
  const destination = { write: (line: string) => void lines.push(line) };
  log = await createLogger({ name: 'users', level: 'debug', format: 'json', destination });
});

const entry = () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown>;

describe('a log line', () => {
  it('is one JSON object with time, level, service and facts', () => {
    log.info({ orderId: 'o-1', took: 12 }, 'order placed');
    expect(entry()).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      service: 'users',
      orderId: 'o-1',
      took: 12,
      msg: 'order placed',
    });
  });

  it('carries the ids of the active span', () => {
    const span = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
    const active = trace.setSpan(ROOT_CONTEXT, trace.wrapSpanContext(span));
    context.setGlobalContextManager(managerOf(active));
    log.info({}, 'something happened');
    context.disable();
    expect(entry()).toMatchObject({ trace_id: span.traceId, span_id: span.spanId });
  });

  it('can be made for people', async () => {
    const pretty: string[] = [];
    const destination = { write: (line: string) => void pretty.push(line) };
    const forPeople = await createLogger({ name: 'users', level: 'info', format: 'pretty', destination });
    forPeople.info({ orderId: 'o-1' }, 'order placed');
    expect(pretty.join('')).toContain('order placed');
    expect(pretty.join('')).not.toContain('{"level"');
  });
});

describe('what must not be logged', () => {
  const canaries = ['canary@mail.example', 'canary-password', 'canary-token', 'pm_canary', 'Canary Name'];
  const expectNone = () => {
    for (const canary of canaries) expect(lines.join('')).not.toContain(canary);
    expect(lines.length).toBeGreaterThan(0);
  };

  it('is left out of messages by the marks in their proto', () => {
    const email = 'canary@mail.example';
    log.info(
      { request: create(CreateUserRequestSchema, { email, password: 'canary-password', name: 'Canary Name' }) },
      'a',
    );
    log.info({ deep: { users: [create(UserSchema, { id: 'u-1', email, name: 'Canary Name' })] } }, 'b');
    expect(JSON.stringify(entry())).toContain('u-1');
    log.info({ request: create(PlaceOrderRequestSchema, { paymentMethod: 'pm_canary' }) }, 'c');
    expectNone();
  });

  it('is left out of plain fields by their names, however they are written', () => {
    log.info({ password: 'canary-password', accessToken: 'canary-token', refresh_token: 'canary-token' }, 'a');
    log.info({ headers: { Authorization: 'canary-token', cookie: 'canary-token' }, payment_method: 'pm_canary' }, 'b');
    log.info({ email: ['canary@mail.example'], token: { value: 'canary-token' } }, 'c');
    expectNone();
  });

  it('is left out of texts', () => {
    log.warn({ why: 'no mail to canary@mail.example' }, 'could not tell canary@mail.example');
    log.warn({ header: 'Bearer canary-token' }, 'sent bearer canary-token');
    log.warn({ url: 'postgres://users:canary-password@db:5432/store' }, 'x eyJhbGciOiJFZERTQSJ9.canary-token.sig y');
    expectNone();
    expect(lines.join('')).toContain('db:5432/store');
  });

  it('is left out of errors: of their text, their causes, and the row that a database error quotes', () => {
    const cause = Object.assign(new Error('Key (email)=(canary@mail.example) exists'), {
      code: '23505',
      detail: 'canary-password',
    });
    log.error({ err: new Error('cannot add canary@mail.example', { cause }) }, 'call failed');
    expectNone();
    expect(entry()).toMatchObject({
      err: { type: 'Error', stack: expect.stringContaining('log.spec'), cause: { code: '23505' } },
    });
  });

  it('is left out even of circular and very deep values', () => {
    const circular: Record<string, unknown> = { password: 'canary-password' };
    circular.self = circular;
    log.info({ circular }, 'a');
    expectNone();
  });

  it('does not make a long text slow', () => {
    // CPU time, which a busy machine does not stretch; a pattern that backtracks would take minutes of it.
    const before = process.cpuUsage();
    log.info({ text: 'a.'.repeat(200_000), more: 'eyJ'.repeat(50_000), dots: `x@${'a'.repeat(100_000)}` }, 'a');
    const { user, system } = process.cpuUsage(before);
    expect(user + system).toBeLessThan(5_000_000);
  });
});

describe('what Nest logs', () => {
  it('goes into the same log, with its context', () => {
    const nest = new NestLogger(log);
    nest.warn('lost a connection', 'Database');
    expect(entry()).toMatchObject({ level: 'warn', msg: 'lost a connection', context: 'Database' });
    nest.error(new Error('boom'), undefined, 'Relay');
    expect(entry()).toMatchObject({ level: 'error', context: 'Relay', err: { message: 'boom' } });
    nest.log('Mapped {/x} route', 'RouterExplorer');
    expect(entry()).toMatchObject({ level: 'debug' });
  });

  it('comes through its Logger', () => {
    Logger.overrideLogger(new NestLogger(log));
    new Logger('Somewhere').error('it broke', new Error('x').stack);
    Logger.overrideLogger(false);
    expect(entry()).toMatchObject({ level: 'error', msg: 'it broke', context: 'Somewhere' });
  });
});

function managerOf(active: Context): ContextManager {
  const manager: ContextManager = {
    active: () => active,
    with: (_, work, self, ...args) => work.apply(self, args),
    bind: (_, target) => target,
    enable: () => manager,
    disable: () => manager,
  };
  return manager;
}
