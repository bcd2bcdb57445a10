import { CHANNELS } from '#libs/upstream';
import { download, upload } from './large-body.js';
import { startLarge } from './large-gateway.js';

const MIB = 1024 * 1024;

describe.each(CHANNELS)('a body that is larger than what the gateway may hold, over %s', (channel) => {
  it.each([
    ['download', download],
    ['upload', upload],
  ] as const)(
    'passes through it as a %s, whole, and leaves it as small as it was',
    async (_, transfer) => {
      const { gateway, stop } = await startLarge(channel);
      try {
        const rss = () => gateway.rssBytes();
        await transfer(gateway.url, 32 * MIB, rss);
        const { bytes, isSame, peakRss, rssBefore } = await transfer(gateway.url, 96 * MIB, rss);
        expect({ bytes, isSame }).toEqual({ bytes: 96 * MIB, isSame: true });
        expect(peakRss - rssBefore).toBeLessThan(64 * MIB);
      } finally {
        stop();
      }
    },
    120_000,
  );
});
