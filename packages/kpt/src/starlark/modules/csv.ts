import type { Arguments } from '../builtins/arguments.ts';
import { Dict } from '../values/dict.ts';
import { List } from '../values/list.ts';
import { str } from '../values/repr.ts';
import type { Value } from '../values/value.ts';
import { library } from './module.ts';
import { readCsv } from './read-csv.ts';

/** `encoding/csv.star`: rows of texts from and to comma-separated values. */
export function csvModule(): Readonly<Record<string, Value>> {
  return library('csv', {
    read_all(args) {
      const [source, comma, comment, lazy, trim, fields, skip] = args.unpack(
        'source',
        'comma?',
        'comment?',
        'lazy_quotes?',
        'trim_leading_space?',
        'fields_per_record?',
        'skip?',
      );
      const text = args.string('source', source);
      args.budget.step(4 * text.length);
      args.budget.allocate(96 * text.length);
      const rows = readCsv(text, {
        comma: character(args, 'comma', comma, ','),
        comment: comment === undefined || comment === '' ? undefined : character(args, 'comment', comment, ''),
        lazyQuotes: args.bool('lazy_quotes', lazy, false),
        trimLeadingSpace: args.bool('trim_leading_space', trim, false),
        fieldsPerRecord: args.count('fields_per_record', fields, 0),
        fail: (reason) => args.error(reason),
      });
      return new List(rows.slice(args.count('skip', skip, 0)).map((row) => new List(row)));
    },
    write_all(args) {
      const [source, comma] = args.unpack('source', 'comma?');
      const separator = character(args, 'comma', comma, ',');
      return args
        .elements('source', source)
        .map((row) => line(args, args.elements('source', row), separator))
        .join('');
    },
    write_dict_rows(args) {
      const [data, header, comma] = args.unpack('data', 'header', 'comma?');
      const separator = character(args, 'comma', comma, ',');
      const names = args.elements('header', header);
      const rows = args.elements('data', data).map((row) => {
        if (!(row instanceof Dict)) throw args.wrong('data', row, 'dict');
        return names.map((name) => row.get(name, args.budget) ?? '');
      });
      return [names, ...rows].map((row) => line(args, row, separator)).join('');
    },
  });
}

function character(args: Arguments, parameter: string, value: Value | undefined, otherwise: string): string {
  const text = args.optionalString(parameter, value, otherwise);
  if ([...text].length !== 1 || /["\r\n]/.test(text)) throw args.error(`${parameter} must be one character`);
  return text;
}

function line(args: Arguments, row: readonly Value[], comma: string): string {
  const text = row.map((value) => field(str(value ?? '', args.budget), comma)).join(comma);
  args.budget.text(text.length);
  return `${text}\n`;
}

function field(text: string, comma: string): string {
  const needsQuotes = text.includes(comma) || /["\r\n]|^\s|^\\\.$/.test(text);
  return needsQuotes ? `"${text.replaceAll('"', '""')}"` : text;
}
