import { isMap, isScalar, isSeq } from 'yaml';
import { directoryOf, joinPath } from '../../package/package-paths.ts';
import type { KrmObject } from '../../yaml/krm-object.ts';
import { scalarText } from '../../yaml/node-edits.ts';

const group = 'blueprints.cloud.google.com';
const kind = 'ProjectServiceSet';

/** Annotation of a generated Service: the set that it was generated for. */
export const ownerAnnotation = `${group}/ownerReference`;
/** Annotation of what is not for the cluster. */
export const localConfigAnnotation = 'config.kubernetes.io/local-config';

/** A Service to be generated. */
export interface WantedService {
  readonly name: string;
  /** The file for it, relative to the package. */
  readonly path: string;
  readonly value: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: {
      readonly name: string;
      readonly annotations: Readonly<Record<string, string>>;
      readonly namespace?: string;
    };
    readonly spec: { readonly resourceID: string; readonly projectRef?: { readonly external: string } };
  };
}

/** Whether an object lists services of a project. */
export function isServiceSet(object: KrmObject): boolean {
  return object.apiVersion === `${group}/v1alpha1` && object.kind === kind;
}

/** What the Services of a set carry in their annotation. */
export function ownerOf(set: KrmObject): string {
  return `${group}/${kind}/${set.name}`;
}

/** @throws Error that says what is wrong with the set */
export function wantedServices(set: KrmObject): readonly WantedService[] {
  const list = set.node(['spec', 'services']);
  if (!isSeq(list) || list.items.length === 0) {
    throw new Error('at least one service must be specified under `spec.services[]`');
  }
  return list.items.map((item) => {
    const service = isScalar(item) ? scalarText(item) : isMap(item) || isSeq(item) ? '' : String(item);
    if (service.split('.').length < 3) throw new Error(`invalid service specified: ${service}`);
    return wantedService(set, service);
  });
}

function wantedService(set: KrmObject, service: string): WantedService {
  const name = `${set.name}-${service.slice(0, service.indexOf('.'))}`;
  const { [localConfigAnnotation]: _, ...inherited } = set.annotations;
  const project = set.getString(['spec', 'projectID']);
  const file = `service_${name}.yaml`;
  return {
    name,
    path: joinPath(directoryOf(set.path ?? ''), joinPath(set.namespace, file)),
    value: {
      apiVersion: 'serviceusage.cnrm.cloud.google.com/v1beta1',
      kind: 'Service',
      metadata: {
        name,
        annotations: { ...inherited, [ownerAnnotation]: ownerOf(set) },
        ...(set.namespace !== '' && { namespace: set.namespace }),
      },
      spec: { resourceID: service, ...(project && { projectRef: { external: project } }) },
    },
  };
}
