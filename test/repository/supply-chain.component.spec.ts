import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

interface LockEntry {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly optional?: boolean;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly hasInstallScript?: boolean;
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const locked: [string, LockEntry][] = Object.entries<LockEntry>(
  JSON.parse(readFileSync('package-lock.json', 'utf8')).packages,
).filter(([path]) => path !== '');
const EXACT = /^\d+\.\d+\.\d+(-[\w.]+)?$/;

describe('the packages we depend on', () => {
  it('are pinned to one version each', () => {
    const { dependencies, devDependencies, optionalDependencies } = manifest;
    const ranges = Object.entries<string>({ ...dependencies, ...devDependencies, ...optionalDependencies });
    expect(ranges.filter(([, version]) => !EXACT.test(version))).toEqual([]);
  });

  it('are locked with their hash, but for binaries of platforms that this registry does not serve', () => {
    const unverified = locked.filter(([, { integrity }]) => !integrity);
    expect(unverified.filter(([, { optional, os, cpu }]) => !optional || (!os && !cpu))).toEqual([]);
    const here = unverified.filter(
      ([path, { os, cpu }]) => os?.includes('linux') && cpu?.includes('x64') && !path.includes('musl'),
    );
    expect(here).toEqual([]);
  });

  it('name no registry in the lock: it may be installed from any', () => {
    expect(locked.filter(([, { resolved }]) => resolved?.includes('://')).map(([path]) => path)).toEqual([]);
  });

  it('run install scripts only where package.json allows it by name', () => {
    const decided = new Set(Object.keys(manifest.allowScripts));
    const asking = locked
      .filter(([, { hasInstallScript, optional, os }]) => hasInstallScript && !(optional && !os?.includes('linux')))
      .map(([path]) => path.replace(/^.*node_modules\//, ''))
      .filter((name) => !/linux-(arm|ia32|ppc64)$/.test(name));
    expect(asking.filter((name) => !decided.has(name))).toEqual([]);
  });

  it('are in the bill of materials, those of production with hash and a licence that lets everybody use them', () => {
    const { components } = JSON.parse(
      execFileSync('npm', ['run', '--silent', 'sbom'], { encoding: 'utf8', maxBuffer: 2 ** 26 }),
    );
    const bill = new Map<string, Component>(components.map((it: Component) => [fullName(it), it]));
    const inProduction = locked
      .filter(([, { dev, devOptional, os }]) => !dev && !devOptional && !os)
      .map(([path]) => path.replace(/^.*node_modules\//, ''));
    expect(inProduction).toEqual(expect.arrayContaining(Object.keys(manifest.dependencies)));
    expect(inProduction.filter((name) => !bill.get(name)?.hashes?.length)).toEqual([]);
    // pause (of passport) states MIT in its readme alone.
    expect(inProduction.filter((name) => !isFree(bill.get(name)))).toEqual(['pause']);
  });
});

interface Component {
  readonly group?: string;
  readonly name: string;
  readonly hashes?: readonly object[];
  readonly licenses?: readonly { license?: { id?: string }; expression?: string }[];
}

const fullName = ({ group, name }: Component) => (group ? `${group}/${name}` : name);

function isFree(component: Component | undefined): boolean {
  const names = (component?.licenses ?? []).map(({ license, expression }) => license?.id ?? expression ?? '');
  return names.some((name) => /^\(?(MIT|Apache-2\.0|ISC|0BSD|BSD-[23]-Clause|BlueOak-1\.0\.0|Unlicense)\b/.test(name));
}
