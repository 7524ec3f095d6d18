import { repositoryFinalizer } from '../resources/group.ts';
import type { Repository } from '../resources/repository.ts';
import type { RecordedEvent } from './event-recorder.ts';

function condition(object: Repository, type: string) {
  return object.status?.conditions?.find((one) => one.type === type);
}

function holds(object: Repository): boolean {
  return object.metadata.finalizers?.includes(repositoryFinalizer) === true;
}

/** What is worth an Event in a change of the controller's. */
export function eventsOf(before: Repository, after: Repository): RecordedEvent[] {
  const events: RecordedEvent[] = [];
  for (const { type, status, reason, message } of after.status?.conditions ?? []) {
    const old = condition(before, type);
    if (old?.status === status && old.reason === reason) continue;
    if (status === 'Unknown' || reason === 'Reconciling') continue;
    // These two say that something is wrong by being true.
    const wrong = type === 'NamesSkipped' || type === 'DraftConflict' ? status === 'True' : status === 'False';
    events.push({
      type: wrong ? 'Warning' : 'Normal',
      reason: type === 'Ready' ? reason : `${type}${reason}`,
      message,
    });
  }
  if (holds(before) && !holds(after)) {
    const message = 'Package revisions have been removed from the API; Git keeps everything';
    events.push({ type: 'Normal', reason: 'Unregistered', message });
  }
  return events;
}
