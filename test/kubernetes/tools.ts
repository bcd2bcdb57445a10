import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '#libs/embedded';
import { pythonPrograms } from '../python-environment.js';

/** A program that this machine lacks, or a server that it cannot reach. */
export class MissingToolError extends Error {
  override readonly name = 'MissingToolError';
}

const MOST_OUTPUT = 2 ** 26;
const FOLDER = import.meta.dirname;
const KUSTOMIZE = 'sigs.k8s.io/kustomize/kustomize/v5';

/** Definitions of custom resources, in the modules that publish them; `sum` as in a go.sum. */
const DEFINITIONS = [
  {
    module: 'github.com/kedacore/keda/v2@v2.20.2',
    sum: 'h1:SR60v8uIcelbveS8n/1jcl8tLdBBIbHMxmdOHw8tKqA=',
    files: ['config/crd/bases/keda.sh_scaledobjects.yaml', 'config/crd/bases/keda.sh_triggerauthentications.yaml'],
  },
  {
    module: 'sigs.k8s.io/gateway-api@v1.5.1',
    sum: 'h1:RqVRIlkhLhUO8wOHKTLnTJA6o/1un4po4/6M1nRzdd0=',
    files: ['config/crd/standard/gateway.networking.k8s.io_httproutes.yaml'],
  },
  {
    module: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
    sum: 'h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=',
    files: ['example/prometheus-operator-crd/monitoring.coreos.com_podmonitors.yaml'],
  },
];

/** The path of kustomize, built from tools/go.mod into the cache, once. */
function kustomize(): string {
  const tools = join(FOLDER, 'tools');
  const hash = createHash('sha256')
    .update(readFileSync(join(tools, 'go.sum')))
    .digest('hex')
    .slice(0, 12);
  const program = join(cacheFolder(), `kustomize-${hash}`);
  if (existsSync(program)) return program;
  mkdirSync(cacheFolder(), { recursive: true });
  console.log(`Building kustomize into ${program}`);
  // Without optimization it is built in two thirds of the time, and renders in less than a second all the same.
  go(['build', '-C', tools, '-gcflags=all=-N -l', '-ldflags=-s -w', '-o', program, KUSTOMIZE]);
  return program;
}

/** @throws with kustomize's own words when the folder cannot be rendered */
export function render(folder: string): string {
  const { status, stdout, stderr } = spawnSync(kustomize(), ['build', folder], {
    encoding: 'utf8',
    maxBuffer: MOST_OUTPUT,
  });
  if (status !== 0) throw new Error(`kustomize build ${folder}: ${stderr.trim()}`);
  return stdout;
}

/** Paths of the definitions of custom resources. */
export function definitions(): string[] {
  return DEFINITIONS.flatMap(({ module, sum, files }) => {
    const found = JSON.parse(go(['mod', 'download', '-json', module])) as { Dir: string; Sum: string };
    if (found.Sum !== sum) throw new Error(`${module} is not the one that was chosen: ${found.Sum}`);
    return files.map((file) => join(found.Dir, file));
  });
}

/** Runs check_schemas.py; its findings go to stdout. Resolves to whether there was none. */
export function schemasHold(args: readonly string[]): boolean {
  const python = join(kubernetesValidate(), 'python');
  const { status } = spawnSync(python, [join(FOLDER, 'check_schemas.py'), ...args], { stdio: 'inherit' });
  return status === 0;
}

function kubernetesValidate(): string {
  try {
    return pythonPrograms({
      name: 'kubernetes-validate',
      requirements: join(FOLDER, 'requirements.txt'),
      neededBy: 'check:k8s',
    });
  } catch (error) {
    throw new MissingToolError(error instanceof Error ? error.message : String(error));
  }
}

function go(args: readonly string[]): string {
  // Whatever modules a workspace around this repository has, the tools are built from their own go.mod.
  const env = { ...process.env, GOWORK: 'off', GOFLAGS: '-mod=readonly' };
  const { status, stdout, stderr, error } = spawnSync('go', args, { encoding: 'utf8', env, maxBuffer: MOST_OUTPUT });
  if (error) throw new MissingToolError(`check:k8s needs Go 1.24 or later (https://go.dev/dl): ${error.message}`);
  if (status !== 0) throw new MissingToolError(`check:k8s: go ${args.join(' ')} failed: ${stderr.trim() || stdout}`);
  return stdout;
}
