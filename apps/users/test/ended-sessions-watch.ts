import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import { Client, type ClientReadableStream, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { EndedSessions, type WatchEndedSessionsResponse } from '#libs/contracts';
import type { TestService } from '#libs/testing';

const { input, output } = EndedSessions.method.watchEndedSessions;

/** Watches ended sessions as the gateway does, and keeps what it is told. */
export class EndedSessionsWatch {
  readonly ended = new Set<string>();
  messages = 0;
  asOf: Date | undefined;
  error: ServiceError | undefined;
  private readonly channel: Client;
  private readonly call: ClientReadableStream<WatchEndedSessionsResponse>;

  static async open(users: TestService, subject = 'service:gateway'): Promise<EndedSessionsWatch> {
    const token = await users.caller.token({ audience: 'users', subject, scopes: [] });
    return new EndedSessionsWatch(users.grpcAddress, token);
  }

  constructor(address: string, token: string) {
    this.channel = new Client(address, credentials.createInsecure());
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${token}`);
    this.call = this.channel.makeServerStreamRequest(
      `/${EndedSessions.typeName}/${EndedSessions.method.watchEndedSessions.name}`,
      () => Buffer.from(toBinary(input, create(input))),
      (bytes: Buffer) => fromBinary(output, bytes),
      {},
      metadata,
    );
    this.call.on('data', (message: WatchEndedSessionsResponse) => this.take(message));
    this.call.on('error', (error: ServiceError) => {
      this.error = error;
    });
  }

  close(): void {
    this.call.cancel();
    this.channel.close();
  }

  private take({ sessions, asOfTime }: WatchEndedSessionsResponse): void {
    this.messages += 1;
    for (const { sessionId } of sessions) this.ended.add(sessionId);
    if (asOfTime) this.asOf = timestampDate(asOfTime);
  }
}
