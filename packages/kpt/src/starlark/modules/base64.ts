import type { Arguments } from '../builtins/arguments.ts';
import { Bytes } from '../values/bytes.ts';
import type { Value } from '../values/value.ts';
import { library } from './module.ts';

const dialects: ReadonlySet<string> = new Set(['standard', 'standard_raw', 'url', 'url_raw']);

/** `encoding/base64.star`: encode and decode, each with `encoding` standard, standard_raw, url or url_raw. */
export function base64Module(): Readonly<Record<string, Value>> {
  return library('base64', {
    encode(args) {
      const [data, encoding] = args.unpack('data', 'encoding?');
      const dialect = dialectOf(args, encoding);
      const bytes = data instanceof Bytes ? data.bytes : Buffer.from(args.string('data', data));
      args.budget.text(2 * bytes.length);
      const text = Buffer.from(bytes).toString(dialect.startsWith('url') ? 'base64url' : 'base64');
      return dialect === 'url'
        ? text.padEnd(Math.ceil(text.length / 4) * 4, '=')
        : dialect === 'standard_raw'
          ? text.replace(/=+$/, '')
          : text;
    },
    decode(args) {
      const [data, encoding] = args.unpack('data', 'encoding?');
      const dialect = dialectOf(args, encoding);
      const text = args.string('data', data).replace(/[\r\n]/g, '');
      args.budget.text(2 * text.length);
      const alphabet = dialect.startsWith('url') ? /^[\w-]*$/ : /^[A-Za-z0-9+/]*$/;
      const body = dialect.endsWith('raw') ? text : text.replace(/={0,2}$/, '');
      const isWhole = dialect.endsWith('raw') ? body.length % 4 !== 1 : text.length % 4 === 0;
      if (!isWhole || !alphabet.test(body)) throw args.error(`the text is no base64 (${dialect})`);
      return Buffer.from(body, 'base64').toString('utf8');
    },
  });
}

function dialectOf(args: Arguments, value: Value | undefined): string {
  const name = args.optionalString('encoding', value, 'standard');
  if (!dialects.has(name)) throw args.error(`unknown encoding "${name}"; known are ${[...dialects].join(', ')}`);
  return name;
}
