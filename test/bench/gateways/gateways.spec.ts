import { existsSync, readFileSync } from 'node:fs';
import { GATEWAYS, gatewaysNamed } from './all.js';

const json = (file: string) => JSON.parse(readFileSync(file, 'utf8'));

describe("the gateway of Nest's documentation", () => {
  const manifest = json('test/bench/gateways/nest/package.json');
  const wanted: [string, string][] = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });

  it('has the versions that our gateway has: gateways are compared, not releases', () => {
    const own = json('package.json');
    const ours: Record<string, string> = { ...own.dependencies, ...own.devDependencies };
    const shared = wanted.filter(([name]) => name in ours);
    expect(shared.map(([name]) => name)).toEqual(expect.arrayContaining(['@nestjs/core', 'fastify', '@grpc/grpc-js']));
    expect(shared.filter(([name, version]) => ours[name] !== version)).toEqual([]);
  });

  it('is locked as its manifest says, each package by its hash, and to no registry', () => {
    const { packages } = json('test/bench/gateways/nest/package-lock.json');
    expect(wanted.filter(([name, version]) => packages[`node_modules/${name}`]?.version !== version)).toEqual([]);
    const locked = Object.entries<{ integrity?: string; resolved?: string }>(packages).filter(([path]) => path !== '');
    expect(locked.filter(([, { integrity, resolved }]) => !integrity || resolved)).toEqual([]);
  });
});

describe('the gateways that take part', () => {
  it('are known by ids of their own', () => {
    const ids = GATEWAYS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(gatewaysNamed('envoy,ours').map(({ id }) => id)).toEqual(['envoy', 'ours']);
    expect(() => gatewaysNamed('ours,kong')).toThrow('--gateways kong: there are ours,');
  });

  it('say their version, with a peer of grpc-gateway for what is plain and for what is protected', () => {
    expect(GATEWAYS.filter(({ version }) => /undefined|unknown/.test(version))).toEqual([]);
    const peers = GATEWAYS.filter(({ family }) => family === 'grpc-gateway').map(({ guarded }) => guarded);
    expect(peers).toEqual([false, true]);
  });

  it('have their configurations and sources where they are looked for', () => {
    const files = [
      'ours/bare.yaml',
      'ours/protected.yaml',
      'envoy/envoy.yaml',
      'envoy/requirements.txt',
      'nest/src/main.ts',
    ];
    expect(files.filter((file) => !existsSync(`test/bench/gateways/${file}`))).toEqual([]);
  });
});
