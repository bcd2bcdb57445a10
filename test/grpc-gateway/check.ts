import { readFileSync } from 'node:fs';
import {
  createFileRegistry,
  type DescService,
  type FileRegistry,
  fromBinary,
  fromJson,
  toBinary,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import fc from 'fast-check';
import { type Answer, Backend } from './backend.js';
import { jsonObject } from './bodies.js';
import { classOf } from './classes.js';
import { difference, type Outcome } from './compare.js';
import { ours, RunningGateway, theirs } from './gateways.js';
import { grpcGatewayProgram, writeDescriptors } from './programs.js';
import { type CheckRequest, requests } from './requests.js';

/** A request of which the two gateways made something else. */
export interface Disagreement {
  readonly difference: string;
  /** Its heading in docs/grpc-gateway.md; undefined for one that nobody has looked into. */
  readonly known: string | undefined;
  readonly request: CheckRequest;
  readonly theirs: Outcome;
  readonly ours: Outcome;
}

export interface CheckResult {
  readonly requests: number;
  readonly seed: number;
  /** How many were answered with which status by grpc-gateway. */
  readonly statuses: ReadonlyMap<number, number>;
  readonly disagreements: readonly Disagreement[];
}

export interface CheckOptions {
  readonly requests: number;
  readonly seed: number;
  /** An empty folder to work in. */
  readonly folder: string;
  progress(done: number, disagreements: number): void;
}

/** Asks both gateways the same random requests over one service. @throws MissingToolError without Go */
export async function check({ requests: count, seed, folder, progress }: CheckOptions): Promise<CheckResult> {
  const program = grpcGatewayProgram();
  const descriptors = writeDescriptors(folder);
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(descriptors)));
  const service = registry.getService('check.v1.Check');
  if (!service) throw new Error('check.proto has no check.v1.Check');
  const backend = new Backend(service);
  const running: RunningGateway[] = [];
  try {
    const port = await backend.listen();
    running.push(await RunningGateway.start('grpc-gateway', folder, theirs(program, port)));
    running.push(await RunningGateway.start('ours', folder, ours(folder, descriptors, port)));
    const [their, our] = running;
    if (!their || !our) throw new Error('a gateway is missing');
    const cases = fc.sample(fc.tuple(requests(service), answers(service, registry)), { numRuns: count, seed });
    const statuses = new Map<number, number>();
    const disagreements: Disagreement[] = [];
    for (const [index, [request, answer]] of cases.entries()) {
      backend.answer = answer;
      const left = await outcomeOf(their, backend, request);
      const right = await outcomeOf(our, backend, request);
      const { status } = left.answered;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      const found = difference({ theirs: left, ours: right }, service, registry);
      if (found) {
        const told = { difference: found, request, theirs: left, ours: right };
        disagreements.push({ ...told, known: classOf(told) });
      }
      if ((index + 1) % 500 === 0) progress(index + 1, disagreements.length);
    }
    return { requests: count, seed, statuses, disagreements };
  } finally {
    for (const gateway of running) await gateway.stop();
    backend.close();
  }
}

async function outcomeOf(gateway: RunningGateway, backend: Backend, request: CheckRequest): Promise<Outcome> {
  backend.seen = undefined;
  const answered = await gateway.ask(request);
  return { answered, seen: backend.seen };
}

/** What the service answers: a message of any kind, now and then an error. */
function answers(service: DescService, registry: FileRegistry): fc.Arbitrary<Answer> {
  const desc = service.methods.find(({ name }) => name === 'Get')?.output;
  if (!desc) throw new Error('check.proto has no Get');
  const message = jsonObject(desc, 'valid').map((text): Answer => {
    return { kind: 'message', bytes: toBinary(desc, fromJson(desc, JSON.parse(text), { registry })) };
  });
  const error = fc
    .constantFrom(3, 5, 6, 7, 8, 9, 10, 11)
    .map((code): Answer => ({ kind: 'error', code, details: 'The service says <no> & "why".' }));
  return fc.oneof({ arbitrary: message, weight: 9 }, { arbitrary: error, weight: 1 });
}
