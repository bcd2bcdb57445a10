import type { ParseArgsOptionsConfig } from 'node:util';
import type { VerbClient } from '#libs/operator';
import type { Stations } from './stations.js';

export type Values = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** What a command is given. */
export interface Context {
  readonly values: Values;
  readonly positionals: readonly string[];
  /** A client per service; those that `--service` leaves out are missing. */
  readonly clients: () => Promise<readonly VerbClient[]>;
  readonly stations: () => Promise<Stations>;
  /** Tells what is missing from the report, which is not complete then: ended with 1. */
  readonly warn: (text: string) => void;
}

/** What a command has to say, for people and for programs. */
export interface Report {
  readonly text: string;
  readonly json: unknown;
  /** Something of it did not succeed: ended with 1. */
  readonly failed?: boolean;
}

export interface Command {
  /** Names of its positionals, e.g. `SAGA ID`. */
  readonly takes: string;
  /** One line. */
  readonly does: string;
  readonly options: ParseArgsOptionsConfig;
  /** A line per option of `options`. */
  readonly explains?: readonly string[];
  run(context: Context): Promise<Report>;
}

/** By group, then by verb: `sagas list`. */
export type Commands = Readonly<Record<string, Readonly<Record<string, Command>>>>;
