import '../../typescript.mjs';

await import('./worker.ts');
