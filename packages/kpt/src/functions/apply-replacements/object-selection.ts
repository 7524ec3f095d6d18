import type { KrmObject } from '../../yaml/krm-object.ts';
import { isSelected } from '../group-version-kind.ts';
import { clusterScopedKinds } from '../kubernetes-kinds.ts';
import { type LabelPredicate, labelSelector } from '../label-selector.ts';
import type { ObjectSelector, ReplacementTarget } from './replacement-config.ts';

/** What an object is, or was before a transformation renamed it. */
interface Identity {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

const previous = 'internal.config.kubernetes.io/previous';

/** Whether the selector means the object, under its present identity or one it had before. */
export function isMeant(object: KrmObject, selector: ObjectSelector): boolean {
  return identities(object).some((identity) => matches(object, identity, selector));
}

/** Whether a target means the object: selected, its labels and annotations fit, and rejected by none. */
export function targetPredicate(target: ReplacementTarget): (object: KrmObject) => boolean {
  const { select, reject } = target;
  const fits = metadataPredicate(select);
  const refusals = reject.map((selector) => {
    const byMetadata = hasMetadata(selector) ? metadataPredicate(selector) : () => false;
    const byIdentity = hasIdentity(selector) ? (object: KrmObject) => isMeant(object, selector) : () => false;
    return (object: KrmObject) => byMetadata(object) || byIdentity(object);
  });
  return (object) => isMeant(object, select) && fits(object) && !refusals.some((refuses) => refuses(object));
}

/** A selector for people, as kustomize shows it: `ConfigMap.v1.[noGrp]/name.[noNs]`. */
export function showSelector({ group, version, kind, name, namespace }: ObjectSelector): string {
  const type = [kind || '[noKind]', version || '[noVer]', group || '[noGrp]'].join('.');
  return `${type}/${name || '[noName]'}.${namespace || '[noNs]'}`;
}

function matches(object: KrmObject, identity: Identity, selector: ObjectSelector): boolean {
  const { group, version } = selector;
  return (
    isSelected(object, { group, version }) &&
    (selector.kind === '' || selector.kind === identity.kind) &&
    (selector.name === '' || selector.name === identity.name) &&
    (selector.namespace === '' || selector.namespace === effectiveNamespace(object, identity))
  );
}

/** An object that names no namespace is in `default`, unless its kind has none. */
function effectiveNamespace(object: KrmObject, { kind, namespace }: Identity): string {
  if (clusterScopedKinds.has(`${object.group}/${kind}`)) return '';
  return namespace || 'default';
}

function identities(object: KrmObject): readonly Identity[] {
  const { kind, name, namespace } = object;
  const [kinds, names, namespaces] = ['Kinds', 'Names', 'Namespaces'].map(
    (part) => object.annotation(previous + part)?.split(',') ?? [],
  );
  const earlier = (names ?? []).map((old, index) => ({
    kind: kinds?.[index] ?? kind,
    name: old,
    namespace: namespaces?.[index] ?? namespace,
  }));
  return [{ kind, name, namespace }, ...earlier];
}

function hasIdentity({ group, version, kind, name, namespace }: ObjectSelector): boolean {
  return [group, version, kind, name, namespace].some((part) => part !== '');
}

function hasMetadata({ labelSelector: labels, annotationSelector: annotations }: ObjectSelector): boolean {
  return labels !== '' || annotations !== '';
}

function metadataPredicate(selector: ObjectSelector): (object: KrmObject) => boolean {
  const labels: LabelPredicate = labelSelector(selector.labelSelector);
  const annotations: LabelPredicate = labelSelector(selector.annotationSelector);
  return (object) => labels(object.labels) && annotations(object.annotations);
}
