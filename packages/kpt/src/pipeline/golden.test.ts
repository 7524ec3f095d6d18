import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { judgeCase } from '../testing/conformance/conformance.ts';
import { goldenCases } from '../testing/conformance/golden-case.ts';
import { skipReason } from '../testing/conformance/skip-reason.ts';

const folder = resolve(process.env.PORCH_FIXTURES ?? '../shared/fixtures', 'render');
const available = existsSync(folder);
if (!available) {
  console.warn(`golden cases are skipped: ${folder} is missing; set PORCH_FIXTURES to the folder of the fixtures`);
}

describe.skipIf(!available)('golden cases of kpt and of the function catalogue', () => {
  for (const golden of available ? goldenCases(folder) : []) {
    const reason = skipReason(golden, false);
    it.skipIf(reason !== undefined)(reason === undefined ? golden.name : `${golden.name} (${reason})`, async () => {
      expect(await judgeCase(golden)).toEqual({ verdict: 'pass' });
    });
  }
});
