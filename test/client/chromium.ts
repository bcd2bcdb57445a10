import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface Page {
  /** Runs an expression in the page; its promise is waited for. @throws what it throws there */
  evaluate(expression: string): Promise<unknown>;
  open(url: string): Promise<void>;
  /** Hears an event of the DevTools protocol, e.g. `Network.requestWillBeSent`, from now on. */
  on(event: string, listener: (parameters: Result) => void): Promise<void>;
}

export interface Browser {
  page(): Promise<Page>;
  close(): Promise<void>;
}

/** Debian's Chromium without a window, driven by the DevTools protocol. @throws when it is not installed */
export async function startChromium(): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'chromium-'));
  const child = spawn(process.env.CHROMIUM ?? 'chromium', argumentsFor(profile), {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const socket = await connect(child);
  const listeners = new Map<string, (parameters: Result) => void>();
  const call = caller(socket, listeners);
  const page = async (): Promise<Page> => {
    const { targetId } = await call('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await call('Target.attachToTarget', { targetId, flatten: true });
    const session = String(sessionId);
    await call('Page.enable', {}, session);
    return {
      evaluate: (expression) => evaluate(call, session, expression),
      open: async (url) => {
        const { errorText } = await call('Page.navigate', { url }, session);
        if (errorText) throw new Error(`${url}: ${errorText}`);
        const loaded = `new Promise((done) => document.readyState === 'complete' ? done() : addEventListener('load', () => done()))`;
        await evaluate(call, session, loaded);
      },
      on: async (event, listener) => {
        listeners.set(`${session} ${event}`, listener);
        await call(`${event.split('.')[0]}.enable`, {}, session);
      },
    };
  };
  const close = async () => {
    const gone = new Promise((done) => child.once('exit', done));
    await call('Browser.close').catch(() => child.kill('SIGKILL'));
    await gone;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  return { page, close };
}

function argumentsFor(profile: string): string[] {
  return [
    '--headless=new',
    '--remote-debugging-port=0',
    `--user-data-dir=${profile}`,
    '--no-first-run',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--disable-background-networking',
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), // as root its sandbox does not start
    'about:blank',
  ];
}

/** It says on stderr where it listens. */
async function connect(child: ChildProcess): Promise<WebSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  child.once('error', (cause) => reject(new Error('Chromium is needed: install the package chromium', { cause })));
  child.once('exit', (code) => reject(new Error(`Chromium ended with ${code}`)));
  if (!child.stderr) throw new Error('Chromium has no stderr');
  createInterface(child.stderr).on('line', (line) => {
    const url = /^DevTools listening on (ws:\S+)/.exec(line)?.[1];
    if (url) resolve(url);
  });
  const socket = new WebSocket(await promise);
  await new Promise((opened, failed) => {
    socket.addEventListener('open', opened, { once: true });
    socket.addEventListener('error', failed, { once: true });
  });
  return socket;
}

type Result = Readonly<Record<string, unknown>>;
type Call = (method: string, params?: object, sessionId?: string) => Promise<Result>;

function caller(socket: WebSocket, listeners: ReadonlyMap<string, (parameters: Result) => void>): Call {
  const waiting = new Map<number, PromiseWithResolvers<Result>>();
  socket.addEventListener('message', ({ data }) => {
    const { id, result, error, method, params, sessionId } = JSON.parse(String(data));
    listeners.get(`${sessionId} ${method}`)?.(params);
    if (error) waiting.get(id)?.reject(new Error(error.message));
    else waiting.get(id)?.resolve(result);
    waiting.delete(id);
  });
  let last = 0;
  return (method, params = {}, sessionId) => {
    const answer = Promise.withResolvers<Result>();
    waiting.set(++last, answer);
    socket.send(JSON.stringify({ id: last, method, params, ...(sessionId && { sessionId }) }));
    return answer.promise;
  };
}

async function evaluate(call: Call, session: string, expression: string): Promise<unknown> {
  const options = { expression, awaitPromise: true, returnByValue: true };
  const { result, exceptionDetails } = await call('Runtime.evaluate', options, session);
  if (exceptionDetails) throw new Error(`in the page: ${JSON.stringify(exceptionDetails).slice(0, 2000)}`);
  return typeof result === 'object' && result !== null && 'value' in result ? result.value : undefined;
}
