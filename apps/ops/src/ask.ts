import type { DescMethod, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { Code } from '#libs/contracts';
import { fromServiceError } from '#libs/errors';
import type { VerbClient } from '#libs/operator';
import type { Context, Values } from './command.js';
import { explain } from './explain.js';
import { UsageError } from './usage-error.js';

export interface FromService<T> {
  readonly service: string;
  readonly item: T;
}

const PAGE = 200;

/** Asks every service that has the verb, page by page, for `limit` items of each at most. */
export async function collect<M extends DescMethod, T>(
  context: Context,
  method: M,
  {
    request,
    items,
  }: { request: MessageInitShape<M['input']>; items: (answer: MessageShape<M['output']>) => readonly T[] },
): Promise<FromService<T>[]> {
  const limit = numberOption(context.values, 'limit') ?? 50;
  const found = await askEach(context, async (client) => {
    const mine: FromService<T>[] = [];
    let pageToken = '';
    do {
      const page = { ...request, pageSize: Math.min(PAGE, limit - mine.length), pageToken };
      const answer = await unlessUnknown(client.call(method, page));
      if (!answer) return mine;
      mine.push(...items(answer).map((item) => ({ service: client.service, item })));
      pageToken = 'nextPageToken' in answer && typeof answer.nextPageToken === 'string' ? answer.nextPageToken : '';
    } while (pageToken !== '' && mine.length < limit);
    return mine;
  });
  return found.flat();
}

/**
 * What every service answers. One that is away is told of and left out: it is often the reason to look at the others.
 * Rejects when none answers.
 */
export async function askEach<T>({ clients, warn }: Context, ask: (client: VerbClient) => Promise<T>): Promise<T[]> {
  const results = await Promise.allSettled((await clients()).map(ask));
  const answers = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  const serious = failures.find((error) => explain(error).exitCode !== 3);
  if (serious !== undefined || answers.length === 0) throw serious ?? failures[0];
  for (const error of failures) warn(`Not in this list: ${explain(error).text}`);
  return answers;
}

/** The answer of the first service that knows the thing. Rejects with the last one's refusal when none does. */
export async function askUntilKnown<T>(
  clients: readonly VerbClient[],
  ask: (client: VerbClient) => Promise<T>,
): Promise<T> {
  let refusal: unknown = new UsageError('No service has this verb. See --service and --address.');
  for (const client of clients) {
    try {
      return await ask(client);
    } catch (error) {
      const { grpc } = fromServiceError(error);
      if (grpc !== Code.NOT_FOUND && grpc !== Code.UNIMPLEMENTED) throw error;
      if (grpc === Code.NOT_FOUND) refusal = error;
    }
  }
  throw refusal;
}

/** Undefined when the service does not have the verb. */
export async function unlessUnknown<T>(answer: Promise<T>): Promise<T | undefined> {
  return answer.catch((error: unknown) => {
    if (fromServiceError(error).grpc === Code.UNIMPLEMENTED) return undefined;
    throw error;
  });
}

export const text = (values: Values, name: string): string => {
  const value = values[name];
  return typeof value === 'string' ? value : '';
};

export function required(values: Values, name: string): string {
  const value = text(values, name);
  if (!value) throw new UsageError(`--${name} is missing`);
  return value;
}

export function numberOption(values: Values, name: string): number | undefined {
  const value = text(values, name);
  if (value === '') return undefined;
  if (!/^\d{1,9}$/.test(value)) throw new UsageError(`--${name} is not a whole number: ${value}`);
  return Number(value);
}

export function positional({ positionals }: Pick<Context, 'positionals'>, at: number, name: string): string {
  const value = positionals[at];
  if (!value) throw new UsageError(`${name} is missing`);
  return value;
}

export const LIST_OPTIONS = { service: { type: 'string' }, limit: { type: 'string' } } as const;
export const REASON = { reason: { type: 'string' } } as const;
export const REASON_HELP = '--reason TEXT       why, for the audit log; needed';
