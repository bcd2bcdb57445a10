import type { Command, Commands } from './command.js';

const EVERYWHERE = `With every command:
  --json              for programs
  --service NAME      only this service, with lists
  --address NAME=HOST:PORT   where its operator listener is; may be repeated (else OPS_ADDRESSES, else the local store)
  --token-file PATH   the token (else OPS_TOKEN or OPS_TOKEN_FILE, else that of the local store)

Exit codes: 0 done; 1 refused or failed; 2 the command line is wrong; 3 no service lets you in.
Manual: docs/operator.md`;

/** All commands with a line each. */
export function generalHelp(commands: Commands): string {
  const rows = Object.entries(commands).flatMap(([group, verbs]) =>
    Object.entries(verbs).map(([verb, { takes, does }]) => [`${group} ${verb} ${takes}`.trim(), does] as const),
  );
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, does]) => `  ${name.padEnd(width)}  ${does}`);
  return [
    'npm run ops -- COMMAND: what operators do with a running store. Each command has --help.',
    '',
    ...lines,
    '',
    EVERYWHERE,
  ].join('\n');
}

/** One command with its options. */
export function commandHelp(name: string, { takes, does, explains = [] }: Command): string {
  const head = `npm run ops -- ${name} ${takes}`.trim();
  return [
    `${head}: ${does}`,
    '',
    ...explains.map((line) => `  ${line}`),
    ...(explains.length > 0 ? [''] : []),
    EVERYWHERE,
  ].join('\n');
}
