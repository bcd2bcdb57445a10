import { Injectable, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AuthGuard, PassportModule, PassportStrategy } from '@nestjs/passport';
import { ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { ShopModule } from './shop.module.js';

/** As https://docs.nestjs.com/recipes/passport has it. */
@Injectable()
class JwtStrategy extends PassportStrategy(Strategy) {
  constructor() {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      ignoreExpiration: false,
      secretOrKey: process.env.BENCH_SECRET ?? '',
    });
  }

  validate({ sub }: { sub: string }) {
    return { userId: sub };
  }
}

@Injectable()
class JwtGuard extends AuthGuard('jwt') {}

/** The shop for whoever has a token, and not too often: the limit is one that no load reaches. */
@Module({
  imports: [ShopModule, PassportModule, ThrottlerModule.forRoot([{ ttl: 60_000, limit: 1_000_000_000 }])],
  providers: [
    JwtStrategy,
    { provide: APP_GUARD, useClass: ThrottlerGuard },
    { provide: APP_GUARD, useClass: JwtGuard },
  ],
})
export class ProtectedModule {}
