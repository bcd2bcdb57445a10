import type { INestApplicationContext, Type } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';

/** The instance that some module of the app provides; undefined when none does. */
export function provided<T>(app: INestApplicationContext, type: Type<T>): T | undefined {
  // Asked before: `get` would not only throw but also log an error.
  const modules = [...app.get(ModulesContainer).values()];
  return modules.some((module) => module.providers.has(type)) ? app.get(type, { strict: false }) : undefined;
}
