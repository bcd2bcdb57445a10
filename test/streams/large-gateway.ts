import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestFiles } from '../../apps/gateway/test/test-files.js';
import { compileProto } from '../../apps/gateway/test/test-library.js';
import { Subject } from '../edge/subject.js';
import { serveLargeFiles } from './large-body.js';

/** A build of the gateway in a process of its own, before a service with large files in this one. */
export async function startLarge(channel: string): Promise<{ gateway: Subject; stop(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'streams-'));
  const descriptors = compileProto(folder, 'files');
  const files = await TestFiles.start(descriptors);
  serveLargeFiles(files);
  const gateway = await Subject.gateway({
    ...{ name: channel, dist: 'dist', folder: join(folder, 'gateway'), descriptors, upstream: files.address },
    ...{ service: 'files.v1.Files', api: { channel } },
  });
  const stop = () => {
    gateway.stop();
    files.close();
    rmSync(folder, { recursive: true });
  };
  return { gateway, stop };
}
