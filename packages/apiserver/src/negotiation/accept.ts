/** One clause of an Accept header. */
export interface AcceptClause {
  /** Lower case, without parameters: `application/json`. */
  readonly type: string;
  /** Without `q`; names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/** Clauses, and parameters of one, beyond these numbers are not read: browsers send ten, and a header may be a megabyte. */
const mostClauses = 100;
const mostParameters = 20;

function parseClause(text: string): AcceptClause | undefined {
  const [type = '', ...rest] = text.split(';', mostParameters + 1).map((part) => part.trim());
  if (!type.includes('/')) return undefined;
  const parameters = new Map<string, string>();
  let quality = 1;
  for (const parameter of rest) {
    const equals = parameter.indexOf('=');
    if (equals < 0) continue;
    const name = parameter.slice(0, equals).trim().toLowerCase();
    const value = parameter
      .slice(equals + 1)
      .trim()
      .replace(/^"(.*)"$/, '$1');
    if (name !== 'q') parameters.set(name, value);
    else quality = Number.isNaN(Number(value)) ? 0 : Math.min(1, Math.max(0, Number(value)));
  }
  return { type: type.toLowerCase(), parameters, quality };
}

/**
 * The clauses of an Accept header, the most wanted first and in the client's order where it does not say; refused ones
 * (`q=0`) left out. An absent or empty header accepts everything.
 */
export function parseAccept(header: string | undefined): readonly AcceptClause[] {
  if (header === undefined || header.trim() === '') return [{ type: '*/*', parameters: new Map(), quality: 1 }];
  return header
    .split(',', mostClauses)
    .map(parseClause)
    .filter((clause) => clause !== undefined && clause.quality > 0)
    .map((clause) => clause as AcceptClause)
    .sort((a, b) => b.quality - a.quality);
}
