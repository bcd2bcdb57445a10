// Runs main.ts as it is: Node strips the types, and imports that end in .js find their .ts file.
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

registerHooks({
  resolve(specifier, context, next) {
    const ours = /^\.{1,2}\/.*\.js$/.test(specifier) && context.parentURL?.startsWith(import.meta.resolve('./'));
    const source = ours && new URL(specifier.replace(/js$/, 'ts'), context.parentURL);
    return next(source && existsSync(fileURLToPath(source)) ? source.href : specifier, context);
  },
});

await import('./main.ts');
