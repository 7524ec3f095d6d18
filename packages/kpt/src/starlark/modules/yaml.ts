import { Document } from 'yaml';
import { parseText } from '../../yaml/parse-text.ts';
import { printYaml } from '../../yaml/print-node.ts';
import { quoted } from '../../yaml/spelled-text.ts';
import { toPlain } from '../values/plain.ts';
import type { Value } from '../values/value.ts';
import { library } from './module.ts';
import { fromYaml } from './yaml-values.ts';

/** `encoding/yaml.star`: values from and to YAML. */
export function yamlModule(): Readonly<Record<string, Value>> {
  return library('yaml', {
    loads(args) {
      const text = args.string('source', args.unpack('source')[0]);
      args.budget.step(16 * text.length);
      args.budget.allocate(256 * text.length);
      let document: Document;
      try {
        document = parseText(text);
      } catch (error) {
        throw args.error(error instanceof Error ? error.message : String(error));
      }
      return fromYaml(document, args.budget);
    },
    dumps(args) {
      args.noNames();
      const texts = args.positional.map((value) => {
        const plain = toPlain(value, args.budget);
        const text = isIndentedText(plain) ? `${quoted(plain)}\n` : printYaml(documentOf(plain), 'compact');
        args.budget.text(4 * text.length);
        return text;
      });
      if (texts.length === 0) throw args.error('got 0 arguments, want at least 1');
      return texts.join('---\n');
    },
  });
}

function documentOf(plain: unknown): Document {
  return new Document(plain, { aliasDuplicateObjects: false, compat: 'yaml-1.1', logLevel: 'error' });
}

/** Whether a value is lines of which the first is indented: with nothing around them, readers could not tell by how much. */
function isIndentedText(plain: unknown): plain is string {
  return typeof plain === 'string' && /^\n*[ \t]/.test(plain) && plain.includes('\n');
}
