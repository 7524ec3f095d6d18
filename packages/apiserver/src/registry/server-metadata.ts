import { randomInt } from 'node:crypto';
import { fieldError } from '../meta/field-error.ts';
import type { KubernetesObject, Time } from '../meta/object.ts';
import { type GroupKind, statusErrors } from '../meta/status.ts';

/** Letters that cannot spell words and digits that are not mistaken for letters. */
const suffixAlphabet = 'bcdfghjklmnpqrstvwxz2456789';
const suffixLength = 5;
const longestName = 63;

/** `generateName` with five random characters, cut so that the whole is a valid label. */
export function generateName(base: string): string {
  const suffix = Array.from({ length: suffixLength }, () => suffixAlphabet[randomInt(suffixAlphabet.length)]);
  return base.slice(0, longestName - suffixLength) + suffix.join('');
}

/** What the server gives to a new object. */
export interface NewObjectFacts {
  readonly kind: GroupKind;
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly uid: string;
  readonly now: Time;
  readonly hasGeneration: boolean;
}

/**
 * A new object with the metadata that only the server sets. The argument is not changed.
 * @throws StatusError 422 without a name, 400 with a resourceVersion
 */
export function withServerMetadata<T extends KubernetesObject>(object: T, facts: NewObjectFacts): T {
  const { resourceVersion, selfLink: _, namespace: __, generation: ___, ...given } = object.metadata;
  if (resourceVersion !== undefined && resourceVersion !== '') {
    throw statusErrors.badRequest('metadata.resourceVersion must not be set on an object to be created; remove it');
  }
  const name = given.name || (given.generateName ? generateName(given.generateName) : '');
  if (name === '') {
    throw statusErrors.invalid(facts.kind, '', [
      fieldError.required('metadata.name', 'name or generateName is required'),
    ]);
  }
  return {
    ...object,
    metadata: {
      ...given,
      name,
      ...(facts.namespace === '' ? {} : { namespace: facts.namespace }),
      uid: facts.uid,
      creationTimestamp: facts.now,
      ...(facts.hasGeneration ? { generation: 1 } : {}),
    },
  };
}
