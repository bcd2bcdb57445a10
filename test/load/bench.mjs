import '../typescript.mjs';

// ComposedStore gives its projects such names; they are no test's, which scripts/test-compose.mjs would take down.
process.env.COMPOSED_PROJECTS = `ineedthatfast-bench-${process.pid}-`;
await import('./bench-main.ts');
