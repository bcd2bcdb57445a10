// A container's health check without a shell: exits 0 when the URL answers 2xx within two seconds.
const url = process.argv[2] ?? 'http://127.0.0.1:9100/readyz';
const answer = await fetch(url, { signal: AbortSignal.timeout(2000) }).catch((error) => ({
  ok: false,
  status: error.cause?.code ?? error.name,
  text: async () => '',
}));
if (!answer.ok) {
  console.error(`${url}: ${answer.status} ${await answer.text()}`);
  process.exit(1);
}
