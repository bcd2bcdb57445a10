/** Names of the store in the network of the compose files. */
const COMPOSED = ['balancer', 'gateway'];

/**
 * The store that a load goes to: the first of the addresses where a gateway answers.
 * @throws when an address is neither this machine nor a compose network, unless `anywhere`; when nothing answers
 */
export async function findStore(addresses: readonly string[], anywhere: boolean): Promise<string> {
  const urls = addresses.map((address) => allowed(address, anywhere));
  for (const url of urls) if (await answers(url)) return url;
  throw new Error(
    `no store answers at ${urls.join(' or ')}: is it running (docker compose up -d --wait, or npm start)?`,
  );
}

/** @throws naming the host that no load may go to */
export function allowed(address: string, anywhere: boolean): string {
  if (!URL.canParse(address)) throw new Error(`--url ${address} is no address; it looks like http://127.0.0.1:8080`);
  const { protocol, hostname, origin } = new URL(address);
  if (!/^https?:$/.test(protocol)) throw new Error(`--url ${address} is neither http nor https`);
  const near = hostname === 'localhost' || /^127(\.\d+){3}$/.test(hostname) || hostname === '[::1]';
  if (near || COMPOSED.includes(hostname) || anywhere) return origin;
  throw new Error(
    `no load goes to ${hostname}: it is neither this machine nor a compose network. It leaves accounts and orders there; ` +
      'if the store at that address is yours to load, say --anywhere',
  );
}

async function answers(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(5000) }).catch(() => undefined);
  await answer?.body?.cancel();
  return answer?.ok ?? false;
}
