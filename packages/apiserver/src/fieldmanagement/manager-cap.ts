import { type FieldSet, unionOf } from './field-set.ts';
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

/** Updaters of one version that become one. */
interface Bucket {
  /** Under which it stands among the managers at present. */
  identity: string;
  time: ManagedSet['time'];
  readonly parts: FieldSet[];
}

/** Merges the updaters that have been quiet for longest, those of each version into one, until few enough are left. */
export function capUpdaters(managers: Managers): Managers {
  const updaters = [...managers].filter(([, { operation }]) => operation === 'Update').sort(byAge);
  let left = updaters.length;
  if (left <= mostUpdaters) return managers;
  const capped = new Map(managers);
  const buckets = new Map<string, Bucket>();
  for (const [identity, { apiVersion, time, fields }] of updaters) {
    if (left <= mostUpdaters) break;
    const bucket = buckets.get(apiVersion);
    if (bucket === undefined) {
      // One alone keeps its name: it joins a bucket when a second one does.
      buckets.set(apiVersion, { identity, time, parts: [fields] });
      continue;
    }
    const all = { name: ancient, operation: 'Update', apiVersion, subresource: '' } as const;
    const merged = managerIdentity(all);
    if (bucket.identity !== merged) {
      const existing = capped.get(merged);
      capped.delete(bucket.identity);
      capped.set(merged, { ...all, time, fields });
      if (existing !== undefined) {
        bucket.parts.push(existing.fields);
        left--;
      }
      bucket.identity = merged;
    }
    bucket.time = time ?? bucket.time;
    bucket.parts.push(fields);
    if (identity !== merged && capped.delete(identity)) left--;
  }
  for (const { identity, time, parts } of buckets.values()) {
    const merged = capped.get(identity);
    if (merged !== undefined && parts.length > 1) capped.set(identity, { ...merged, time, fields: unionOf(parts) });
  }
  return capped;
}
