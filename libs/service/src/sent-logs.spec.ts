import { context, type LogRecord, logs, ROOT_CONTEXT, SeverityNumber } from '@opentelemetry/api';
import { createLogger } from './log.js';

describe('log lines that are sent to a collector too', () => {
  const before = process.env.OTEL_LOGS_EXPORTER;
  const sent: LogRecord[] = [];
  let lines: string[] = [];

  beforeAll(() => {
    logs.setGlobalLoggerProvider({ getLogger: () => ({ emit: (record) => sent.push(record), enabled: () => true }) });
  });

  beforeEach(() => {
    sent.length = 0;
    lines = [];
  });

  afterEach(() => {
    if (before === undefined) delete process.env.OTEL_LOGS_EXPORTER;
    else process.env.OTEL_LOGS_EXPORTER = before;
  });

  const open = (exporter: string | undefined) => {
    process.env.OTEL_LOGS_EXPORTER = exporter ?? '';
    const destination = { write: (line: string) => lines.push(line) };
    return createLogger({ name: 'orders', level: 'info', format: 'json', destination });
  };

  it('are the lines of stdout, with their level, time and fields', async () => {
    const log = await open('otlp');
    log.warn({ orderId: 'o-1', lines: 2 }, 'order placed late');
    log.debug({}, 'below the level');
    expect(lines).toHaveLength(1);
    expect(sent).toEqual([
      {
        severityText: 'warn',
        severityNumber: SeverityNumber.WARN,
        timestamp: Date.parse(String((JSON.parse(lines[0] ?? '') as { time: unknown }).time)),
        body: 'order placed late',
        attributes: { orderId: 'o-1', lines: 2 },
      },
    ]);
  });

  it('hold no secret and nothing personal, wherever it stood', async () => {
    const log = await open('otlp');
    const canary = 'canary-5f1c@mail.example';
    const err = new Error(`no mail to ${canary}`, { cause: new Error(`Bearer eyJhbGciOi.canarytoken.x`) });
    log.error(
      { err, email: canary, password: 'canary-password', deep: { authorization: 'canary-key' } },
      `for ${canary}`,
    );
    expect(sent).toHaveLength(1);
    expect(JSON.stringify(sent)).not.toMatch(/canary/);
    expect(JSON.stringify(sent)).toContain('[redacted]');
  });

  it.each([undefined, 'none'])('are none with OTEL_LOGS_EXPORTER=%s', async (exporter) => {
    const log = await open(exporter);
    context.with(ROOT_CONTEXT, () => log.info({}, 'order placed'));
    expect([lines.length, sent.length]).toEqual([1, 0]);
  });
});
