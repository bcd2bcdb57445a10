// Tests on real servers: the limit is there for what hangs, not for what is slow on a busy machine.
import { jest } from '@jest/globals';

jest.setTimeout(60_000);
