import { union } from './field-set.ts';
import { type ManagedSet, type Managers, managerIdentity } from './managers.ts';

/** Most managers with the operation Update that an object keeps apart. */
const mostUpdaters = 10;
/** Who owns the fields of those that were merged. */
const ancient = 'ancient-changes';

function byAge(a: [string, ManagedSet], b: [string, ManagedSet]): number {
  const [timeA, timeB] = [a[1].time ?? '', b[1].time ?? ''];
  if (timeA !== timeB) return timeA < timeB ? -1 : 1;
  return a[0] < b[0] ? -1 : 1;
}

/** Merges the updaters that have been quiet for longest, those of each version into one, until few enough are left. */
export function capUpdaters(managers: Managers): Managers {
  const updaters = [...managers].filter(([, { operation }]) => operation === 'Update').sort(byAge);
  let left = updaters.length;
  if (left <= mostUpdaters) return managers;
  const capped = new Map(managers);
  const buckets = new Map<string, ManagedSet>();
  for (const [identity, updater] of updaters) {
    if (left <= mostUpdaters) break;
    const older = buckets.get(updater.apiVersion);
    capped.delete(identity);
    if (older === undefined) {
      // One alone keeps its name: it joins a bucket when a second one does.
      buckets.set(updater.apiVersion, updater);
      capped.set(identity, updater);
      continue;
    }
    capped.delete(managerIdentity(older));
    const bucket: ManagedSet = {
      name: ancient,
      operation: 'Update',
      apiVersion: updater.apiVersion,
      subresource: '',
      time: updater.time ?? older.time,
      fields: union(older.fields, updater.fields),
    };
    const existing = capped.get(managerIdentity(bucket));
    const merged = existing === undefined ? bucket : { ...bucket, fields: union(existing.fields, bucket.fields) };
    capped.set(managerIdentity(bucket), merged);
    buckets.set(updater.apiVersion, merged);
    left = [...capped.values()].filter(({ operation }) => operation === 'Update').length;
  }
  return capped;
}
