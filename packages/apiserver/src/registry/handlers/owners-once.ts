import type { KubernetesObject } from '../../meta/object.ts';
import { encodeValue } from '../../storage/encode.ts';
import type { RequestContext } from '../resource.ts';

/** Takes repeated owner references out of an object, and tells the client. */
export function keepOwnersOnce(context: Pick<RequestContext, 'warn'>, { metadata }: KubernetesObject): void {
  const { ownerReferences: owners = [] } = metadata;
  const known = new Set<string>();
  const repeated = new Set<string>();
  const once = owners.filter((owner) => {
    const text = encodeValue(owner);
    if (known.has(text)) repeated.add(owner.uid);
    return known.size < known.add(text).size;
  });
  if (repeated.size === 0) return;
  metadata.ownerReferences = once;
  const uids = [...repeated].join(', ');
  context.warn(
    `.metadata.ownerReferences contains duplicate entries, of which the server keeps one; duplicate UID(s) observed: ${uids}`,
  );
}
