import { type GroupResource, type RequestContext, statusErrors } from '@porch/apiserver';

/**
 * Objects make the server read the Secrets they name; whoever writes such an object must be allowed to read them too.
 * @throws StatusError 403
 */
export async function requireSecretAccess(
  context: RequestContext,
  object: GroupResource & { readonly name: string },
  secret: { readonly field: string; readonly name: string },
): Promise<void> {
  const allowed = await context.authorize({
    verb: 'get',
    group: '',
    resource: 'secrets',
    namespace: context.namespace,
    name: secret.name,
  });
  if (allowed) return;
  throw statusErrors.forbidden(
    { group: object.group, resource: object.resource },
    object.name,
    `${secret.field} names the Secret ${JSON.stringify(secret.name)}, which user ${JSON.stringify(context.user.name)} may not get in namespace ${JSON.stringify(context.namespace)}`,
  );
}
