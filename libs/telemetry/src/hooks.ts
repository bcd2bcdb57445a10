import { register, supportsSyncHooks } from 'import-in-the-middle/register-hooks.mjs';

// Lets instrumentations reach packages that ES modules import. Must run before any of these is loaded.
if (!supportsSyncHooks())
  throw new Error(`Node ${process.version} is too old for telemetry: 24.11.1 or newer is needed`);
register({ include: ['@grpc/grpc-js', 'pg', 'pg-pool'] });
