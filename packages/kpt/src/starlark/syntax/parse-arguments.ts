import type { Argument } from './ast.ts';
import { parseTest } from './parse-expression.ts';
import type { TokenReader } from './token-reader.ts';

/** What stands in the parentheses of a call. */
export function parseArguments(reader: TokenReader): Argument[] {
  reader.take();
  const list: Argument[] = [];
  const names = new Set<string>();
  while (!reader.is(')')) {
    const argument = parseArgument(reader);
    checkOrder(reader, argument, list);
    if (argument.form === 'named') {
      if (names.has(argument.name)) {
        throw reader.error(`keyword argument "${argument.name}" is repeated`, argument.position);
      }
      names.add(argument.name);
    }
    list.push(argument);
    if (!reader.accept(',')) break;
  }
  reader.expect(')');
  return list;
}

function parseArgument(reader: TokenReader): Argument {
  const { position, token } = reader;
  if (reader.accept('*')) return { form: 'sequence', position, name: '', value: parseTest(reader) };
  if (reader.accept('**')) return { form: 'dict', position, name: '', value: parseTest(reader) };
  if (token.kind === 'identifier' && reader.nextIs('=')) {
    reader.take();
    reader.take();
    return { form: 'named', position, name: token.text, value: parseTest(reader) };
  }
  const value = parseTest(reader);
  if (reader.is('=')) throw reader.error('keyword argument must have form name=expr');
  return { form: 'positional', position, name: '', value };
}

function checkOrder(reader: TokenReader, argument: Argument, before: readonly Argument[]): void {
  const what = { positional: 'positional argument', named: 'keyword argument', sequence: '*args', dict: '**kwargs' };
  const has = (form: Argument['form']) => before.some((other) => other.form === form);
  const { form, position } = argument;
  if (has('dict')) {
    const reason = form === 'dict' ? 'multiple **kwargs not allowed' : `${what[form]} may not follow **kwargs`;
    throw reader.error(reason, position);
  }
  if (form === 'sequence' && has('sequence')) throw reader.error('multiple *args not allowed', position);
  if (form !== 'positional') return;
  if (has('sequence')) throw reader.error('positional argument may not follow *args', position);
  if (has('named')) throw reader.error('positional argument may not follow named', position);
}
