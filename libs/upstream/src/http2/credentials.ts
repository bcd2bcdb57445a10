import type { experimental, Metadata } from '@grpc/grpc-js';

export type CallCredentials = Parameters<experimental.CallStream['setCredentials']>[0];

/** The metadata of a call with what its credentials add. Rejects when they cannot be made. */
export async function withCredentials(
  metadata: Metadata | undefined,
  credentials: CallCredentials,
  context: { path: string; target: string },
): Promise<Metadata> {
  const more = await credentials.generateMetadata({ method_name: context.path, service_url: context.target });
  const all = metadata?.clone() ?? more;
  if (all !== more) all.merge(more);
  return all;
}
