import { statusErrors } from '../../meta/status.ts';
import { groupResourceOf, type ResourceRequest } from './resource-request.ts';

/**
 * An update that makes the object it does not find needs the permission to create as well.
 * @throws StatusError 403
 */
export async function requireCreate(request: ResourceRequest): Promise<void> {
  const { definition, info, context } = request;
  const { group, plural: resource } = definition;
  const allowed = await context.authorize({
    verb: 'create',
    group,
    resource,
    namespace: info.namespace,
    name: info.name,
  });
  if (allowed) return;
  throw statusErrors.forbidden(
    groupResourceOf(definition),
    info.name,
    `the object does not exist, and user ${JSON.stringify(context.user.name)} cannot create resource ${JSON.stringify(resource)} in API group ${JSON.stringify(group)}`,
  );
}
