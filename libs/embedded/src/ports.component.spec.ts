import { execFileSync } from 'node:child_process';
import { freePort } from './ports.js';

describe('a free port', () => {
  it('is none that an outgoing connection may be given', async () => {
    for (let i = 0; i < 20; i++) expect(await freePort()).toBeLessThan(32_768);
  });

  it('is held by a sign that other processes see', async () => {
    const port = await freePort();
    const bind = `require('node:dgram').createSocket('udp4').on('error', (e) => console.log(e.code))
      .bind({ port: ${port}, address: '127.0.0.1', exclusive: true }, function () { console.log('bound'); this.close(); })`;
    expect(execFileSync(process.execPath, ['-e', bind], { encoding: 'utf8' }).trim()).toBe('EADDRINUSE');
  });
});
