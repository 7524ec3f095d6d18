import type { KrmObject } from '../../yaml/krm-object.ts';
import type { FieldPath } from '../../yaml/node-edits.ts';
import { expandPattern, type FieldPattern, fieldPattern, hasMapping } from '../field-pattern.ts';
import { type GroupVersionKind, isLooselySelected } from '../group-version-kind.ts';
import { showPath } from '../reporting.ts';

/** A mapping of labels that is kept in step with the labels of the objects it selects or makes. */
interface LabelField {
  /** The kinds that have it; empty for all. */
  readonly kinds: readonly GroupVersionKind[];
  /** The mapping that must be there for the field to count. */
  readonly within: FieldPattern;
  /** The labels inside of that mapping. */
  readonly labels: FieldPath;
  /** Whether labels are added, or only those already there replaced. */
  readonly create: boolean;
}

/** The labels of one place in one object. */
export interface LabelPlace {
  readonly path: FieldPath;
  readonly create: boolean;
}

const service: GroupVersionKind = { version: 'v1', kind: 'Service' };
const replicationController: GroupVersionKind = { version: 'v1', kind: 'ReplicationController' };
const statefulSet: GroupVersionKind = { group: 'apps', kind: 'StatefulSet' };
const job: GroupVersionKind = { group: 'batch', kind: 'Job' };
const cronJob: GroupVersionKind = { group: 'batch', kind: 'CronJob' };
const disruptionBudget: GroupVersionKind = { group: 'policy', kind: 'PodDisruptionBudget' };
const networkPolicy: GroupVersionKind = { group: 'networking.k8s.io', kind: 'NetworkPolicy' };
const controllers: readonly GroupVersionKind[] = [
  { kind: 'Deployment' },
  { kind: 'ReplicaSet' },
  { kind: 'DaemonSet' },
  statefulSet,
];
const withTemplate = [...controllers, replicationController, job];

function field(kinds: readonly GroupVersionKind[], within: string, labels: string, create: boolean): LabelField {
  return { kinds, within: within === '' ? [] : fieldPattern(within), labels: labels.split('.'), create };
}

/** In the order they are visited. Affinity terms are left alone, as kpt's function leaves them. */
const labelFields: readonly LabelField[] = [
  field([], '', 'metadata.labels', true),
  field([service, replicationController], '', 'spec.selector', true),
  field(controllers, '', 'spec.selector.matchLabels', true),
  field([job, disruptionBudget], '', 'spec.selector.matchLabels', false),
  field([networkPolicy], '', 'spec.podSelector.matchLabels', false),
  field(withTemplate, 'spec.template', 'metadata.labels', true),
  field(withTemplate, 'spec.template.spec.topologySpreadConstraints[]', 'labelSelector.matchLabels', false),
  field([cronJob], 'spec.jobTemplate', 'metadata.labels', true),
  field([cronJob], 'spec.jobTemplate.spec', 'selector.matchLabels', false),
  field([cronJob], 'spec.jobTemplate.spec.template', 'metadata.labels', true),
  field(
    [cronJob],
    'spec.jobTemplate.spec.template.spec.topologySpreadConstraints[]',
    'labelSelector.matchLabels',
    false,
  ),
  field([statefulSet], 'spec.volumeClaimTemplates[]', 'metadata.labels', true),
  field([statefulSet], 'spec.volumeClaimTemplates[]', 'spec.selector.matchLabels', false),
  field([networkPolicy], 'spec.ingress[].from[]', 'podSelector.matchLabels', false),
  field([networkPolicy], 'spec.egress[].to[]', 'podSelector.matchLabels', false),
];

/**
 * All places of an object that hold labels, in order. An object without a kind counts as of every kind, as in kpt's function;
 * where several kinds have the same field the first says whether labels are added.
 */
export function labelPlaces(object: KrmObject): readonly LabelPlace[] {
  const places = new Map<string, LabelPlace>();
  for (const { kinds, within, labels, create } of labelFields) {
    if (kinds.length > 0 && !kinds.some((kind) => isLooselySelected(object, kind))) continue;
    for (const parent of expandPattern(object, within)) {
      const path = [...parent, ...labels];
      const key = showPath(path);
      if (hasMapping(object, parent) && !places.has(key)) places.set(key, { path, create });
    }
  }
  return [...places.values()];
}
