import { fieldSelector } from '../meta/field-selector.ts';
import type { KubernetesObject } from '../meta/object.ts';
import type { FieldSelector } from '../meta/selector.ts';
import type { ExtractionRules } from '../storage/extraction.ts';
import { serveObject } from '../storage/served.ts';
import type { ServedEvent, ServedObject } from '../storage/served-object.ts';
import { sharedViews } from '../storage/shared-views.ts';
import type { ObjectList, ResourceStorage, WatchSink, WriteResult } from './resource.ts';

/** How one version of a kind is told from the one that is stored, and back. Neither function changes its argument. */
export interface Conversion<View extends KubernetesObject, Stored extends KubernetesObject> {
  toView(stored: Stored): View;
  /** The view as it is read, where readers need fields that say nothing. */
  toReader?(view: View): View;
  /** `current`: what is stored at present, for what the view does not show. */
  toStored(view: View, current: Stored | undefined): Stored;
  /** Selectable fields of the view as the stored version calls them; others have the same name. */
  readonly fields: Readonly<Record<string, string>>;
}

/** What a converted storage is made of. */
export interface ConvertedStorageOptions<View extends KubernetesObject, Stored extends KubernetesObject> {
  readonly stored: Required<ResourceStorage<Stored>>;
  readonly conversion: Conversion<View, Stored>;
  /** Group resource of the view. */
  readonly resource: string;
  /** What tables and selectors of the view need. */
  readonly rules: ExtractionRules;
}

/**
 * Storage of a second version of a kind: one set of objects, seen in two ways. Both share uids and resourceVersions; watches of either
 * hear of writes through the other.
 */
export function convertedStorage<View extends KubernetesObject, Stored extends KubernetesObject>({
  stored,
  conversion,
  resource,
  rules,
}: ConvertedStorageOptions<View, Stored>): Required<ResourceStorage<View>> {
  const view = sharedViews((object) => {
    const seen = conversion.toView(object.decode<Stored>());
    return serveObject(conversion.toReader?.(seen) ?? seen, { resource, revision: object.revision, rules });
  });
  const result = ({ object, created }: WriteResult): WriteResult => ({ object: view(object), created });
  const selected = <T extends { readonly fields?: FieldSelector }>(options: T): T => {
    if (options.fields === undefined) return options;
    const requirements = options.fields.requirements.map((requirement) => ({
      ...requirement,
      field: conversion.fields[requirement.field] ?? requirement.field,
    }));
    return { ...options, fields: fieldSelector(requirements) };
  };
  return {
    get: async (context, name) => view(await stored.get(context, name)),
    async list(context, options) {
      return listOf(await stored.list(context, selected(options)), view);
    },
    watch: (context, options, sink) => stored.watch(context, selected(options), sinkOf(sink, view)),
    create: async (context, object, options) =>
      result(await stored.create(context, conversion.toStored(object, undefined), options)),
    update: async (context, name, update, options) =>
      result(
        await stored.update(
          context,
          name,
          async (current) =>
            conversion.toStored(await update(current === undefined ? undefined : conversion.toView(current)), current),
          options,
        ),
      ),
    async delete(context, name, options) {
      const { object, pending } = await stored.delete(context, name, options);
      return { object: view(object), pending };
    },
    async deleteCollection(context, list, options) {
      return listOf(await stored.deleteCollection(context, selected(list), options), view);
    },
  };
}

function listOf(list: ObjectList, view: (object: ServedObject) => ServedObject): ObjectList {
  const { items } = list;
  if (!(Symbol.asyncIterator in items)) return { ...list, items: items.map(view) };
  async function* viewed(objects: AsyncIterable<ServedObject>): AsyncGenerator<ServedObject> {
    for await (const object of objects) yield view(object);
  }
  return { ...list, items: viewed(items) };
}

function sinkOf(sink: WatchSink, view: (object: ServedObject) => ServedObject): WatchSink {
  return {
    event({ type, revision, object, previous }: ServedEvent): void {
      sink.event({
        type,
        revision,
        object: view(object),
        previous: previous === undefined ? undefined : view(previous),
      });
    },
    initialDone: (revision) => sink.initialDone(revision),
    progress: (revision) => sink.progress(revision),
    fail: (error) => sink.fail(error),
  };
}
