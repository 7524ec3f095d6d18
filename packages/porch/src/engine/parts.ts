import type { Store } from '@porch/apiserver';
import type { PackageWorkers, RenderOptions } from '@porch/kpt';
import type { Logger } from 'pino';
import type { Clock } from '../cache/clock.ts';
import type { ContentStore } from '../cache/content-store.ts';
import type { GitRepositories } from '../cache/git-repositories.ts';
import type { Mutexes, RevisionLocks } from '../cache/locks.ts';
import type { MarkedObjects } from '../cache/marked-objects.ts';
import type { NamespaceEnd } from '../cache/namespace-end.ts';
import type { Registrations } from '../cache/registrations.ts';
import type { RevisionCache } from '../cache/revision-cache.ts';
import type { SecretSource } from '../cache/secret-source.ts';
import type { MirrorQueue } from '../outbox/mirror-queue.ts';
import type { PushDrafts } from '../outbox/wanted-references.ts';

/** Everything the engine works with. */
export interface EngineParts {
  readonly cache: RevisionCache;
  readonly store: Store;
  readonly registrations: Registrations;
  readonly secrets: SecretSource;
  readonly namespaces: NamespaceEnd;
  readonly repositories: GitRepositories;
  readonly contents: ContentStore;
  readonly workers: PackageWorkers;
  readonly queue: MirrorQueue;
  /** States with a push of unknown outcome. */
  readonly intents: MarkedObjects;
  /** States of drafts that were changed here and in Git. */
  readonly conflicts: MarkedObjects;
  /** Package revisions that say how such a conflict ends. */
  readonly decisions: MarkedObjects;
  readonly clock: Clock;
  readonly logger: Logger;
  /** One writer a package revision: whoever comes second is told so at once. */
  readonly revisionLocks: RevisionLocks;
  /**
   * Keeps creating, publishing and deleting of one package apart, and plans of package writes from one another, within this process. What
   * other processes do is noticed by preconditions. Their names are in `mutex-names.ts`.
   */
  readonly packageMutexes: Mutexes;
  /** How packages of a namespace are rendered now. */
  readonly render: (namespace: string) => RenderOptions;
  readonly pushDrafts: PushDrafts;
}
