import type { Exchange } from '../http/exchange.ts';
import type { ResourceRequestInfo, ResourceVerb } from '../http/request-info.ts';
import { sendText } from '../http/respond.ts';
import { isStatusError, statusErrors } from '../meta/status.ts';
import { createResourceEncoder, type ResourceEncoder } from '../negotiation/resource-encoder.ts';
import { allowedMethods } from './allowed-methods.ts';
import { fieldOwnershipOf } from './field-ownership-of.ts';
import { handleAction, handleCreate } from './handlers/create.ts';
import { handleDelete, handleDeleteCollection } from './handlers/delete.ts';
import { handleGet } from './handlers/get.ts';
import { handleList } from './handlers/list.ts';
import { handlePatch } from './handlers/patch.ts';
import { createRequestContext } from './handlers/request-context.ts';
import { groupResourceOf, type Handler, type HandlerServices, type Target } from './handlers/resource-request.ts';
import { handleUpdate } from './handlers/update.ts';
import { handleWatch } from './handlers/watch.ts';
import type { AnyResourceDefinition } from './resource.ts';

/** Answers requests for resources. */
export type Dispatcher = (exchange: Exchange, info: ResourceRequestInfo) => Promise<void>;

const handlers: Readonly<Record<ResourceVerb, Handler>> = {
  get: handleGet,
  list: handleList,
  watch: handleWatch,
  create: handleCreate,
  update: handleUpdate,
  patch: handlePatch,
  delete: handleDelete,
  deletecollection: handleDeleteCollection,
};

interface Served {
  readonly definition: AnyResourceDefinition;
  readonly encoder: ResourceEncoder;
  readonly targets: ReadonlyMap<string, Target>;
  /** By their names. */
  readonly actions: ReadonlyMap<string, Action>;
}

interface Action {
  readonly definition: AnyResourceDefinition;
  readonly encoder: ResourceEncoder;
  readonly target: Target;
}

function actionsOf({ actions = [] }: AnyResourceDefinition): ReadonlyMap<string, Action> {
  return new Map(
    actions.map(({ name, request }) => {
      const { storage, strategy } = request;
      const target = { storage, strategy, status: false, subresource: name };
      const ownership = fieldOwnershipOf(request, strategy, target);
      return [name, { definition: request, encoder: createResourceEncoder(request), target: { ...target, ownership } }];
    }),
  );
}

function targetsOf(definition: AnyResourceDefinition): ReadonlyMap<string, Target> {
  const { storage, strategy, subresources = [] } = definition;
  const whole: Omit<Target, 'ownership'> = { storage, strategy, status: false, subresource: '' };
  const parts = subresources.map((sub) => ({
    storage: sub.storage,
    strategy: sub.strategy,
    status: sub.status === true,
    subresource: sub.name,
  }));
  return new Map(
    [whole, ...parts].map((target) => {
      const ownership = fieldOwnershipOf(definition, target.strategy, target);
      return [target.subresource, { ...target, ownership }];
    }),
  );
}

function pathOf(definition: Pick<AnyResourceDefinition, 'group' | 'version' | 'plural'>): string {
  return `${definition.group}/${definition.version}/${definition.plural}`;
}

/** Whether the path puts the resource where it lives: cluster-scoped or in a namespace. */
function scopeFits(definition: AnyResourceDefinition, info: ResourceRequestInfo): boolean {
  if (definition.namespaced) return info.namespace !== '' || !info.nameInPath;
  // A namespace lies in itself and in no other: permissions in one say nothing of the rest.
  const isNamespace = definition.plural === 'namespaces' && definition.group === '';
  return info.namespace === '' || (isNamespace && info.nameInPath && info.name === info.namespace);
}

/** Requests with verbs that only the objects themselves have. */
const wholeOnly = new Set<string>(['list', 'watch', 'create', 'delete', 'deletecollection']);

/** A dispatcher over resource definitions. Several versions or groups may stand side by side. */
export function createDispatcher(definitions: readonly AnyResourceDefinition[], services: HandlerServices): Dispatcher {
  const served = new Map<string, Served>();
  for (const definition of definitions) {
    const path = pathOf(definition);
    if (served.has(path)) throw new Error(`the resource ${path} is defined twice`);
    const encoder = createResourceEncoder(definition);
    served.set(path, { definition, encoder, targets: targetsOf(definition), actions: actionsOf(definition) });
  }
  const groupVersions = new Set(definitions.map(({ group, version }) => `${group}/${version}`));

  return async (exchange, info) => {
    const found = served.get(pathOf({ group: info.group, version: info.version, plural: info.resource }));
    const action = found?.actions.get(info.subresource);
    const target = action?.target ?? found?.targets.get(info.subresource);
    if (found === undefined || target === undefined || !scopeFits(found.definition, info)) {
      if (groupVersions.has(`${info.group}/${info.version}`)) throw statusErrors.genericNotFound();
      await sendText(exchange, 404, '404 page not found\n');
      return;
    }
    const { definition, encoder } = found;
    const own = definition.namespaced ? info : { ...info, namespace: '' };
    try {
      const handler = action === undefined ? handlerOf(definition, own) : actionHandlerOf(definition, own);
      const context = createRequestContext(exchange, own.namespace, services.authorizer);
      await handler({ exchange, info: own, definition, encoder, target, context, services, ...action });
    } catch (error) {
      if (isStatusError(error, 'MethodNotAllowed') && !exchange.response.headersSent) {
        const methods = action === undefined ? allowedMethods(target, definition.namespaced, own) : 'POST';
        exchange.response.setHeader('allow', methods);
      }
      throw error;
    }
  };
}

/** @throws StatusError 405 for everything but POST */
function actionHandlerOf(definition: AnyResourceDefinition, { verb }: ResourceRequestInfo): Handler {
  if (verb === '') throw statusErrors.methodNotAllowed();
  if (verb !== 'create') throw statusErrors.methodNotSupported(groupResourceOf(definition), verb);
  return handleAction;
}

/** @throws StatusError 405 for what no object, subresource or list of the resource can be asked for */
function handlerOf(definition: AnyResourceDefinition, info: ResourceRequestInfo): Handler {
  const { verb, subresource, namespace } = info;
  if (verb === '') throw statusErrors.methodNotAllowed();
  if (subresource !== '' && wholeOnly.has(verb)) {
    throw statusErrors.methodNotSupported(groupResourceOf(definition), verb, definition.methodHint);
  }
  const namespaceMissing = definition.namespaced && namespace === '';
  if (namespaceMissing && (verb === 'create' || verb === 'deletecollection')) throw statusErrors.methodNotAllowed();
  return handlers[verb];
}
