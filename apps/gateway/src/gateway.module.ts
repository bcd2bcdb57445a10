import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { PassportModule } from '@nestjs/passport';
import { DatabaseModule } from '#libs/database';
import { IdempotencyModule } from '#libs/idempotency';
import { IdentityModule } from '#libs/identity';
import { Log } from '#libs/service';
import { throttlingModule } from '#libs/throttling';
import type { GatewayConfig } from './gateway-config.js';
import { Handlers } from './handlers.js';
import { AccessLog } from './observe/access-log.js';
import { Operations } from './operations/load-operations.js';
import { OutgoingRules } from './outgoing/outgoing-rules.js';
import { AccessTokens } from './pipeline/access-tokens.js';
import { AuthenticateGuard } from './pipeline/authenticate.guard.js';
import { CallStream, StreamSettings } from './pipeline/call-stream.js';
import { CallUnary } from './pipeline/call-unary.js';
import { Deduplicate } from './pipeline/deduplicate.js';
import { JwtStrategy } from './pipeline/jwt.strategy.js';
import { BodyLimit, Pipeline } from './pipeline/pipeline.js';
import { ScopesGuard } from './pipeline/scopes.guard.js';
import { ThrottleGuard } from './pipeline/throttle.guard.js';
import { ProblemFilter } from './problems/problem.filter.js';
import { Draining } from './streams/draining.js';
import { UpstreamChannels } from './upstream/channels.js';
import { ForwardedHeaders, UpstreamCall } from './upstream/upstream-call.js';

export interface GatewayOptions {
  readonly config: GatewayConfig;
  readonly operations: Operations;
  readonly log: Log;
}

@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: how Nest writes a module with options
export class GatewayModule {
  static forRoot({ config, operations, log }: GatewayOptions): DynamicModule {
    const addresses = operations.all.map(({ upstream }) => upstream.address);
    return {
      module: GatewayModule,
      imports: [
        DatabaseModule.forRoot({ url: config.databaseUrl ?? '', applicationName: 'gateway' }),
        IdentityModule.forCaller({ name: 'gateway' }),
        IdempotencyModule,
        PassportModule,
        throttlingModule({ redisUrl: config.redisUrl }),
      ],
      providers: [
        { provide: Log, useValue: log },
        { provide: Operations, useValue: operations },
        { provide: BodyLimit, useValue: new BodyLimit(config.limits.bodyBytes) },
        { provide: StreamSettings, useValue: new StreamSettings(config.streams.heartbeatSeconds * 1000) },
        { provide: ForwardedHeaders, useValue: new ForwardedHeaders(config.forwardHeaders) },
        { provide: UpstreamChannels, useFactory: () => new UpstreamChannels(addresses) },
        { provide: AccessTokens, useFactory: () => accessTokens(config) },
        // Guards run in this order, before each operation.
        JwtStrategy,
        { provide: APP_GUARD, useClass: AuthenticateGuard },
        { provide: APP_GUARD, useClass: ScopesGuard },
        ThrottleGuard,
        { provide: APP_GUARD, useExisting: ThrottleGuard },
        { provide: APP_FILTER, useClass: ProblemFilter },
        ...[Handlers, Pipeline, Deduplicate, CallUnary, CallStream, UpstreamCall, Draining, AccessLog],
      ],
    };
  }
}

function accessTokens({ issuers, outgoing }: GatewayConfig): AccessTokens {
  const rules = new OutgoingRules(outgoing);
  const tokens = new AccessTokens(() => rules);
  tokens.use(issuers);
  return tokens;
}
