import { loadConfig } from '#libs/service';
import { simulatorEnvironment } from './config.js';

const DATABASE_URL = 'postgres://payment_simulator:secret@127.0.0.1:5432/store';

describe('the configuration of the simulated provider', () => {
  it.each([undefined, 'false'])('refuses to start with DEMO_MODE %s', (DEMO_MODE) => {
    expect(() => loadConfig(simulatorEnvironment, { DATABASE_URL, DEMO_MODE })).toThrow('DEMO_MODE');
  });

  it('binds to loopback when nothing else is said', () => {
    const { HTTP_LISTEN } = loadConfig(simulatorEnvironment, { DATABASE_URL, DEMO_MODE: 'true' });
    expect(HTTP_LISTEN).toEqual({ host: '127.0.0.1', port: 9110 });
  });
});
