import type { FunctionResultItem } from '../../pipeline/results.ts';
import { KrmObject } from '../../yaml/krm-object.ts';
import type { FunctionInput, FunctionOutput, KrmFunction } from '../function.ts';
import { failure, messageOf, report } from '../reporting.ts';
import {
  isServiceSet,
  localConfigAnnotation,
  ownerAnnotation,
  ownerOf,
  type WantedService,
  wantedServices,
} from './service-set.ts';

/** Makes a Service of Config Connector for each service in the ProjectServiceSets, and removes those that are no longer listed. */
export const enableGcpServices: KrmFunction = { name: 'enable-gcp-services', tags: ['v0.1.0', 'v0.1'], run };

function run({ items }: FunctionInput): FunctionOutput {
  const sets = items.filter(isServiceSet);
  let wanted: readonly (readonly WantedService[])[];
  try {
    wanted = sets.map(wantedServices);
  } catch (error) {
    return failure(`failed to add services: ${messageOf(error)}`, messageOf(error));
  }
  let objects = [...items];
  const results: FunctionResultItem[] = [];
  const added: KrmObject[] = [];
  for (const [index, set] of sets.entries()) {
    set.setAnnotation(localConfigAnnotation, 'true');
    const owned = objects.filter((object) => object.annotation(ownerAnnotation) === ownerOf(set));
    objects = objects.filter((object) => !owned.includes(object));
    const update = updateServices(set, owned, wanted[index] ?? []);
    added.push(...update.services);
    results.push(...update.results);
  }
  return { results, items: [...objects, ...added] };
}

interface Update {
  readonly services: readonly KrmObject[];
  readonly results: readonly FunctionResultItem[];
}

/** The Services of a set; those that there are already keep their comments. */
function updateServices(set: KrmObject, owned: readonly KrmObject[], wanted: readonly WantedService[]): Update {
  const existing = new Map(owned.map((object) => [identity(object), object]));
  const results: FunctionResultItem[] = [];
  const services = wanted.map((service) => {
    const fresh = KrmObject.create(service.value);
    const before = existing.get(identity(fresh));
    existing.delete(identity(fresh));
    const object = before ?? fresh;
    if (before !== undefined) before.set([], service.value);
    move(object, set, service.path);
    results.push(result(before === undefined ? 'generated service' : 'recreated service', object));
    return object;
  });
  const pruned = owned.filter((object) => existing.has(identity(object)));
  return { services, results: [...results, ...pruned.map((object) => result('pruned service', object))] };
}

function identity({ group, kind, namespace, name }: KrmObject): string {
  return [group, kind, namespace, name].join('/');
}

/** Puts an object into the file for it, beside its set. */
function move(object: KrmObject, set: KrmObject, path: string): void {
  if (object.path === path && object.packagePath === set.packagePath) return;
  object.path = path;
  object.index = undefined;
  object.packagePath = set.packagePath;
}

function result(message: string, object: KrmObject): FunctionResultItem {
  const { apiVersion, kind, name, namespace, path } = object;
  return {
    ...report('info', message),
    resourceRef: { apiVersion, kind, name, ...(namespace !== '' && { namespace }) },
    ...(path !== undefined && { file: { path } }),
  };
}
