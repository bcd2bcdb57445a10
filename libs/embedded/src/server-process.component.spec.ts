import { join } from 'node:path';
import { testFolder } from '#libs/testing';
import { ServerProcess } from './server-process.js';

describe('a server that was ended', () => {
  it('has given its pid back: PostgreSQL takes even a dead process that nobody has waited for as its own running', async () => {
    const folder = await testFolder();
    for (let n = 0; n < 30; n++) {
      const server = ServerProcess.spawn({
        name: 'A server',
        command: 'sleep',
        arguments: ['60'],
        logFile: join(folder, 'log'),
        identityFile: join(folder, 'pid.json'),
      });
      await server.end('SIGKILL');
      expect(() => process.kill(server.identity.pid, 0)).toThrow('ESRCH');
      expect(server.exited).toBe(true);
    }
  });
});
