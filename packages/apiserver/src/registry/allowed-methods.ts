import type { ResourceRequestInfo } from '../http/request-info.ts';
import type { Target } from './handlers/resource-request.ts';

/** What the `Allow` header of a 405 lists (RFC 9110, section 15.5.6): methods that the request's path has, in the order of HTTP's verbs. */
export function allowedMethods(
  { storage, subresource }: Pick<Target, 'storage' | 'subresource'>,
  namespaced: boolean,
  { nameInPath, namespace }: Pick<ResourceRequestInfo, 'nameInPath' | 'namespace'>,
): string {
  const whole = subresource === '';
  const anywhere = namespaced && namespace === '';
  const methods = nameInPath
    ? {
        'GET, HEAD': storage.get,
        PUT: storage.update,
        PATCH: storage.update,
        DELETE: whole && storage.delete,
      }
    : {
        'GET, HEAD': storage.list,
        POST: !anywhere && storage.create,
        DELETE: !anywhere && storage.deleteCollection,
      };
  return Object.entries(methods)
    .filter(([, method]) => method !== undefined && method !== false)
    .map(([name]) => name)
    .join(', ');
}
