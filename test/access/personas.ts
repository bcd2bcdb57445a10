import { randomUUID } from 'node:crypto';
import { type DescMethod, getOption, type JsonObject } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { Code, policy } from '#libs/contracts';
import { ERRORS, isErrorCode } from '#libs/errors';
import type { StackDescription } from '#libs/testing';
import type { Account } from '../e2e/shop.js';
import { directCall } from './direct-call.js';
import { httpCall } from './http-call.js';
import type { Outcome, Row } from './row.js';
import { StolenKeys } from './stolen-keys.js';
import { makeWorld, type World } from './world.js';

/** What somebody got: the status by name, and the whole answer where there is one. */
export interface Got {
  readonly outcome: Outcome | string;
  readonly text: string;
}

/** What the policy of an RPC asks for. */
export function accessOf(rpc: DescMethod): { kind: string | undefined; scopes: string[] } {
  const { access } = getOption(rpc, policy);
  if (access.case !== 'scopes') return { kind: access.case, scopes: [] };
  return { kind: 'scopes', scopes: [...access.value.all.split(' '), ...access.value.any.split(' ')].filter(Boolean) };
}

/** Everybody who tries to call, through the gateway and past it. */
export class Personas {
  private constructor(
    readonly world: World,
    private readonly stack: StackDescription,
    private readonly keys: Readonly<Record<'users' | 'gateway', StolenKeys>>,
  ) {}

  static async of(stack: StackDescription): Promise<Personas> {
    const world = await makeWorld(stack.gateway.url);
    const [users, gateway] = await Promise.all([
      StolenKeys.of('users', stack.postgres.url),
      StolenKeys.of('gateway', stack.postgres.url),
    ]);
    return new Personas(world, stack, { users, gateway });
  }

  /** Through the gateway, with this access token or none. */
  async viaGateway(rpc: DescMethod, request: JsonObject, token?: string): Promise<Got> {
    const call = httpCall(rpc, request);
    if (!call) throw new Error(`${rpc.name} has no route`);
    const response = await fetch(`${this.world.shop.url}${call.path}`, {
      method: call.method,
      headers: {
        'idempotency-key': randomUUID(),
        ...(token && { authorization: `Bearer ${token}` }),
        ...(call.body !== undefined && { 'content-type': 'application/json' }),
      },
      body: call.body === undefined ? undefined : JSON.stringify(call.body),
      signal: AbortSignal.timeout(20_000),
    });
    const text = response.headers.get('content-type') === 'text/event-stream' ? '' : await response.text();
    if (text === '') await response.body?.cancel().catch(() => {}); // of a stream, only that it was opened counts
    return { outcome: response.ok ? 'OK' : outcomeOf(text), text };
  }

  /** Past the gateway, with this metadata. */
  async direct(rpc: DescMethod, request: JsonObject, metadata: Readonly<Record<string, string>>): Promise<Got> {
    const address = this.stack.apps[serviceOf(rpc)]?.grpc;
    if (!address) throw new Error(`${rpc.parent.typeName} has no address`);
    return { outcome: status[await directCall({ address, rpc, request, metadata })] ?? '', text: '' };
  }

  /** An access token that is right in all but what `but` says. */
  accessToken(but: { scopes?: readonly string[]; lifetime?: number }): Promise<string> {
    return this.keys.users.sign({
      issuer: 'https://users.ineedthatfast.example',
      audience: 'ineedthatfast',
      type: 'at+jwt',
      subject: this.world.ownerId,
      sessionId: randomUUID(),
      scopes: but.scopes ?? [],
      lifetime: but.lifetime ?? 60,
    });
  }

  /** What the gateway would say to the service of `rpc` about this caller. */
  async principal(
    rpc: DescMethod,
    { subject, scopes, ...rest }: { subject: string; scopes: readonly string[]; lifetime?: number; audience?: string },
  ): Promise<Record<string, string>> {
    const audience = rest.audience ?? serviceOf(rpc);
    const claims = {
      issuer: 'gateway',
      audience,
      type: 'principal+jwt',
      subject,
      scopes,
      sessionId: randomUUID(),
    } as const;
    const token = await this.keys.gateway.sign({ ...claims, lifetime: rest.lifetime ?? 55 });
    return { authorization: `Bearer ${token}` };
  }

  /** Whom the row is for. */
  async rightful(row: Row): Promise<Account | undefined> {
    if (row.for === 'anybody') return undefined;
    return row.for === 'newcomer' ? this.world.newcomer() : this.world[row.for];
  }

  /** Every gRPC listener of the services. */
  listeners(): { address: string; operator: boolean }[] {
    return Object.values(this.stack.apps).flatMap(({ grpc, operator }) => [
      ...(grpc ? [{ address: grpc, operator: false }] : []),
      ...(operator ? [{ address: operator, operator: true }] : []),
    ]);
  }

  /** What nobody but the owner may read. */
  secretsOfOwner(): string[] {
    return [this.world.orderId, this.world.ownerId, this.world.owner.email];
  }
}

/** The app that answers the RPC. */
function serviceOf(rpc: DescMethod): string {
  return rpc.parent.typeName === 'gateway.v1.EndedSessions' ? 'users' : rpc.parent.name.toLowerCase();
}

/** The gRPC status behind a problem document; the whole text where it is none of ours. */
function outcomeOf(problem: string): string {
  const code = /"code":"(\w+)"/.exec(problem)?.[1];
  return isErrorCode(code) ? (Code[ERRORS[code].grpc] ?? problem) : problem;
}
