import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';

export const OVERLAYS = ['staging', 'production'] as const;
export type Overlay = (typeof OVERLAYS)[number];

/** What the overlay is as plain manifests: committed, so that it can be read, compared and applied without kustomize. */
export const renderedFile = (overlay: Overlay): string => `deploy/k8s/rendered/${overlay}.yaml`;

/** First line of a rendered file; it changes with everything that the manifests are made from. */
export function heading(overlay: Overlay): string {
  const sources = [
    ...globSync('deploy/k8s/{base,components,overlays,payment-simulator}/**/*.{yaml,env}'),
    ...globSync('deploy/otel-collector/{kustomization,config}.yaml'),
    ...globSync('test/kubernetes/tools/go.*'),
  ].sort();
  const hash = createHash('sha256');
  for (const file of sources) hash.update(`${file}\n`).update(readFileSync(file));
  const digest = hash.digest('hex').slice(0, 16);
  return `# deploy/k8s/overlays/${overlay}, rendered: npm run check:k8s -- --write. Sources: ${digest}\n`;
}
