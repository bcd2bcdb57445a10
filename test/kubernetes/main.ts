import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { heading, OVERLAYS, type Overlay, renderedFile } from './overlays.js';
import { definitions, MissingToolError, render, schemasHold } from './tools.js';

const HELP = `npm run check:k8s -- [--write] [--tolerate-missing-tools]: renders the overlays of deploy/k8s by kustomize, compares
them with deploy/k8s/rendered, and checks them strictly against the schemas of Kubernetes, KEDA, the Gateway API and the
Prometheus operator.

  --write                    writes deploy/k8s/rendered anew instead of comparing
  --tolerate-missing-tools   ends with 0, saying so, where Go or Python is missing

Needs Go 1.24 and Python 3.10 with venv. What it builds and installs is pinned by hash (tools/go.sum, requirements.txt), and kept
below the cache. Ends with 1 when something is wrong, with 2 when a tool is missing. No cluster is asked.`;

/** The oldest and the newest Kubernetes that the manifests are for. */
const VERSIONS = ['1.32', '1.37'];

const { values } = parseArgs({
  options: {
    help: { type: 'boolean' },
    write: { type: 'boolean' },
    'tolerate-missing-tools': { type: 'boolean' },
  },
});

if (values.help) console.log(HELP);
else process.exitCode = check();

function check(): number {
  try {
    const stale = OVERLAYS.filter((overlay) => !bringUpToDate(overlay));
    for (const overlay of stale) {
      console.error(`${renderedFile(overlay)} is not what kustomize makes of deploy/k8s: npm run check:k8s -- --write`);
    }
    const args = [...VERSIONS.flatMap((version) => ['--version', version])];
    const crds = definitions().flatMap((file) => ['--crd', file]);
    const hold = schemasHold([...args, ...crds, '--', ...OVERLAYS.map(renderedFile)]);
    return hold && stale.length === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof MissingToolError)) throw error;
    console.warn(`NOT CHECKED: ${error.message}`);
    return values['tolerate-missing-tools'] ? 0 : 2;
  }
}

/** False when the committed file is another one, and stays so. */
function bringUpToDate(overlay: Overlay): boolean {
  const file = renderedFile(overlay);
  const text = heading(overlay) + render(`deploy/k8s/overlays/${overlay}`);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return true;
  if (!values.write) return false;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  console.log(`wrote ${file}`);
  return true;
}
