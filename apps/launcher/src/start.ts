import type { StackDescription } from '#libs/embedded';
import { lock } from './launcher-lock.js';
import { readSettings } from './settings.js';
import { Store } from './store.js';
import { StoreFolder } from './store-folder.js';
import { say } from './terminal.js';

export interface StartOptions {
  /** Stop also when standard input ends: for programs that start a store and may die. */
  untilInputEnds: boolean;
  /** Delete data and logs at the end. */
  clearAtEnd: boolean;
}

/** `npm start`: runs a store until Ctrl-C, and gives the exit code. */
export async function start({ untilInputEnds, clearAtEnd }: StartOptions): Promise<number> {
  const settings = readSettings();
  const folder = new StoreFolder(settings.folder);
  folder.create();
  const unlock = lock(folder.lockFile, folder.path);
  const stop = stopOnSignals(untilInputEnds);
  const store = new Store(settings, folder, stop);
  try {
    const stack = await store.begin();
    say(welcome(stack, folder));
    await new Promise((resolve) => (stop.aborted ? resolve(undefined) : stop.addEventListener('abort', resolve)));
    return 0;
  } catch (error) {
    if (stop.aborted) return 0;
    say(`The store could not be started.\n${error instanceof Error ? error.message : error}`);
    return 1;
  } finally {
    await store.end();
    if (clearAtEnd) folder.clear();
    unlock();
    say('Stopped.');
  }
}

/** Aborts at the first signal; a second one ends at once, and the next start clears what is left. */
function stopOnSignals(untilInputEnds: boolean): AbortSignal {
  const stopping = new AbortController();
  if (untilInputEnds) process.stdin.resume().once('close', () => stopping.abort(new Error('standard input ended')));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stopping.signal.aborted && signal === 'SIGINT') process.exit(130);
      if (!stopping.signal.aborted) say('Stopping the store (Ctrl-C again: at once)…');
      stopping.abort(new Error('the store is being stopped'));
    });
  }
  return stopping.signal;
}

function welcome({ gateway, apps, zipkin }: StackDescription, folder: StoreFolder): string {
  return `
The store is ready.

  REST API      ${gateway.url}      try: curl ${gateway.url}/v1/products
  accounts      customer@ineedthatfast.example, admin@ineedthatfast.example; password: ineedthatfast
  mails         ${process.env.SMTP_URL ? 'go to SMTP_URL' : `${apps.users?.ops}/mailbox`}
  three orders  npm run demo      (in a second terminal: confirmed, out of stock, declined)
  traces        ${zipkin ? `${zipkin.url}      (the viewer comes up in a few seconds)` : 'where your OTEL_* variables send them'}
  operators     npm run ops -- --help
  logs          ${folder.logFile('<app>')}
  parts         npm run store -- status | stop kafka | start kafka | restart orders

Ctrl-C stops it; data stay in ${folder.path}. npm run reset clears them.
`;
}
