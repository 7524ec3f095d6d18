import type { FunctionResultItem } from '../../pipeline/results.ts';
import { KrmObject, localConfigAnnotation } from '../../yaml/krm-object.ts';
import type { FunctionInput, FunctionOutput, KrmFunction } from '../function.ts';
import { messageOf, referenceTo, report, reportOn } from '../reporting.ts';
import { withIdentifierOf } from '../upstream-identifier.ts';
import {
  isService,
  isServiceSet,
  ownerAnnotation,
  ownerOf,
  type WantedService,
  wantedServices,
} from './service-set.ts';

/** Makes a Service of Config Connector for each service in the ProjectServiceSets, and removes those that are no longer listed. */
export const enableGcpServices: KrmFunction = { name: 'enable-gcp-services', tags: ['v0.1.0', 'v0.1'], run };

function run({ items }: FunctionInput): FunctionOutput {
  const sets = items.filter(isServiceSet);
  const wanted = new Map<string, WantedService>();
  for (const set of sets) {
    try {
      for (const service of wantedServices(set)) want(wanted, service);
    } catch (error) {
      const reason = messageOf(error);
      return { results: [reportOn(set, 'error', `failed to add services: ${reason}`)], failed: reason };
    }
  }
  for (const set of sets) set.setAnnotation(localConfigAnnotation, 'true');
  const owners = new Set(sets.map((set) => inPackage(set, ownerOf(set))));
  const owned = new Set(
    items.filter(
      (object) => isService(object) && owners.has(inPackage(object, object.annotation(ownerAnnotation) ?? '')),
    ),
  );
  const existing = new Map([...owned].map((object) => [inPackage(object, identity(object)), object]));
  const updates = [...wanted].map(([key, service]) => update(existing.get(key), service));
  const services = updates.map(({ object }) => object);
  const kept = new Set(services);
  const pruned = [...owned].filter((object) => !kept.has(object)).map((object) => result('pruned service', object));
  return {
    results: [...updates.map((entry) => entry.result), ...pruned].toSorted(byFile),
    items: [...items.filter((object) => !owned.has(object)), ...services],
  };
}

/** Adds a Service, unless there is another one of its name. */
function want(services: Map<string, WantedService>, service: WantedService): void {
  const { set, value } = service;
  const key = inPackage(set, identity(KrmObject.create(value)));
  const other = services.get(key)?.value.spec.resourceID;
  if (other !== undefined) {
    throw new Error(
      `the services ${other} and ${value.spec.resourceID} would have the same name ${value.metadata.name}`,
    );
  }
  services.set(key, service);
}

interface Update {
  readonly object: KrmObject;
  readonly result: FunctionResultItem;
}

/** The object of a Service; the one that there is already keeps its comments. */
function update(before: KrmObject | undefined, service: WantedService): Update {
  const object = before ?? KrmObject.create(service.value);
  before?.set([], withIdentifierOf(before, service.value));
  move(object, service);
  return { object, result: result(before === undefined ? 'generated service' : 'recreated service', object) };
}

function identity({ group, kind, namespace, name }: KrmObject): string {
  return [group, kind, namespace, name].join('/');
}

/** Packages know nothing of each other. */
function inPackage({ packagePath }: KrmObject, text: string): string {
  return `${packagePath ?? ''}\0${text}`;
}

/** Puts an object into the file for it, beside its set. */
function move(object: KrmObject, { set, path }: WantedService): void {
  if (object.path === path && object.packagePath === set.packagePath) return;
  object.path = path;
  object.index = undefined;
  object.packagePath = set.packagePath;
}

function result(message: string, object: KrmObject): FunctionResultItem {
  const { path } = object;
  return {
    ...report('info', message),
    resourceRef: referenceTo(object),
    ...(path !== undefined && { file: { path } }),
  };
}

/** Results are in the order of files, within one of objects. */
function byFile(a: FunctionResultItem, b: FunctionResultItem): number {
  const [one = '', two = ''] = [a, b].map(({ file, resourceRef, message }) =>
    [file?.path, resourceRef?.namespace, resourceRef?.name, message].join('\0'),
  );
  if (one === two) return 0;
  return one < two ? -1 : 1;
}
