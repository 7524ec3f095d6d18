import type { EngineParts } from '../engine/parts.ts';
import type { Repository } from '../resources/repository.ts';
import { eventsBetween, type RepositoryEvents } from './repository-events.ts';

/** A Repository as `observedUpdate` has it changed. */
export interface ObservedUpdate {
  readonly namespace: string;
  readonly name: string;
  /** As in `Registrations.update`; must not change what it is given. */
  change(object: Repository): Repository | undefined;
  /** Whether changes from Git have just been taken over. */
  readonly changed?: boolean;
}

/** Changes what the controller owns of a Repository, and records what that says to people as events. */
export async function observedUpdate(
  parts: Pick<EngineParts, 'registrations'>,
  events: RepositoryEvents,
  { namespace, name, change, changed }: ObservedUpdate,
): Promise<void> {
  let written: { readonly before: Repository; readonly after: Repository } | undefined;
  await parts.registrations.update(namespace, name, (current) => {
    const after = change(current);
    written = after === undefined ? undefined : { before: current, after };
    return after;
  });
  if (written === undefined) return;
  for (const text of eventsBetween(written.before, written.after, changed)) events.record(written.after, text);
}
