import { isScalar, isSeq } from 'yaml';
import { directoryOf, joinPath } from '../../package/package-paths.ts';
import { AliasTargets } from '../../yaml/alias-targets.ts';
import { type KrmObject, localConfigAnnotation } from '../../yaml/krm-object.ts';
import { scalarText } from '../../yaml/node-edits.ts';
import { isDnsLabel } from '../dns-label.ts';
import { annotationsToInherit } from '../upstream-identifier.ts';

const group = 'blueprints.cloud.google.com';
const kind = 'ProjectServiceSet';
const serviceGroup = 'serviceusage.cnrm.cloud.google.com';

/** Annotation of a generated Service: the set that it was generated for. */
export const ownerAnnotation = `${group}/ownerReference`;

/** A Service to be generated. */
export interface WantedService {
  /** The set that it is listed in. */
  readonly set: KrmObject;
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

/** Whether an object is of the kind that is generated. */
export function isService({ group, kind }: KrmObject): boolean {
  return group === serviceGroup && kind === 'Service';
}

/**
 * The Services of a set, one for each service however often it is listed.
 *
 * @throws Error that says what is wrong with the set
 */
export function wantedServices(set: KrmObject): readonly WantedService[] {
  const list = set.node(['spec', 'services']);
  if (!isSeq(list) || list.items.length === 0) {
    throw new Error('at least one service must be specified under `spec.services[]`');
  }
  const project = set.node(['spec', 'projectID']);
  if (project !== undefined && !isScalar(project)) throw new Error('`spec.projectID` must be a text');
  const aliases = new AliasTargets(set.document);
  const services = list.items.map((item) => {
    const node = aliases.resolve(item);
    const service = isScalar(node) ? scalarText(node) : '';
    if (!isServiceName(service)) throw new Error(`invalid service specified: ${service}`);
    return service;
  });
  return [...new Set(services)].map((service) => wantedService(set, service));
}

/** Whether a text is a name such as `compute.googleapis.com`. */
function isServiceName(text: string): boolean {
  const parts = text.split('.');
  return parts.length >= 3 && parts.every(isDnsLabel);
}

function wantedService(set: KrmObject, service: string): WantedService {
  const name = `${set.name}-${service.slice(0, service.indexOf('.'))}`;
  const { [localConfigAnnotation]: _, ...inherited } = annotationsToInherit(set);
  const project = set.getString(['spec', 'projectID']);
  const file = `service_${name}.yaml`;
  return {
    set,
    path: joinPath(directoryOf(set.path ?? ''), joinPath(set.namespace, file)),
    value: {
      apiVersion: `${serviceGroup}/v1beta1`,
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
