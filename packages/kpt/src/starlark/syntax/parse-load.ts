import type { LoadStatement, Name } from './ast.ts';
import type { TokenReader } from './token-reader.ts';

/** `load("module", "name", local="name")`. */
export function parseLoad(reader: TokenReader): LoadStatement {
  const { position } = reader.take();
  reader.expect('(');
  if (!reader.is('string')) throw reader.error('first operand of load statement must be a string literal');
  const module = textOf(reader);
  const names: { from: string; local: Name }[] = [];
  while (reader.accept(',')) {
    if (reader.is(')')) break;
    names.push(parseName(reader));
  }
  reader.expect(')');
  if (names.length === 0) throw reader.error('load statement must import at least 1 symbol', position);
  for (const { from, local } of names) {
    if (from.startsWith('_')) {
      throw reader.error(`load: names with leading underscores are not exported: ${from}`, local.position);
    }
  }
  return { kind: 'load', position, module, names };
}

function parseName(reader: TokenReader): { from: string; local: Name } {
  const { position, token } = reader;
  if (token.kind === 'string') {
    const from = textOf(reader);
    return { from, local: { kind: 'name', position, name: from } };
  }
  if (token.kind !== 'identifier') throw reader.error('load operand must be "name" or localname="name"');
  reader.take();
  reader.expect('=');
  if (!reader.is('string')) throw reader.error('original name of loaded symbol must be quoted');
  return { from: textOf(reader), local: { kind: 'name', position, name: token.text } };
}

function textOf(reader: TokenReader): string {
  const { value } = reader.take();
  return typeof value === 'string' ? value : '';
}
