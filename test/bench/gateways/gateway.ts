import type { Contender } from '../figures/rows.js';
import type { Program } from '../processes/started-process.js';
import type { ShopFiles } from '../shop/files.js';

/** What a gateway is told when it is started. */
export interface Place {
  readonly port: number;
  /** A second port, for health and metrics of gateways that have such. */
  readonly opsPort: number;
  readonly backendPort: number;
  /** Where spans are sent to (OTLP over HTTP). */
  readonly spansUrl: string;
  readonly files: ShopFiles;
  /** Secret of the tokens that are not ours. */
  readonly secret: string;
  /** A folder for files of its own. */
  readonly folder: string;
}

/** A gateway that takes part. */
export interface Gateway extends Contender {
  /** A name for files and options. */
  readonly id: string;
  /** What it is, with its version. */
  readonly version: string;
  /** Whether it also has scopes and rules of validation, logs every request, and sends spans: all that is checked. */
  readonly recorded?: boolean;
  /** Builds or installs what it needs. @throws MissingToolError where that cannot be had */
  prepare(): void;
  /** How it is started; after prepare(). */
  programAt(place: Place): Program;
}
