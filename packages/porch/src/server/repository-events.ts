import {
  createStoreStorage,
  type Event,
  EventRecorder,
  eventKind,
  type Store,
  serveObject,
  storedResource,
  type WatchCache,
} from '@porch/apiserver';
import type { Logger } from 'pino';
import type { Clock } from '../cache/clock.ts';
import type { RepositoryEvents } from '../controllers/repository-events.ts';
import { repositories } from '../resources/group.ts';

/** Where events about Repositories are recorded. */
export interface RepositoryEventOptions {
  readonly store: Store;
  readonly cache: WatchCache;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Events about Repositories as events of the core group, in the namespace of the Repository. */
export function openRepositoryEvents({
  store,
  cache,
  clock,
  logger,
}: RepositoryEventOptions): RepositoryEvents & { close(): Promise<void> } {
  const recorder = new EventRecorder({
    storage: createStoreStorage<Event>({ store, cache, resource: storedResource(eventKind), now: clock }),
    component: 'porch-repository-controller',
    now: clock,
    logger,
  });
  return {
    record(object, text) {
      const revision = Number(object.metadata.resourceVersion ?? 0);
      recorder.record(serveObject(object, { resource: repositories, revision }), text);
    },
    close: () => recorder.close(),
  };
}
