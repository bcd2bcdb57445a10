import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyJars, javaCommand, MissingToolError } from './java.js';

describe('Java and Maven', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ineedthatfast-java-'));
  const { JAVA_HOME, PATH } = process.env;

  afterEach(() => {
    if (JAVA_HOME === undefined) delete process.env.JAVA_HOME;
    else process.env.JAVA_HOME = JAVA_HOME;
    process.env.PATH = PATH;
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** A program that only tells a version, as `java -version` does. */
  function fakeJava(version: string): void {
    writeFileSync(join(folder, 'java'), `#!/bin/sh\necho 'openjdk version "${version}"' >&2\n`);
    chmodSync(join(folder, 'java'), 0o755);
    delete process.env.JAVA_HOME;
    process.env.PATH = `${folder}:${PATH}`;
  }

  it('are named with the packages to install when they are missing', async () => {
    process.env.JAVA_HOME = join(folder, 'nowhere');
    expect(javaCommand).toThrow(MissingToolError);
    expect(javaCommand).toThrow(/was not found.*\n.*apt-get install -y openjdk-17-jre-headless maven/);
    process.env.PATH = join(folder, 'nowhere');
    await expect(copyJars('pom.xml', folder)).rejects.toThrow(/"mvn" was not found.*\n.*apt-get install/);
  });

  it('are refused when Java is too old, with its version', () => {
    fakeJava('11.0.2');
    expect(javaCommand).toThrow('Java 17 or newer is needed, java is 11');
    fakeJava('1.8.0_392');
    expect(javaCommand).toThrow(MissingToolError);
  });

  it('are taken from 17 on', () => {
    fakeJava('17.0.15');
    expect(javaCommand()).toBe('java');
    fakeJava('25');
    expect(javaCommand()).toBe('java');
  });
});
