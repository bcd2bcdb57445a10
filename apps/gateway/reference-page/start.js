// Opens the reference on what this gateway serves. Nothing is asked of any other host.
const reference = globalThis.SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  validatorUrl: null,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  requestInterceptor: withFreshKey,
  responseInterceptor: signIn,
});

/** A key belongs to one try: the one that is shown as an example would replay the first answer for ever. */
function withFreshKey(request) {
  const name = Object.keys(request.headers ?? {}).find((header) => header.toLowerCase() === 'idempotency-key');
  if (name && request.headers[name] === EXAMPLE_KEY) request.headers[name] = crypto.randomUUID();
  return request;
}
const EXAMPLE_KEY = '5f0c9b1e-9f0a-4a55-8a51-6d4f8f0d3f11';

/** Who signs in by trying it is signed in for the rest of the page. */
function signIn(response) {
  const token = response.ok && response.body?.accessToken;
  if (typeof token === 'string') reference.preauthorizeApiKey('accessToken', token);
  return response;
}
