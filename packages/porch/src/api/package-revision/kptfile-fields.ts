import { type FieldError, fieldError, labelValueErrors, qualifiedNameErrors } from '@porch/apiserver';
import type { PackageRevision } from '../../resources/package-revision.ts';
import { semanticEqual } from '../semantic-equal.ts';

function gateErrors(object: PackageRevision): FieldError[] {
  const seen = new Set<string>();
  return (object.spec.readinessGates ?? []).flatMap((gate, index) => {
    const field = `spec.readinessGates[${index}].conditionType`;
    if (gate.conditionType === '') return [fieldError.required(field, 'name the type of a condition')];
    if (seen.has(gate.conditionType)) return [fieldError.duplicate(field, gate.conditionType)];
    seen.add(gate.conditionType);
    return [];
  });
}

function metadataErrors(object: PackageRevision): FieldError[] {
  const { labels = {}, annotations = {} } = object.spec.packageMetadata ?? {};
  const at = 'spec.packageMetadata';
  return [
    ...Object.entries(labels).flatMap(([key, value]) => [
      ...qualifiedNameErrors(key).map((detail) => fieldError.invalid(`${at}.labels`, key, detail)),
      ...labelValueErrors(value).map((detail) => fieldError.invalid(`${at}.labels.${key}`, value, detail)),
    ]),
    ...Object.keys(annotations).flatMap((key) =>
      qualifiedNameErrors(key.toLowerCase()).map((detail) => fieldError.invalid(`${at}.annotations`, key, detail)),
    ),
  ];
}

/** What is wrong with the fields of a new object that its Kptfile will carry. */
export function newKptfileFieldErrors(object: PackageRevision): FieldError[] {
  return [...gateErrors(object), ...metadataErrors(object)];
}

/** As above for an update: what did not change may stay as Git has it, and only drafts may change. */
export function changedKptfileFieldErrors(object: PackageRevision, old: PackageRevision): FieldError[] {
  const gates = !semanticEqual(object.spec.readinessGates, old.spec.readinessGates);
  const metadata = !semanticEqual(object.spec.packageMetadata, old.spec.packageMetadata);
  if (old.spec.lifecycle === 'Proposed') {
    const detail = 'can only be changed while the package revision is a Draft; reject the proposal first';
    return [
      ...(gates ? [fieldError.forbidden('spec.readinessGates', detail)] : []),
      ...(metadata ? [fieldError.forbidden('spec.packageMetadata', detail)] : []),
    ];
  }
  return [...(gates ? gateErrors(object) : []), ...(metadata ? metadataErrors(object) : [])];
}
