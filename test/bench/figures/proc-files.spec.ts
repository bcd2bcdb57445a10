import { readFileSync } from 'node:fs';
import { cpuTicks, numbersIn, residentBytes } from './proc-files.js';

const STAT =
  '4242 (node) S 1 4242 4242 0 -1 4194560 81206 911 3 0 1234 567 8 9 20 0 11 0 5037 1278955520 21930 18446744073709551615 1 1 0';

describe('/proc/PID/stat', () => {
  it('has the CPU time of the process in its 14th and 15th field, that of ended children apart', () => {
    expect(cpuTicks(STAT)).toBe(1234 + 567);
  });

  it('is read also where the name of the program has spaces and parentheses', () => {
    expect(cpuTicks(STAT.replace('(node)', '(a (strange) 1 2 3 name)'))).toBe(1801);
  });

  it('is that of this process too', () => {
    const before = cpuTicks(readFileSync('/proc/self/stat', 'utf8'));
    expect(before).toBeGreaterThan(0);
    expect(cpuTicks(readFileSync('/proc/self/stat', 'utf8'))).toBeGreaterThanOrEqual(before);
  });

  it.each(['', '4242 node S', '4242 (node) S 1 2'])('"%s" is refused', (text) => {
    expect(() => cpuTicks(text)).toThrow('no /proc/PID/stat');
  });
});

describe('/proc/PID/status', () => {
  it('tells the resident memory', () => {
    expect(residentBytes('Name:\tnode\nVmHWM:\t  99 kB\nVmRSS:\t   2048 kB\nRssAnon:\t 1 kB\n')).toBe(2 ** 21);
  });

  it('is refused without it: a process that has ended has none', () => {
    expect(() => residentBytes('Name:\tnode\nState:\tZ (zombie)\n')).toThrow('no VmRSS');
  });
});

describe('a list of the kernel', () => {
  it('has single numbers and ranges', () => {
    expect(numbersIn('0-2,5,8-8\n')).toEqual([0, 1, 2, 5, 8]);
    expect(numbersIn('')).toEqual([]);
  });
});
