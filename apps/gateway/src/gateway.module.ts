import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { PassportModule } from '@nestjs/passport';
import { DatabaseModule } from '#libs/database';
import { IdempotencyModule } from '#libs/idempotency';
import { IdentityModule } from '#libs/identity';
import { Log } from '#libs/service';
import { throttlingModule } from '#libs/throttling';
import { Deployments } from './deployments/deployments.js';
import { Handlers } from './handlers.js';
import { AccessLog } from './observe/access-log.js';
import { AccessTokens } from './pipeline/access-tokens.js';
import { AuthenticateGuard } from './pipeline/authenticate.guard.js';
import { CallSocket } from './pipeline/call-socket.js';
import { CallStream } from './pipeline/call-stream.js';
import { CallUnary } from './pipeline/call-unary.js';
import { CallUpload } from './pipeline/call-upload.js';
import { Deduplicate } from './pipeline/deduplicate.js';
import { JwtStrategy } from './pipeline/jwt.strategy.js';
import { Pipeline } from './pipeline/pipeline.js';
import { RequestStream } from './pipeline/request-stream.js';
import { ResponseStream } from './pipeline/response-stream.js';
import { ScopesGuard } from './pipeline/scopes.guard.js';
import { SocketCall } from './pipeline/socket-call.js';
import { StreamedRequests } from './pipeline/streamed-requests.js';
import { ThrottleGuard } from './pipeline/throttle.guard.js';
import { ProblemFilter } from './problems/problem.filter.js';
import { FreshSessionGuard } from './sessions/fresh-session.guard.js';
import { Draining } from './streams/draining.js';
import { OpenStreams } from './streams/open-streams.js';
import { UpstreamCall } from './upstream/upstream-call.js';

export interface GatewayOptions {
  readonly deployments: Deployments;
  readonly log: Log;
}

@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: how Nest writes a module with options
export class GatewayModule {
  static forRoot({ deployments, log }: GatewayOptions): DynamicModule {
    const { databaseUrl: url, redisUrl } = deployments.current.config;
    return {
      module: GatewayModule,
      imports: [
        // Without a database the keys of principal tokens live in memory, and nothing takes idempotency keys.
        ...(url === undefined ? [] : [DatabaseModule.forRoot({ url, applicationName: 'gateway' }), IdempotencyModule]),
        IdentityModule.forCaller({ name: 'gateway', keys: url === undefined ? 'memory' : 'database' }),
        PassportModule,
        throttlingModule({ redisUrl }),
      ],
      providers: [
        { provide: Log, useValue: log },
        { provide: Deployments, useValue: deployments },
        { provide: AccessTokens, useValue: deployments.accessTokens },
        // Guards run in this order, before each operation.
        JwtStrategy,
        { provide: APP_GUARD, useClass: AuthenticateGuard },
        { provide: APP_GUARD, useClass: ScopesGuard },
        { provide: APP_GUARD, useClass: FreshSessionGuard },
        ThrottleGuard,
        { provide: APP_GUARD, useExisting: ThrottleGuard },
        { provide: APP_FILTER, useClass: ProblemFilter },
        ...[Handlers, Pipeline, Deduplicate, CallUnary, UpstreamCall, OpenStreams, Draining, AccessLog],
        ...[StreamedRequests, CallStream, CallUpload, CallSocket, SocketCall, RequestStream, ResponseStream],
      ],
    };
  }
}
