import type { Expression, LambdaExpression, Name, Parameter } from './ast.ts';
import { parseTest } from './parse-expression.ts';
import type { Token } from './token.ts';
import type { TokenReader } from './token-reader.ts';

/** `lambda parameters: body`; the body is read by the caller's kind of expression. */
export function parseLambda(reader: TokenReader, parseBody: (reader: TokenReader) => Expression): LambdaExpression {
  return reader.nested(() => {
    const { position } = reader.take();
    const parameters = parseParameters(reader, ':');
    reader.expect(':');
    return { kind: 'lambda', position, parameters, body: parseBody(reader) };
  });
}

/** The parameters of a function up to a closing token, which is left. */
export function parseParameters(reader: TokenReader, end: string): Parameter[] {
  const list: Parameter[] = [];
  while (!reader.is(end)) {
    const parameter = parseParameter(reader, end);
    checkParameter(reader, parameter, list);
    list.push(parameter);
    if (!reader.accept(',')) break;
  }
  if (!reader.is(end)) throw reader.unexpected(`'${end}'`);
  const last = list.at(-1);
  if (last !== undefined && isBareStar(last)) {
    throw reader.error('bare * must be followed by keyword-only parameters', last.position);
  }
  return list;
}

function parseParameter(reader: TokenReader, end: string): Parameter {
  const { position } = reader;
  if (reader.accept('**')) {
    return { form: 'dict', position, name: nameOf(reader.expect('identifier')), default: undefined };
  }
  if (reader.accept('*')) {
    const isBare = reader.is(',') || reader.is(end);
    const name: Name = isBare ? { kind: 'name', position, name: '' } : nameOf(reader.expect('identifier'));
    return { form: 'sequence', position, name, default: undefined };
  }
  const name = nameOf(reader.expect('identifier'));
  return { form: 'plain', position, name, default: reader.accept('=') ? parseTest(reader) : undefined };
}

function checkParameter(reader: TokenReader, parameter: Parameter, before: readonly Parameter[]): void {
  const { form, position, name } = parameter;
  const last = before.at(-1);
  if (before.some((other) => other.form === 'dict')) {
    throw reader.error(
      form === 'dict' ? 'multiple **kwargs not allowed' : 'parameter may not follow **kwargs',
      position,
    );
  }
  const hasStar = before.some((other) => other.form === 'sequence');
  if (form === 'sequence' && hasStar) throw reader.error('* parameter may not follow * parameter', position);
  if (form === 'dict' && last !== undefined && isBareStar(last)) {
    throw reader.error('bare * must be followed by keyword-only parameters', last.position);
  }
  const isRequired = form === 'plain' && parameter.default === undefined;
  if (isRequired && !hasStar && before.some((other) => other.default !== undefined)) {
    throw reader.error('required parameter may not follow optional', position);
  }
  if (name.name !== '' && before.some((other) => other.name.name === name.name)) {
    throw reader.error(`duplicate parameter: ${name.name}`, position);
  }
}

function isBareStar({ form, name }: Parameter): boolean {
  return form === 'sequence' && name.name === '';
}

function nameOf({ position, text }: Token): Name {
  return { kind: 'name', position, name: text };
}
