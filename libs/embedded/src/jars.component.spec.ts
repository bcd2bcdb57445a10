import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectedHashes, verifyJars } from './jars.js';

describe('the committed list of jars', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ineedthatfast-jars-'));
  const jars = join(folder, 'jars');
  const list = join(folder, 'jars.sha256');

  beforeEach(() => {
    mkdirSync(jars, { recursive: true });
    writeFileSync(join(jars, 'a.jar'), 'a');
    writeFileSync(join(jars, 'b.jar'), 'b');
    // sha256sum of "a" and "b"
    writeFileSync(
      list,
      `ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb  a.jar
3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d  b.jar
`,
    );
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  it('accepts exactly the jars that it names', () => {
    expect(() => verifyJars(jars, expectedHashes(list))).not.toThrow();
  });

  it('refuses a jar that was changed, one that was added and one that is missing, by name', () => {
    writeFileSync(join(jars, 'a.jar'), 'not a');
    copyFileSync(join(jars, 'b.jar'), join(jars, 'c.jar'));
    rmSync(join(jars, 'b.jar'));
    expect(() => verifyJars(jars, expectedHashes(list))).toThrow(/: a\.jar, c\.jar, b\.jar \(missing\)$/);
    rmSync(join(jars, 'c.jar'));
  });
});
