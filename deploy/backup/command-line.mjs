// What backup.mjs and restore.mjs are told, and how they end.
import { parseArgs } from 'node:util';
import { PostgresTools, servicesOf } from './postgres-tools.mjs';

const COMMON = {
  help: { type: 'boolean' },
  service: { type: 'string' },
  compose: { type: 'boolean' },
  project: { type: 'string' },
};

/**
 * Runs `work` with the folder that the option `folder` names, the services and the programs of PostgreSQL; or prints the help.
 * `asksForServices`: without --service none is meant, instead of all. Ends the process with 1 when the work rejects.
 */
export async function runCommand({ name, help, folder, asksForServices = false }, work) {
  try {
    const { values } = parseArgs({ options: { ...COMMON, [folder]: { type: 'string' } } });
    if (values.help) {
      console.log(help);
      return;
    }
    const { [folder]: path, service, compose, project } = values;
    if (!path) throw new Error(`--${folder} FOLDER is missing; see --help`);
    if (asksForServices && !service) throw new Error('--service NAMES is missing; see --help');
    if (project && !compose) throw new Error('--project is of no use without --compose');
    const tools = new PostgresTools(compose && (project ? ['-p', project] : []));
    await work({ folder: path, services: servicesOf(service), tools });
  } catch (error) {
    console.error(`${name}: ${error.message}`);
    process.exitCode = 1;
  }
}
