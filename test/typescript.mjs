// Lets Node run TypeScript as it is, for programs that are not built: node --import ./test/typescript.mjs FILE.ts
// Node strips the types; imports that end in .js find their .ts file.
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

registerHooks({
  resolve(specifier, context, next) {
    const relative = /^\.{1,2}\/.*\.js$/.test(specifier) && context.parentURL?.endsWith('.ts');
    const source = relative && new URL(specifier.replace(/js$/, 'ts'), context.parentURL);
    return next(source && existsSync(fileURLToPath(source)) ? source.href : specifier, context);
  },
});
