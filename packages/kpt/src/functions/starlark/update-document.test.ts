import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { fromYaml } from '../../starlark/modules/yaml-values.ts';
import { runProgram } from '../../starlark/run-program.ts';
import { Dict } from '../../starlark/values/dict.ts';
import { toPlain } from '../../starlark/values/plain.ts';
import { changedValue, oddDocument } from '../../testing/odd-documents.ts';
import { printDocument } from '../../yaml/print-document.ts';
import { ResourceDocument } from '../../yaml/resource-document.ts';
import { updateDocument } from './update-document.ts';

it('any document says what a script has made of it, merges and aliases included', () => {
  const { budget } = runProgram({
    file: 'none',
    source: '',
    limits: { maxSteps: Number.MAX_SAFE_INTEGER, maxMemory: Number.MAX_SAFE_INTEGER },
  });
  const valueOf = (resource: ResourceDocument) => toPlain(fromYaml(resource.document, budget), budget);
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat(5039)), (numbers) => {
      const choose = (below: number) => (below === 0 ? 0 : numbers.next().value % below);
      const resource = oddDocument(choose);
      if (resource === undefined) return;
      const wanted = changedValue(changedValue(valueOf(resource), choose), choose);
      const value = fromYaml(parseDocument(JSON.stringify(wanted)), budget);
      if (!(value instanceof Dict)) return;
      updateDocument(resource.document, value, new Map(), budget);
      const printed = printDocument(resource);
      const read = ResourceDocument.parse(printed);
      const message = `${resource.origin?.text}\n=> ${JSON.stringify(wanted)}\n${printed}`;
      expect(read.errors, message).toEqual([]);
      expect(valueOf(read), message).toEqual(wanted);
    }),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 300) },
  );
});
