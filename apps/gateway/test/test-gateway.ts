import { createLogger } from '#libs/service';
import { type TestDatabase, testDatabase, until } from '#libs/testing';
import { gatewayEnvironment } from '../src/environment.js';
import { type RunningGateway, startGateway } from '../src/start-gateway.js';
import { TestIssuer, type TokenOptions } from './test-issuer.js';
import type { TestSessions } from './test-sessions.js';
import { TestUpstream } from './test-upstream.js';

/** A real gateway on a free port, its database, an issuer of tokens, and services that answer as the test says. */
export class TestGateway {
  /** Lines of its log, parsed. */
  readonly lines: Record<string, unknown>[] = [];
  private gateway: RunningGateway | undefined;
  private lost: Promise<void> | undefined;

  /** `variables` go on top of the environment. Unless told otherwise, waits until tokens are accepted. */
  static async start(
    variables: Record<string, string> = {},
    { waits = true, prepare = (_: TestSessions): void => {} } = {},
  ): Promise<TestGateway> {
    const [issuer, upstream, database] = await Promise.all([
      TestIssuer.start(),
      TestUpstream.start(),
      testDatabase('gateway'),
    ]);
    const test = new TestGateway(issuer, upstream, database);
    prepare(upstream.sessions);
    await test.open(variables, waits);
    return test;
  }

  private constructor(
    readonly issuer: TestIssuer,
    readonly upstream: TestUpstream,
    readonly database: TestDatabase,
  ) {}

  get running(): RunningGateway {
    if (!this.gateway) throw new Error('the gateway is not running');
    return this.gateway;
  }

  /** A request to the gateway; a body that is no text is sent as JSON. */
  async fetch(
    path: string,
    init: Omit<RequestInit, 'body'> & { body?: unknown; token?: string } = {},
  ): Promise<Response> {
    const { body, token, headers, ...others } = init;
    return fetch(this.running.url + path, {
      ...others,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token && { authorization: `Bearer ${token}` }),
        ...Object.fromEntries(new Headers(headers)),
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  }

  token(options: TokenOptions | string = {}): Promise<string> {
    return this.issuer.token(typeof options === 'string' ? { scope: options } : options);
  }

  /** Drops the database under the running gateway. */
  loseDatabase(): Promise<void> {
    this.lost ??= this.database.close();
    return this.lost;
  }

  async close(): Promise<void> {
    await this.gateway?.stop();
    this.upstream.kill();
    await this.issuer.close();
    await this.loseDatabase();
  }

  private async open(variables: Record<string, string>, waits: boolean): Promise<void> {
    const env = gatewayEnvironment.parse({
      HTTP_LISTEN: '127.0.0.1:0',
      OPS_LISTEN: '127.0.0.1:0',
      ...variables,
    });
    const destination = { write: (line: string) => this.lines.push(JSON.parse(line)) };
    const log = await createLogger({ name: 'gateway', level: 'info', format: 'json', destination });
    const { address } = this.upstream;
    const ofStore = {
      ...{ USERS_ADDRESS: address, INVENTORY_ADDRESS: address, ORDERS_ADDRESS: address, PAYMENTS_ADDRESS: address },
      DATABASE_URL: this.database.url,
      TOKEN_JWKS_URL: this.issuer.jwksUrl.href,
      DEMO_MODE: 'true',
    };
    const gateway = await startGateway(env, { ...ofStore, ...variables }, log);
    this.gateway = gateway;
    const { sessionFeeds } = gateway.deployments;
    if (waits) await until(() => sessionFeeds.problem() === undefined, { what: 'the first word of ended sessions' });
  }
}
