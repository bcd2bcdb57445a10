import type { ReferenceConfig } from '../config/reference.js';
import { ERROR_PATHS } from '../problems/error-pages.js';
import { REFERENCE_PATHS } from '../reference/reference-routes.js';
import { HEALTH_PATHS } from './health.js';

/** The paths at which the gateway answers itself: an API's route there would be hidden. */
export function ownPaths(reference: Pick<ReferenceConfig, 'public'>): ReadonlySet<string> {
  return new Set([...HEALTH_PATHS, ...ERROR_PATHS, ...(reference.public ? REFERENCE_PATHS : [])]);
}
