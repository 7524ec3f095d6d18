import type { KubernetesObject } from '../meta/object.ts';
import type { ActionDefinition, AnyResourceDefinition, ResourceStorage } from '../registry/resource.ts';
import { metaComponent } from './component-name.ts';
import { componentsOf, type GroupVersionKind, kindOf } from './openapi-components.ts';
import type { Action } from './openapi-parameters.ts';

/** One operation on one path, in no dialect yet. Components are given by name. */
export interface Operation {
  readonly path: string;
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  readonly action: Action;
  readonly id: string;
  readonly description: string;
  readonly gvk: GroupVersionKind;
  readonly body?: { readonly component: string; readonly mediaTypes: readonly string[]; readonly required: boolean };
  /** Component of the answer, by HTTP code. */
  readonly answers: Readonly<Record<number, string>>;
}

/** Media types of answers. */
export const answerMediaTypes = ['application/json', 'application/yaml'] as const;
const bodyMediaTypes = ['application/json', 'application/yaml'] as const;

const usualPatchTypes = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
] as const;
const strategicPatchType = 'application/strategic-merge-patch+json';

/** How the media types of patches are called. */
export type PatchMediaType = (typeof usualPatchTypes)[number] | typeof strategicPatchType;

/** Media types of patches that a resource takes. */
export function patchMediaTypes(
  definition: Pick<AnyResourceDefinition, 'strategicMergePatch'>,
): readonly PatchMediaType[] {
  return definition.strategicMergePatch === true ? [...usualPatchTypes, strategicPatchType] : usualPatchTypes;
}

/** Path under which a group-version is served: `/apis/g/v`, or `/api/v1` for the core group. */
export function groupVersionPath(group: string, version: string): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}

const pascal = (text: string) =>
  text
    .split(/[^A-Za-z0-9]+/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');

/** `PorchKptDevV1alpha1`, which makes operation ids unique. */
function idInfix(definition: AnyResourceDefinition): string {
  return `${definition.group === '' ? 'Core' : pascal(definition.group)}${pascal(definition.version)}`;
}

class Builder {
  readonly operations: Operation[] = [];
  readonly #definition: AnyResourceDefinition;
  readonly #components: ReturnType<typeof componentsOf>;

  constructor(definition: AnyResourceDefinition) {
    this.#definition = definition;
    this.#components = componentsOf(definition);
  }

  collection(path: string, storage: ResourceStorage<KubernetesObject>, allNamespaces: boolean): void {
    const scope = allNamespaces ? 'ForAllNamespaces' : '';
    const { kind } = this.#definition;
    if (storage.list !== undefined) {
      const how = storage.watch === undefined ? 'Lists' : 'Lists or watches';
      this.#add(path, 'get', 'list', `list${this.#middle(allNamespaces)}${kind}${scope}`, `${how} ${kind} objects.`, {
        200: this.#components.list,
      });
    }
    if (allNamespaces) return;
    if (storage.create !== undefined) {
      const { object } = this.#components;
      this.#add(path, 'post', 'post', `create${this.#middle()}${kind}`, `Creates a ${kind}.`, {
        200: object,
        201: object,
        202: object,
      });
    }
    if (storage.deleteCollection !== undefined) {
      this.#add(
        path,
        'delete',
        'deletecollection',
        `deletecollection${this.#middle()}${kind}`,
        `Deletes ${kind} objects.`,
        {
          200: metaComponent('Status'),
        },
      );
    }
  }

  item(path: string, storage: ResourceStorage<KubernetesObject>, subresource = ''): void {
    const { kind } = this.#definition;
    const suffix = `${kind}${pascal(subresource)}`;
    const what = subresource === '' ? `a ${kind}` : `${subresource} of a ${kind}`;
    const { object } = this.#components;
    if (storage.get !== undefined) {
      this.#add(path, 'get', 'get', `read${this.#middle()}${suffix}`, `Reads ${what}.`, { 200: object });
    }
    if (storage.update !== undefined) {
      const answers = { 200: object, 201: object };
      this.#add(path, 'put', 'put', `replace${this.#middle()}${suffix}`, `Replaces ${what}.`, answers);
      this.#add(path, 'patch', 'patch', `patch${this.#middle()}${suffix}`, `Changes parts of ${what}.`, answers);
    }
    if (storage.delete !== undefined) {
      const answer = this.#definition.showsDeleted === true ? this.#components.object : metaComponent('Status');
      const answers = { 200: answer, 202: answer };
      this.#add(path, 'delete', 'delete', `delete${this.#middle()}${suffix}`, `Deletes ${what}.`, answers);
    }
  }

  action(path: string, { name, request }: ActionDefinition): void {
    const { kind } = this.#definition;
    const { object } = componentsOf(request);
    const id = `create${this.#middle()}${kind}${pascal(name)}`;
    this.operations.push({
      path,
      method: 'post',
      action: 'post',
      id,
      description: `Creates ${name} of a ${kind}.`,
      gvk: kindOf(request),
      answers: { 200: object, 201: object, 202: object },
      body: { component: object, mediaTypes: bodyMediaTypes, required: true },
    });
  }

  #middle(allNamespaces = false): string {
    return `${idInfix(this.#definition)}${this.#definition.namespaced && !allNamespaces ? 'Namespaced' : ''}`;
  }

  #add(
    path: string,
    method: Operation['method'],
    action: Action,
    id: string,
    description: string,
    answers: Operation['answers'],
  ): void {
    const body = this.#body(action);
    const gvk = kindOf(this.#definition);
    this.operations.push({
      path,
      method,
      action,
      id,
      description,
      gvk,
      answers,
      ...(body === undefined ? {} : { body }),
    });
  }

  #body(action: Action): Operation['body'] {
    switch (action) {
      case 'post':
      case 'put':
        return { component: this.#components.object, mediaTypes: bodyMediaTypes, required: true };
      case 'patch':
        return { component: metaComponent('Patch'), mediaTypes: patchMediaTypes(this.#definition), required: true };
      case 'delete':
      case 'deletecollection':
        return { component: metaComponent('DeleteOptions'), mediaTypes: bodyMediaTypes, required: false };
      default:
        return undefined;
    }
  }
}

/** All operations of a resource, its subresources and its actions: those whose methods its storage has. */
export function operationsOf(definition: AnyResourceDefinition): Operation[] {
  const { group, version, plural, namespaced, storage } = definition;
  const builder = new Builder(definition);
  const root = groupVersionPath(group, version);
  const collection = namespaced ? `${root}/namespaces/{namespace}/${plural}` : `${root}/${plural}`;
  builder.collection(collection, storage, false);
  if (namespaced) builder.collection(`${root}/${plural}`, storage, true);
  builder.item(`${collection}/{name}`, storage);
  for (const subresource of definition.subresources ?? []) {
    builder.item(`${collection}/{name}/${subresource.name}`, subresource.storage, subresource.name);
  }
  for (const action of definition.actions ?? []) builder.action(`${collection}/{name}/${action.name}`, action);
  return builder.operations;
}
