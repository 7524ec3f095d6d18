/** Runs golden cases of kpt's layout: `npm run conformance -- DIR`. Ends with code 1 if one fails, and 2 where there is no such folder. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runConformance } from '../packages/kpt/src/testing/conformance/conformance.ts';
import { kubernetesSchemas } from './kubernetes-schemas.ts';

const folder = resolve(process.argv[2] ?? join(process.env.PORCH_FIXTURES ?? '../shared/fixtures', 'render'));
if (existsSync(folder)) {
  const schemas = mkdtempSync(join(tmpdir(), 'schemas-'));
  try {
    writeFileSync(join(schemas, 'swagger.json'), kubernetesSchemas());
    process.exitCode = await runConformance(folder, (text) => process.stdout.write(text), schemas);
  } finally {
    rmSync(schemas, { recursive: true });
  }
} else {
  process.stderr.write(`conformance: there is no folder ${folder}; name one that holds golden cases\n`);
  process.exitCode = 2;
}
