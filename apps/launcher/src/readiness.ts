import { waitFor } from '#libs/embedded';

/** Undefined when /readyz says 200, else what it says. */
async function notReadyBecause(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(3000) });
    const body = await response.text();
    return response.status === 200 ? undefined : `${response.status} ${body}`;
  } catch {
    return 'it does not answer yet';
  }
}

export interface ReadyWait {
  name: string;
  url: string;
  /** Gives a reason when waiting has no sense any more. */
  hopeless(): string | undefined;
}

/** Resolves when the app's /readyz says 200. @throws with what it said last, after two minutes or when it is hopeless */
export async function untilReady({ name, url, hopeless }: ReadyWait): Promise<void> {
  let last: string | undefined;
  const look = async () => {
    const given = hopeless();
    if (given !== undefined) throw new Error(`${name} is not ready: ${given}`);
    last = await notReadyBecause(url);
    return last === undefined;
  };
  await waitFor(look, { timeout: 120_000, interval: 150, what: `${name} to be ready` }).catch((cause: Error) => {
    throw new Error(last ? `${cause.message}; its /readyz says: ${last}` : cause.message, { cause });
  });
}
