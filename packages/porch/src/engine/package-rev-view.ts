import {
  type FieldSelector,
  isStatusError,
  type LabelSelector,
  labelSelector,
  type ServedEvent,
  type ServedObject,
  serveObject,
  sharedViews,
  statusErrors,
  type WatchSink,
} from '@porch/apiserver';
import type { RevisionCache } from '../cache/revision-cache.ts';
import { configApiVersion, configGroup, packageRevs, porchApiVersion } from '../resources/group.ts';
import { packageRevUid } from '../resources/names.ts';
import { type PackageRev, packageRevFinalizer, packageRevRepositoryLabel } from '../resources/package-rev.ts';
import type { PackageRevision } from '../resources/package-revision.ts';
import type { Reads } from './types.ts';

/** The record of a package revision: its metadata, with what the Go server adds for itself. */
function packageRevOf({ metadata, spec }: PackageRevision): PackageRev {
  const { name = '', namespace = '', uid = '' } = metadata;
  const owner = { apiVersion: porchApiVersion, kind: 'PackageRevision', name, uid };
  const { generation: _, managedFields: __, resourceVersion: ___, ...kept } = metadata;
  return {
    apiVersion: configApiVersion,
    kind: 'PackageRev',
    metadata: {
      ...kept,
      uid: packageRevUid(namespace, name, uid),
      labels: { ...metadata.labels, [packageRevRepositoryLabel]: spec.repository ?? '' },
      finalizers: [packageRevFinalizer, ...(metadata.finalizers ?? [])],
      ownerReferences: [owner, ...(metadata.ownerReferences ?? [])],
    },
    spec: {},
    status: {},
  };
}

type Selectors = { readonly labels?: LabelSelector; readonly fields?: FieldSelector };

/** Reads and watches of the records, each made from its package revision when it is first handed out. */
export function packageRevReads(cache: Pick<RevisionCache, 'rules'>, revisions: Reads): Reads {
  const serve = sharedViews((served) =>
    serveObject(packageRevOf(served.decode<PackageRevision>()), {
      resource: packageRevs,
      revision: served.revision,
      rules: cache.rules.get(packageRevs),
    }),
  );
  return {
    async get(context, name) {
      try {
        return serve(await revisions.get(context, name));
      } catch (error) {
        throw notFoundAs(error, name);
      }
    },
    async list(context, options) {
      const page = await revisions.list(context, ofRevisions(options));
      return { ...page, items: served(page.items, serve) };
    },
    watch: (context, options, sink) => revisions.watch(context, ofRevisions(options), new ViewSink(sink, serve)),
  };
}

function notFoundAs(error: unknown, name: string): unknown {
  return isStatusError(error, 'NotFound')
    ? statusErrors.notFound({ group: configGroup, resource: 'packagerevs' }, name)
    : error;
}

async function* served(
  items: readonly ServedObject[] | AsyncIterable<ServedObject>,
  serve: (object: ServedObject) => ServedObject,
): AsyncGenerator<ServedObject> {
  for await (const item of items) yield serve(item);
}

/** The same selection of package revisions: the label that only records have is told from the repository's field. */
function ofRevisions<T extends Selectors>(options: T): T {
  const requirements = options.labels?.requirements ?? [];
  const own = requirements.filter(({ key }) => key === packageRevRepositoryLabel);
  if (own.length === 0) return options;
  const byLabel = labelSelector(own);
  const fields: FieldSelector = {
    requirements: [...(options.fields?.requirements ?? []), { field: 'spec.repository', operator: '!=', value: '' }],
    matches: (values) =>
      byLabel.matches({ [packageRevRepositoryLabel]: values['spec.repository'] ?? '' }) &&
      (options.fields?.matches(values) ?? true),
    toString: () => [options.fields?.toString() ?? '', byLabel.toString()].join(','),
  };
  return { ...options, labels: labelSelector(requirements.filter((one) => !own.includes(one))), fields };
}

/** Hands on events of package revisions as events of their records. */
class ViewSink implements WatchSink {
  readonly #sink: WatchSink;
  readonly #serve: (object: ServedObject) => ServedObject;

  constructor(sink: WatchSink, serve: (object: ServedObject) => ServedObject) {
    this.#sink = sink;
    this.#serve = serve;
  }

  event(event: ServedEvent): void {
    this.#sink.event({ ...event, object: this.#serve(event.object), previous: undefined });
  }

  initialDone(revision: number): void {
    this.#sink.initialDone(revision);
  }

  progress(revision: number): void {
    this.#sink.progress(revision);
  }

  fail(error: Error): void {
    this.#sink.fail(error);
  }
}
