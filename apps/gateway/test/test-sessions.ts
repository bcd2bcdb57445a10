import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { EndedSessions } from '#libs/contracts';

type Watch = ServerWritableStream<unknown, unknown>;

const HEARTBEAT_MS = 250;

/** Tells gateways of ended sessions as an issuer does; what has ended is the test's to say. */
export class TestSessions {
  /** Tokens that watches were opened with. */
  readonly tokens: string[] = [];
  /** Watches that are accepted and told nothing. */
  isSilent = false;
  /** How far the time that it vouches for lies back. */
  lagMs = 0;
  private readonly watches = new Set<Watch>();
  private readonly ended = new Map<string, Date>();

  readonly handlers = { [EndedSessions.method.watchEndedSessions.name]: (call: Watch) => this.watch(call) };

  end(sessionId: string, forgetTime = new Date(Date.now() + 900_000)): void {
    this.ended.set(sessionId, forgetTime);
    for (const call of this.watches) this.tell(call, [sessionId]);
  }

  get watched(): number {
    return this.watches.size;
  }

  private watch(call: Watch): void {
    this.tokens.push(String(call.metadata.get('authorization')[0]).replace('Bearer ', ''));
    this.watches.add(call);
    this.tell(call, [...this.ended.keys()]);
    const heartbeat = setInterval(() => this.tell(call, []), HEARTBEAT_MS).unref();
    const stop = () => {
      clearInterval(heartbeat);
      this.watches.delete(call);
    };
    call.on('cancelled', stop).on('error', stop).on('close', stop);
  }

  private tell(call: Watch, sessionIds: readonly string[]): void {
    if (this.isSilent) return;
    call.write({
      sessions: sessionIds.map((sessionId) => ({
        sessionId,
        forgetTime: timestampFromDate(this.ended.get(sessionId) ?? new Date()),
      })),
      asOfTime: timestampFromDate(new Date(Date.now() - this.lagMs)),
    });
  }
}
