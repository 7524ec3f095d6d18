/** How a text of comma-separated values is written. */
export interface CsvOptions {
  readonly comma: string;
  /** What lines start with that are left out; undefined where there are none. */
  readonly comment: string | undefined;
  /** Whether quotes may stand within fields. */
  readonly lazyQuotes: boolean;
  readonly trimLeadingSpace: boolean;
  /** How many fields each row must have; 0 for as many as the first, negative for any number. */
  readonly fieldsPerRecord: number;
  /** Makes the error of a text that is not well-formed. */
  readonly fail: (reason: string) => Error;
}

/** The rows of a text. Empty lines are left out. */
export function readCsv(source: string, options: CsvOptions): string[][] {
  const text = source.replaceAll('\r\n', '\n');
  const rows: string[][] = [];
  let [at, lineNumber] = [0, 1];
  while (at < text.length) {
    const lineEnd = text.indexOf('\n', at);
    const line = text.slice(at, lineEnd < 0 ? undefined : lineEnd);
    if (line === '' || (options.comment !== undefined && line.startsWith(options.comment))) {
      at += line.length + 1;
      lineNumber += 1;
      continue;
    }
    const { row, end } = readRow(text, at, lineNumber, options);
    const wanted = options.fieldsPerRecord || rows[0]?.length || row.length;
    if (options.fieldsPerRecord >= 0 && row.length !== wanted) {
      throw options.fail(`line ${lineNumber}: wrong number of fields: ${row.length}, want ${wanted}`);
    }
    rows.push(row);
    for (let next = text.indexOf('\n', at); next >= 0 && next < end; next = text.indexOf('\n', next + 1))
      lineNumber += 1;
    at = end;
  }
  return rows;
}

function readRow(text: string, start: number, lineNumber: number, options: CsvOptions): { row: string[]; end: number } {
  const row: string[] = [];
  let at = start;
  for (;;) {
    if (options.trimLeadingSpace) while (/[ \t]/.test(text.charAt(at))) at += 1;
    const field = text[at] === '"' ? quoted(text, at, lineNumber, options) : bare(text, at, lineNumber, options);
    row.push(field.value);
    at = field.end;
    if (!text.startsWith(options.comma, at)) return { row, end: at + 1 };
    at += options.comma.length;
  }
}

interface Field {
  readonly value: string;
  readonly end: number;
}

function bare(text: string, start: number, lineNumber: number, { comma, lazyQuotes, fail }: CsvOptions): Field {
  let end = start;
  while (end < text.length && text[end] !== '\n' && !text.startsWith(comma, end)) end += 1;
  const value = text.slice(start, end);
  if (!lazyQuotes && value.includes('"')) throw fail(`line ${lineNumber}: a quote stands in a field without quotes`);
  return { value, end };
}

function quoted(text: string, start: number, lineNumber: number, { comma, lazyQuotes, fail }: CsvOptions): Field {
  let value = '';
  let at = start + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) {
      if (lazyQuotes) return { value: value + text.slice(at), end: text.length };
      throw fail(`line ${lineNumber}: a quoted field does not end`);
    }
    value += text.slice(at, quote);
    at = quote + 1;
    if (text[at] === '"') {
      value += '"';
      at += 1;
    } else if (at >= text.length || text[at] === '\n' || text.startsWith(comma, at)) {
      return { value, end: at };
    } else if (lazyQuotes) {
      value += '"';
    } else {
      throw fail(`line ${lineNumber}: text stands after the closing quote of a field`);
    }
  }
}
