import { type FieldError, fieldError } from './field-error.ts';
import type { OwnerReference } from './object.ts';

function validateOne(owner: OwnerReference, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const version = owner.apiVersion.slice(owner.apiVersion.indexOf('/') + 1);
  if (owner.apiVersion.split('/').length > 2) {
    errors.push(
      fieldError.invalid(
        `${path}.apiVersion`,
        owner.apiVersion,
        'must be a version, or a group and a version: group/version',
      ),
    );
  } else if (version === '') {
    errors.push(fieldError.invalid(`${path}.apiVersion`, owner.apiVersion, 'version must not be empty'));
  }
  for (const field of ['kind', 'name', 'uid'] as const) {
    if (owner[field] === '') errors.push(fieldError.invalid(`${path}.${field}`, '', 'must not be empty'));
  }
  if (owner.apiVersion === 'v1' && owner.kind === 'Event') {
    errors.push(fieldError.invalid(path, owner, '/v1, Kind=Event is disallowed from being an owner'));
  }
  return errors;
}

/** Refused owner references: incomplete ones, and more than one controller. */
export function validateOwnerReferences(owners: readonly OwnerReference[], path: string): FieldError[] {
  const errors = owners.flatMap((owner, index) => validateOne(owner, `${path}[${index}]`));
  const controllers = owners.filter((owner) => owner.controller === true);
  if (controllers.length > 1) {
    const [first, second] = controllers.map((owner) => `${owner.kind}/${owner.name}`);
    errors.push(
      fieldError.invalid(
        path,
        owners,
        `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${second}`,
      ),
    );
  }
  return errors;
}
