import { randomUUID } from 'node:crypto';
import { type CallHandler, Controller, type ExecutionContext, type INestApplication } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { context, SpanKind, trace } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { type OrderPlaced, OrderPlacedSchema, type UserRegistered, UserRegisteredSchema } from '#libs/contracts';
import { Database } from '#libs/database';
import { type TestDatabase, type TestKafka, testKafka, until } from '#libs/testing';
import { MessagingHealth, On, Outbox } from '../src/index.js';
import { type ShopTables, shopDatabase, shopTables, startShop } from './shop.js';

type SpanProcessor = NonNullable<NonNullable<ConstructorParameters<typeof NodeSDK>[0]>['spanProcessors']>[number];
type FinishedSpan = Parameters<SpanProcessor['onEnd']>[0];

@Controller()
class Chain {
  constructor(
    private readonly database: Database<ShopTables>,
    private readonly outbox: Outbox,
  ) {}

  @On(UserRegisteredSchema)
  async registered({ userId }: UserRegistered): Promise<void> {
    await this.outbox.publish(OrderPlacedSchema, { orderId: userId });
  }

  @On(OrderPlacedSchema, { inbox: 'manual' })
  async placed(
    { orderId }: OrderPlaced,
    delivery: { complete(work: () => Promise<void>): Promise<boolean> },
  ): Promise<void> {
    const note = trace.getSpanContext(context.active())?.spanId ?? 'none';
    await delivery.complete(async () => {
      await this.database.db.insertInto('effects').values({ key: orderId, message_id: '', note }).execute();
    });
  }
}

// What an application has for its requests: none of it may touch messages.
const forRequests = [
  { provide: APP_GUARD, useValue: { canActivate: () => false } },
  {
    provide: APP_INTERCEPTOR,
    useValue: {
      intercept(_: ExecutionContext, next: CallHandler) {
        throw new Error(`an interceptor for requests saw a message: ${typeof next.handle}`);
      },
    },
  },
  { provide: APP_FILTER, useValue: { catch: () => 'an answer' } },
];

describe('the trace of a message', () => {
  const finished: FinishedSpan[] = [];
  const recorder: SpanProcessor = {
    onStart: () => {},
    onEnd: (span) => finished.push(span),
    forceFlush: async () => {},
    shutdown: async () => {},
  };
  const sdk = new NodeSDK({
    autoDetectResources: false,
    spanProcessors: [recorder],
    metricReaders: [],
    logRecordProcessors: [],
  });
  let postgres: TestDatabase;
  let kafka: TestKafka;
  let app: INestApplication;

  beforeAll(async () => {
    sdk.start();
    [postgres, kafka] = await Promise.all([shopDatabase(), testKafka()]);
    class Requests {}
    app = await startShop({
      databaseUrl: postgres.url,
      brokers: kafka.brokers.split(','),
      topicPrefix: kafka.topicPrefix,
      controllers: [Chain],
      imports: [{ module: Requests, providers: forRequests }],
    });
    const health = app.get(MessagingHealth);
    await until(() => health.problem() === undefined, { what: 'the group to be joined', timeout: 30_000 });
  });

  afterAll(async () => {
    await app?.close();
    await postgres?.close();
    await sdk.shutdown();
  });

  it('goes from the request through two outboxes and two handlers, as one line of spans', async () => {
    const key = randomUUID();
    const database = shopTables(app);
    const request = trace.getTracer('test').startSpan('request', { kind: SpanKind.SERVER });
    await context.with(trace.setSpan(context.active(), request), () =>
      database.transaction(() => app.get(Outbox).publish(UserRegisteredSchema, { userId: key })),
    );
    request.end();
    const [effect] = await until(
      async () => {
        const rows = await database.db.selectFrom('effects').selectAll().where('key', '=', key).execute();
        return rows.length > 0 && rows;
      },
      { what: 'the effect of the second message' },
    );
    const { traceId } = request.spanContext();
    const spans = () => finished.filter((span) => span.spanContext().traceId === traceId);
    await until(() => spans().length === 5, { what: 'five spans' });
    const line: string[] = [];
    for (let at = spans().find((span) => span.spanContext().spanId === effect?.note); at; ) {
      line.unshift(`${SpanKind[at.kind]} ${at.name}`);
      const parent: string | undefined = at.parentSpanContext?.spanId;
      at = spans().find((span) => span.spanContext().spanId === parent);
    }
    expect(line).toEqual([
      'SERVER request',
      'PRODUCER publish users.UserRegistered.v1',
      'CONSUMER process users.UserRegistered.v1',
      'PRODUCER publish orders.OrderPlaced.v1',
      'CONSUMER process orders.OrderPlaced.v1',
    ]);
    expect(spans().at(-1)?.attributes).toMatchObject({
      'messaging.system': 'kafka',
      'messaging.consumer.group.name': 'shop',
      'messaging.destination.name': `${kafka.topicPrefix}orders.order.v1`,
    });
  });
});
