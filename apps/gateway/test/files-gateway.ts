import { testFolder, until } from '#libs/testing';
import { LibraryGateway } from './library-gateway.js';
import { TestFiles } from './test-files.js';
import { AUDIENCE, ISSUER, TestIssuer } from './test-issuer.js';
import { compileProto } from './test-library.js';

const OPEN = { defaultPolicy: { public: true }, allowPublicDefault: true };
/** What is offered over WebSocket beside Chat. */
const SOCKETS = ['Watch', 'Ask', 'Sum'];

/** A gateway for TestFiles, an issuer of tokens, and a client. */
export class FilesGateway {
  readonly gateway: LibraryGateway;

  static async prepare(): Promise<FilesGateway> {
    const folder = await testFolder();
    const descriptors = compileProto(folder, 'files');
    return new FilesGateway(folder, await TestFiles.start(descriptors), await TestIssuer.start());
  }

  private constructor(
    folder: string,
    readonly upstream: TestFiles,
    readonly issuer: TestIssuer,
  ) {
    this.gateway = new LibraryGateway(folder);
  }

  get url(): string {
    return this.gateway.running.url;
  }

  async start(api: object = {}, more: object = {}): Promise<void> {
    await this.gateway.start(this.config(api, more));
    const { sessionFeeds } = this.gateway.running.deployments;
    await until(() => sessionFeeds.problem() === undefined, { what: 'the first word of ended sessions' });
  }

  /** In JSON, which YAML is a superset of. `policies` are by the RPC's own name. */
  config({ policies = {}, ...api }: { policies?: Record<string, object> } & object = {}, more: object = {}): string {
    const named = Object.fromEntries(SOCKETS.map((name) => [name, { stream: stream(name) }]));
    const all = Object.entries({ ...named, ...merged(named, policies) });
    const endedSessions = { address: this.upstream.address, audience: 'files' };
    return JSON.stringify({
      apis: [
        {
          name: 'files',
          descriptors: 'files.binpb',
          ...OPEN,
          upstreams: { 'files.v1.Files': this.upstream.address },
          policies: Object.fromEntries(all.map(([name, policy]) => [`files.v1.Files.${name}`, policy])),
          ...api,
        },
      ],
      issuers: [{ issuer: ISSUER, audience: AUDIENCE, jwks: this.issuer.jwksUrl.href, endedSessions }],
      outgoing: { allow: ['127.0.0.1'], allowLocal: true },
      ...more,
    });
  }

  async stop(): Promise<void> {
    await this.gateway.close();
    this.upstream.close();
    await this.issuer.close();
  }
}

const stream = (name: string) =>
  name === 'Watch' ? { form: 'WEBSOCKET', event_id_field: 'number', resume_field: 'after' } : { form: 'WEBSOCKET' };

function merged(first: Record<string, object>, second: Record<string, object>): Record<string, object> {
  return Object.fromEntries(Object.entries(second).map(([name, policy]) => [name, { ...first[name], ...policy }]));
}
