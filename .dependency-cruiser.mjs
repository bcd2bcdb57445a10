const needsNothing = (lib, comment) => ({
  name: `${lib}-needs-nothing`,
  comment,
  severity: 'error',
  from: { path: `^libs/${lib}/src/`, pathNot: '[.]spec[.]ts$' },
  to: { pathNot: `^libs/${lib}/src/` },
});

/** Which room may know which: checked by `npm run lint`. */
export default {
  forbidden: [
    {
      name: 'apps-never-import-apps',
      comment: 'What two apps share is a lib; what crosses a process is in proto/.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'libs-never-import-apps',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'libs-are-entered-by-their-index',
      comment: 'Import #libs/<name>; only --import may name register files of telemetry.',
      severity: 'error',
      from: { path: '^(apps|libs|test)/([^/]+)/' },
      to: { path: '^libs/([^/]+)/src/', pathNot: '^libs/[^/]+/src/index[.]ts$|^libs/$2/' },
    },
    {
      name: 'libs-are-imported-by-name',
      comment: 'Import #libs/<name>, never a path to it: one declaration for editor, compiler, Node and jest.',
      severity: 'error',
      from: { path: '^(apps|libs|test)/([^/]+)/' },
      to: { path: '^libs/', pathNot: '^libs/$2/', dependencyTypesNot: ['aliased-subpath-import'] },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { pathNot: '/gen/' } },
    },
    {
      name: 'transcoding-stands-alone',
      comment: 'The transcoder is pure: it may be used without Nest and without the store.',
      severity: 'error',
      from: { path: '^libs/transcoding/src/', pathNot: '[.]spec[.]ts$' },
      to: { path: '@nestjs/|^libs/(database|messaging|service|identity|telemetry)/' },
    },
    needsNothing('client', 'Browsers import it as it is: fetch, and no package.'),
    needsNothing('background', 'Every lib may have background jobs: theirs must not lead back to it.'),
    {
      name: 'openapi-stands-alone',
      comment: 'Descriptors in, a document out: no Nest, no I/O, nothing of the store.',
      severity: 'error',
      from: { path: '^libs/openapi/src/', pathNot: '[.]spec[.]ts$' },
      to: { path: '@nestjs/|^libs/(database|messaging|service|identity|telemetry|client)/|^node:' },
    },
    {
      name: 'rules-know-no-io',
      comment: 'Tables and rules stay pure, so that they can be simulated: no store, no Nest, no driver.',
      severity: 'error',
      from: {
        path: [
          '[.]saga[.]ts$',
          '/(order|reservation|payment|ledger|intent)[.]ts$',
          '^libs/saga/src/(next|table|check-table|mermaid)[.]ts$',
        ],
      },
      to: {
        path: '[.]store[.]ts$|@nestjs/|node_modules/(pg|kysely|kafkajs|ioredis)/|^libs/(database|messaging|service)/',
      },
    },
    {
      name: 'kafkajs-stays-in-messaging',
      severity: 'error',
      from: { pathNot: '^libs/(messaging|embedded|testing)/|^test/' },
      to: { path: 'node_modules/kafkajs/' },
    },
    {
      name: 'no-unresolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // The gateway of Nest's documentation has packages of its own, which are installed where it runs.
    exclude: { path: '(^|/)dist/|^test/bench/gateways/nest/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default', 'types'],
    },
  },
};
