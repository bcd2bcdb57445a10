export type ConfigPath = readonly PropertyKey[];

/** One thing that is wrong in the configuration. */
export interface ConfigProblem {
  readonly path: ConfigPath;
  readonly message: string;
}

/** Every wrong place of a configuration, each as `file:line:column path: what is wrong`. */
export class ConfigRefused extends Error {
  override readonly name = 'ConfigRefused';

  constructor(
    readonly file: string,
    readonly lines: readonly string[],
  ) {
    super(`${file} is refused:\n${lines.map((line) => `  ${line}`).join('\n')}`);
  }
}

/** A path as a person writes it: `apis[0].policies["library.v1.Library.GetBook"].timeout`. */
export function pathText(path: ConfigPath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    const name = String(step);
    if (!/^[\w-]+$/.test(name)) return `${text}["${name}"]`;
    return text === '' ? name : `${text}.${name}`;
  }, '');
}
