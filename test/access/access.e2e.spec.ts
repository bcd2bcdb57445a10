import { readFileSync } from 'node:fs';
import { type DescMethod, hasOption, type JsonObject } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { http } from '#libs/contracts';
import { sharedStore } from '#libs/testing';
import { loadRegistry } from '#libs/transcoding';
import { directCall } from './direct-call.js';
import { matrix } from './matrix.js';
import { accessOf, Personas } from './personas.js';
import type { InternalRow, Row } from './row.js';

const rpcs = allRpcs('libs/contracts/descriptors/store.binpb');
const nameOf = (rpc: DescMethod) => `${rpc.parent.typeName}.${rpc.name}`;
const served = rpcs.flatMap((rpc) => {
  const row = matrix[nameOf(rpc)];
  return row && !isInternal(row) ? [{ name: nameOf(rpc), rpc, row }] : [];
});
const closed = served.filter(({ rpc }) => accessOf(rpc).kind !== 'public');
const open = served.filter(({ rpc }) => accessOf(rpc).kind === 'public');
const internal = rpcs.filter((rpc) => isInternal(matrix[nameOf(rpc)]));
const scoped = closed.filter(({ rpc }) => accessOf(rpc).kind === 'scopes');

let personas: Personas;
beforeAll(async () => {
  personas = await Personas.of(await sharedStore());
}, 120_000);

const requestOf = (row: Row): JsonObject => row.request?.(personas.world) ?? {};

describe('the access matrix', () => {
  it('has a row for every RPC of every service, and no other', () => {
    expect(Object.keys(matrix).sort()).toEqual(rpcs.map(nameOf).sort());
  });

  it('keeps what is internal off the gateway', () => {
    expect(internal.filter((rpc) => hasOption(rpc, http)).map(nameOf)).toEqual([]);
    expect(served.filter(({ rpc }) => !hasOption(rpc, http)).map(({ name }) => name)).toEqual([]);
  });

  it('calls public exactly what the policies call public', () => {
    expect(served.filter(({ row }) => row.for === 'anybody').map(({ name }) => name)).toEqual(
      open.map(({ name }) => name),
    );
  });
});

describe('through the gateway', () => {
  const outcome = async (rpc: DescMethod, row: Row, token?: string) =>
    (await personas.viaGateway(rpc, requestOf(row), token)).outcome;

  describe.each(closed)('$name', ({ rpc, row }) => {
    it('is closed to the anonymous, and to tokens that have expired or whose session has ended', async () => {
      const { scopes } = accessOf(rpc);
      expect(await outcome(rpc, row)).toBe('UNAUTHENTICATED');
      expect(await outcome(rpc, row, await personas.accessToken({ scopes, lifetime: -30 }))).toBe('UNAUTHENTICATED');
      expect(await outcome(rpc, row, personas.world.signedOut.token)).toBe('UNAUTHENTICATED');
    });

    it('shows another customer nothing of it', async () => {
      const expected = row.other ?? (row.for === 'admin' ? 'PERMISSION_DENIED' : 'own things only');
      if (expected === 'not tried') return;
      const got = await personas.viaGateway(rpc, requestOf(row), personas.world.other.token);
      if (expected === 'own things only') expect(got.outcome).toBe(row.allowed ?? 'OK');
      else expect(got.outcome).toBe(expected);
      for (const secret of personas.secretsOfOwner()) expect(withoutRequest(got.text, row)).not.toContain(secret);
    });

    it('is open to whom it is for', async () => {
      const account = await personas.rightful(row);
      expect(await outcome(rpc, row, account?.token)).toBe(row.allowed ?? 'OK');
    });
  });

  it.each(scoped)('$name is closed without its scope', async ({ rpc, row }) => {
    const token = await personas.accessToken({ scopes: ['something:else'] });
    expect(await outcome(rpc, row, token)).toBe('PERMISSION_DENIED');
  });

  it.each(open)('$name is open to anybody, but not to a token that is not valid any more', async ({ rpc, row }) => {
    expect(await outcome(rpc, row)).toBe(row.allowed ?? 'OK');
    expect(await outcome(rpc, row, await personas.accessToken({ lifetime: -30 }))).toBe('UNAUTHENTICATED');
    expect(await outcome(rpc, row, personas.world.signedOut.token)).toBe('UNAUTHENTICATED');
  });
});

describe('past the gateway', () => {
  const outcome = async (rpc: DescMethod, row: Row, metadata: Readonly<Record<string, string>>) =>
    (await personas.direct(rpc, requestOf(row), metadata)).outcome;

  it.each(served)('$name is closed to whoever is not a trusted caller', async ({ rpc, row }) => {
    const { ownerId, owner } = personas.world;
    const { scopes } = accessOf(rpc);
    const forged = { 'x-user-id': ownerId, 'x-scopes': scopes.join(' '), principal: ownerId };
    expect(await outcome(rpc, row, {})).toBe('UNAUTHENTICATED');
    expect(await outcome(rpc, row, forged)).toBe('UNAUTHENTICATED');
    expect(await outcome(rpc, row, { authorization: `Bearer ${owner.token}` })).toBe('UNAUTHENTICATED');
    const expired = await personas.principal(rpc, { subject: ownerId, scopes, lifetime: -30 });
    expect(await outcome(rpc, row, expired)).toBe('UNAUTHENTICATED');
    const misdirected = await personas.principal(rpc, { subject: ownerId, scopes, audience: 'elsewhere' });
    expect(await outcome(rpc, row, misdirected)).toBe('UNAUTHENTICATED');
  });

  it.each(closed)('$name is closed to a trusted caller that calls for nobody', async ({ rpc, row }) => {
    const { scopes } = accessOf(rpc);
    const anonymous = await personas.principal(rpc, { subject: 'anonymous', scopes });
    expect(await outcome(rpc, row, anonymous)).toBe('UNAUTHENTICATED');
  });

  it.each(scoped)('$name is closed to a trusted caller that calls without the scope', async ({ rpc, row }) => {
    const { ownerId } = personas.world;
    const principal = await personas.principal(rpc, { subject: ownerId, scopes: ['something:else'] });
    expect(await outcome(rpc, row, principal)).toBe('PERMISSION_DENIED');
  });
});

describe('what is internal', () => {
  const outcome = async (rpc: DescMethod, metadata: Readonly<Record<string, string>>) =>
    (await personas.direct(rpc, {}, metadata)).outcome;
  const forOperators = (rpc: DescMethod) => rpc.parent.typeName.startsWith('operator.');

  it.each(internal.filter((rpc) => !forOperators(rpc)).map((rpc) => ({ name: nameOf(rpc), rpc })))(
    '$name is closed to whoever is not a trusted caller, and to a trusted one that calls for a customer or nobody',
    async ({ rpc }) => {
      const { ownerId, owner } = personas.world;
      expect(await outcome(rpc, {})).toBe('UNAUTHENTICATED');
      expect(await outcome(rpc, { authorization: `Bearer ${owner.token}` })).toBe('UNAUTHENTICATED');
      const customer = await personas.principal(rpc, { subject: ownerId, scopes: [] });
      expect(await outcome(rpc, customer)).toBe('PERMISSION_DENIED');
      const anonymous = await personas.principal(rpc, { subject: 'anonymous', scopes: [] });
      expect(await outcome(rpc, anonymous)).toBe('UNAUTHENTICATED');
    },
  );

  it.each(internal.filter(forOperators).map((rpc) => ({ name: nameOf(rpc), rpc })))(
    '$name is on no listener but the internal one, and there for operators alone',
    async ({ rpc }) => {
      for (const { address, operator } of personas.listeners()) {
        const { owner, ownerId } = personas.world;
        const tried = [
          {},
          { authorization: `Bearer ${owner.token}` },
          await personas.principal(rpc, { subject: ownerId, scopes: ['operator'] }),
        ];
        for (const metadata of tried) {
          const got = await directCall({ address, rpc, request: {}, metadata });
          expect(operator ? ['UNAUTHENTICATED', 'UNIMPLEMENTED'] : ['UNIMPLEMENTED']).toContain(status[got]);
        }
      }
    },
  );
});

/** What was sent is no secret to who has sent it: a refusal may repeat it. */
function withoutRequest(text: string, row: Row): string {
  const sent = JSON.stringify(requestOf(row)).match(/[\w@.-]{8,}/g) ?? [];
  return sent.reduce((left, word) => left.replaceAll(word, ''), text);
}

function isInternal(row: Row | InternalRow | undefined): row is InternalRow {
  return row !== undefined && 'internal' in row;
}

function allRpcs(descriptors: string): DescMethod[] {
  const registry = loadRegistry(readFileSync(descriptors), descriptors);
  return [...registry].flatMap((type) =>
    type.kind === 'service' && !type.typeName.startsWith('grpc.') ? type.methods : [],
  );
}
