import { allowed, findStore } from './place-of-load.js';

describe('a load', () => {
  it.each([
    'http://127.0.0.1:8080',
    'http://localhost:8080',
    'http://[::1]:8080',
    'http://gateway:8080',
    'http://balancer:8080',
  ])('may go to %s', (url) => {
    expect(allowed(`${url}/`, false)).toBe(url);
  });

  it.each([
    'https://shop.example',
    'http://10.0.0.7:8080',
    'http://127.0.0.1.example:8080',
    'http://127.0.0.1@shop.example',
    'http://gateway.example',
  ])('goes to %s only when it is told so', (url) => {
    expect(() => allowed(url, false)).toThrow(/no load goes to .+ --anywhere/);
    expect(allowed(url, true)).toBe(new URL(url).origin);
  });

  it.each(['127.0.0.1', 'ftp://127.0.0.1', ''])('goes to no address like "%s"', (url) => {
    expect(() => allowed(url, true)).toThrow('--url');
  });

  it('asks no address before all are allowed, and says where no store answers', async () => {
    await expect(findStore(['http://127.0.0.1:1', 'http://shop.example'], false)).rejects.toThrow('shop.example');
    await expect(findStore(['http://127.0.0.1:1'], false)).rejects.toThrow('no store answers at http://127.0.0.1:1');
  });
});
