import { statusErrors } from '../meta/status.ts';
import { type AcceptClause, parseAccept } from './accept.ts';

/** How much of each object a table's rows carry. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

/** What objects are turned into before they are encoded. */
export type Transform =
  | { readonly type: 'none' }
  | { readonly type: 'table'; readonly version: 'v1' | 'v1beta1'; readonly includeObject: IncludeObject }
  | { readonly type: 'partial'; readonly version: 'v1' | 'v1beta1' };

/** The form that an answer is sent in. */
export interface OutputForm {
  readonly format: 'json' | 'yaml';
  /** Indented JSON, for people. */
  readonly pretty: boolean;
  readonly transform: Transform;
}

/** What the answer is about: one object, a list of them, or a stream of events about objects. */
export type OutputTarget = 'object' | 'list' | 'watch';

export const contentTypes = { json: 'application/json', yaml: 'application/yaml' } as const;

const formats: Readonly<Record<string, OutputForm['format']>> = {
  'application/json': 'json',
  'application/yaml': 'yaml',
  'application/*': 'json',
  '*/*': 'json',
};

function includeObjectOf(query: URLSearchParams): IncludeObject {
  const value = query.get('includeObject') ?? '';
  if (value === '') return 'Metadata';
  if (value === 'None' || value === 'Metadata' || value === 'Object') return value;
  throw statusErrors.badRequest(
    `unrecognized includeObject value ${JSON.stringify(value)}: must be one of None, Metadata, Object`,
  );
}

/** The transform a clause asks for; undefined for one that cannot be given here. */
function transformOf(clause: AcceptClause, target: OutputTarget, query: URLSearchParams): Transform | undefined {
  const as = clause.parameters.get('as') ?? '';
  if (as === '') return { type: 'none' };
  const version = clause.parameters.get('v');
  if (clause.parameters.get('g') !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) return undefined;
  if (as === 'Table') return { type: 'table', version, includeObject: includeObjectOf(query) };
  const partial = target === 'list' ? 'PartialObjectMetadataList' : 'PartialObjectMetadata';
  return as === partial ? { type: 'partial', version } : undefined;
}

const readByPeople = /^(?:curl|Wget|Mozilla\/5\.0)/;

/** Whether JSON is to be indented: as the query or the media type says, else for the programs that people read answers with. */
export function isPretty(clause: AcceptClause, query: URLSearchParams, userAgent: string): boolean {
  const asked = query.get('pretty') ?? clause.parameters.get('pretty');
  if (asked !== undefined && asked !== null) return /^(?:1|t|true)?$/i.test(asked);
  return readByPeople.test(userAgent);
}

/**
 * Chooses the form of an answer: the first clause of the Accept header that can be met.
 * @throws StatusError 406 when there is none, 400 for a bad `includeObject`
 */
export function negotiateOutput(
  accept: string | undefined,
  target: OutputTarget,
  query: URLSearchParams,
  userAgent: string,
): OutputForm {
  for (const clause of parseAccept(accept)) {
    const format = formats[clause.type];
    if (format === undefined || (target === 'watch' && format !== 'json')) continue;
    const transform = transformOf(clause, target, query);
    if (transform === undefined) continue;
    return { format, pretty: target !== 'watch' && isPretty(clause, query, userAgent), transform };
  }
  throw statusErrors.notAcceptable(target === 'watch' ? [contentTypes.json] : [contentTypes.json, contentTypes.yaml]);
}

/**
 * The form of an error, which is never turned into anything: that of the first clause of the Accept header that asks for no
 * transform, compact JSON where none can be met.
 */
export function errorForm(
  accept: string | undefined,
  query: URLSearchParams,
  userAgent: string,
): Pick<OutputForm, 'format' | 'pretty'> {
  for (const clause of parseAccept(accept)) {
    const format = formats[clause.type];
    if (format === undefined || clause.parameters.has('as')) continue;
    return { format, pretty: isPretty(clause, query, userAgent) };
  }
  return { format: 'json', pretty: false };
}
