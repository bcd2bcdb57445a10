import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { map } from 'rxjs';
import { EndedSessions, type WatchEndedSessionsRequest } from '#libs/contracts';
import { DomainError } from '#libs/errors';
import { CurrentPrincipal, type Principal, serviceSubject } from '#libs/identity';
import { Rpc } from '#libs/service';
import { EndedSessionsFeed } from './ended-sessions.feed.js';

const GATEWAY = 'gateway';

@Controller()
export class WatchEndedSessionsHandler {
  constructor(private readonly feed: EndedSessionsFeed) {}

  /** For gateways that ask for themselves: no user's call gets here, whoever passes it on. */
  @Rpc(EndedSessions.method.watchEndedSessions)
  watch(@Payload() _: WatchEndedSessionsRequest, @CurrentPrincipal() { subject, issuer }: Principal) {
    if (issuer !== GATEWAY || subject !== serviceSubject(GATEWAY)) throw new DomainError('PERMISSION_DENIED');
    return this.feed.watch().pipe(
      map(({ sessions, asOf }) => ({
        sessions: sessions.map(({ sessionId, forgetTime }) => ({
          sessionId,
          forgetTime: timestampFromDate(forgetTime),
        })),
        asOfTime: asOf && timestampFromDate(asOf),
      })),
    );
  }
}
