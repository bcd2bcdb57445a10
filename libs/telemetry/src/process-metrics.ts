import { type BatchObservableResult, metrics } from '@opentelemetry/api';

/** Which build runs since when, and what it takes of the machine. */
export function observeProcess(version: string): void {
  const meter = metrics.getMeter('process');
  const build = meter.createObservableGauge('build_info', { description: 'The build that runs; always 1' });
  const start = meter.createObservableGauge('process.start_time', {
    description: 'When the process began, since 1970',
    unit: 's',
  });
  const cpu = meter.createObservableCounter('process.cpu.time', { description: 'CPU time', unit: 's' });
  const memory = meter.createObservableUpDownCounter('process.memory.usage', {
    description: 'Resident memory',
    unit: 'By',
  });
  const versions = { version, node_version: process.versions.node };
  const startedAt = (performance.timeOrigin + performance.now()) / 1000 - process.uptime();
  const observe = (result: BatchObservableResult) => {
    const { user, system } = process.cpuUsage();
    result.observe(build, 1, versions);
    result.observe(start, startedAt);
    result.observe(cpu, user / 1e6, { 'cpu.mode': 'user' });
    result.observe(cpu, system / 1e6, { 'cpu.mode': 'system' });
    result.observe(memory, process.memoryUsage.rss());
  };
  meter.addBatchObservableCallback(observe, [build, start, cpu, memory]);
}
