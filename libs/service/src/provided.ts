import type { INestApplicationContext, Type } from '@nestjs/common';

/** The instance that some module of the app provides; undefined when none does. */
export function provided<T>(app: INestApplicationContext, type: Type<T>): T | undefined {
  // Nest has no way to ask whether something is provided: `get` throws.
  try {
    return app.get(type, { strict: false });
  } catch {
    return undefined;
  }
}
