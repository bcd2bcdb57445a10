import { coalesce } from './coalesce.js';

it('makes one run of all calls that come during a run', async () => {
  const runs: PromiseWithResolvers<void>[] = [];
  const call = coalesce(() => {
    const run = Promise.withResolvers<void>();
    runs.push(run);
    return run.promise;
  });
  call();
  call();
  call();
  expect(runs).toHaveLength(1);
  runs[0]?.resolve();
  await new Promise(setImmediate);
  expect(runs).toHaveLength(2);
  runs[1]?.resolve();
  await new Promise(setImmediate);
  expect(runs).toHaveLength(2);
});
