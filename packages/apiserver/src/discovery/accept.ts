/** One alternative of an Accept header. */
export interface AcceptClause {
  /** Lower case, without parameters: `application/json`. */
  readonly mediaType: string;
  readonly parameters: ReadonlyMap<string, string>;
}

function parseClause(text: string): AcceptClause & { readonly quality: number } {
  const [mediaType = '', ...rest] = text.split(';').map((part) => part.trim());
  const parameters = new Map<string, string>();
  for (const parameter of rest) {
    const equals = parameter.indexOf('=');
    if (equals > 0) {
      parameters.set(
        parameter.slice(0, equals).trim().toLowerCase(),
        parameter
          .slice(equals + 1)
          .trim()
          .replace(/^"(.*)"$/, '$1'),
      );
    }
  }
  const quality = Number(parameters.get('q') ?? '1');
  parameters.delete('q');
  return { mediaType: mediaType.toLowerCase(), parameters, quality: Number.isNaN(quality) ? 0 : quality };
}

/** Alternatives of an Accept header, the preferred one first. No header, or an empty one, accepts anything. */
export function parseAccept(header: string | undefined): readonly AcceptClause[] {
  if (header === undefined || header.trim() === '') return [{ mediaType: '*/*', parameters: new Map() }];
  return header
    .split(',')
    .filter((text) => text.trim() !== '')
    .map(parseClause)
    .filter((clause) => clause.quality > 0)
    .sort((a, b) => b.quality - a.quality);
}

/** Whether an alternative can be answered with JSON. */
export function allowsJson({ mediaType }: AcceptClause): boolean {
  return mediaType === 'application/json' || mediaType === 'application/*' || mediaType === '*/*';
}
