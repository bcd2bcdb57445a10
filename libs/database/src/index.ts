export { Database, type DatabaseOptions } from './database.js';
export { DatabaseModule } from './database.module.js';
export type { Listener } from './listener.js';
export { type MigrationFile, type MigrationPlan, readPlan, readPlans } from './migration-plan.js';
export { missingMigrations, type PrepareOptions, prepareDatabase } from './prepare-database.js';
export { isTransient } from './transient.js';
