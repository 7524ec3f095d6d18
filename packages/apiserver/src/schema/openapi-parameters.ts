/** A query parameter of an operation. */
export interface QueryParameter {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean';
  readonly description: string;
}

const parameter = (name: string, type: QueryParameter['type'], description: string): QueryParameter => ({
  name,
  type,
  description,
});

const pretty = parameter('pretty', 'string', 'With true, the answer is indented.');
const dryRun = parameter('dryRun', 'string', 'With All, everything is checked and nothing is stored.');
const fieldManager = parameter(
  'fieldManager',
  'string',
  'Name of the program that makes the change; at most 128 bytes.',
);
const fieldValidation = parameter(
  'fieldValidation',
  'string',
  'What becomes of unknown and repeated fields: Ignore drops them, Warn (the default) drops them with a warning, Strict refuses the request.',
);

const selection = [
  parameter('continue', 'string', 'The continue value of the part of the list that came before.'),
  parameter('fieldSelector', 'string', 'Only objects whose fields have these values: metadata.name=a,spec.b!=c.'),
  parameter('labelSelector', 'string', 'Only objects whose labels match: a=b,c!=d,e in (f,g),!h.'),
  parameter('limit', 'integer', 'Most objects of one answer; continue gets the next ones.'),
  parameter('resourceVersion', 'string', 'State that the answer must be of, or at least as new as.'),
  parameter('resourceVersionMatch', 'string', 'How resourceVersion is meant: Exact or NotOlderThan.'),
  parameter('timeoutSeconds', 'integer', 'Longest duration of the request.'),
];

const watching = [
  parameter('allowWatchBookmarks', 'boolean', 'Whether the watch may have BOOKMARK events.'),
  parameter(
    'sendInitialEvents',
    'boolean',
    'Whether the watch begins with the objects there are, and a bookmark after them.',
  ),
  parameter('watch', 'boolean', 'Answers with changes as they happen, instead of a list.'),
];

const deletion = [
  dryRun,
  parameter('gracePeriodSeconds', 'integer', 'Seconds that the object has to end.'),
  parameter('orphanDependents', 'boolean', 'Deprecated: use propagationPolicy.'),
  parameter(
    'propagationPolicy',
    'string',
    'What becomes of objects that this one owns: Orphan, Background or Foreground.',
  ),
];

const writing = [dryRun, fieldManager, fieldValidation];

/** Query parameters by `x-kubernetes-action`. */
export const queryParameters = {
  get: [pretty],
  list: [pretty, ...selection, ...watching],
  post: [pretty, ...writing],
  put: [pretty, ...writing],
  patch: [
    pretty,
    ...writing,
    parameter('force', 'boolean', 'With server-side apply: takes over fields that other managers own.'),
  ],
  delete: [pretty, ...deletion],
  deletecollection: [pretty, ...selection, ...deletion],
} as const satisfies Record<string, readonly QueryParameter[]>;

/** What an operation does, as `x-kubernetes-action` says it. */
export type Action = keyof typeof queryParameters;

/** Path parameters. */
export const pathParameters = {
  name: 'Name of the object.',
  namespace: 'Namespace of the object.',
} as const;
