import { StoreClient } from '../src/index.js';

type Options = Partial<ConstructorParameters<typeof StoreClient>[0]>;
type Reply = Response | Error | ((request: Request) => Response | Promise<Response>);

/** A client whose fetch gives these replies, one after the other, and the requests that it made. */
export function clientWith(replies: readonly Reply[], options: Options = {}) {
  const requests: Request[] = [];
  const rest = [...replies];
  const answer: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    requests.push(request);
    const reply = rest.shift();
    if (reply === undefined) throw new Error(`one request too many: ${request.method} ${request.url}`);
    if (reply instanceof Error) throw reply;
    return typeof reply === 'function' ? reply(request) : reply;
  };
  return { store: new StoreClient({ url: 'https://api.example/', fetch: answer, ...options }), requests };
}

export const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { traceresponse: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
  });

export const problem = (status: number, code: string, more: object = {}) =>
  json({ type: `/errors/${code}`, title: code, status, code, detail: code, ...more }, status);

export const events = (...frames: string[]) => new Response(frames.join(''));

export const tokens = (name: string, expiresIn = 900) => ({
  accessToken: `access ${name}`,
  refreshToken: `refresh ${name}`,
  expiresIn,
  tokenType: 'Bearer',
});
