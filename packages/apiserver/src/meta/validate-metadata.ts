import { type FieldError, fieldError } from './field-error.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors } from './names.ts';
import type { ObjectMeta } from './object.ts';
import { validateManagedFields } from './validate-managed-fields.ts';
import { validateAnnotations, validateFinalizers, validateLabels } from './validate-metadata-maps.ts';
import { validateOwnerReferences } from './validate-owner-references.ts';

/** How names of a resource are checked. Default: DNS subdomains. */
export type NameErrors = (name: string) => string[];

/** What metadata is held to. */
export interface ObjectMetaRules {
  readonly namespaced: boolean;
  /** Rule for `metadata.name`. Default: `dns1123SubdomainErrors`. */
  readonly nameErrors?: NameErrors;
  /** The server composes the name, so that neither name nor generateName is needed. Default: no. */
  readonly nameOptional?: boolean;
}

const path = 'metadata';

/** A name that generateName makes goes on after the prefix, so the prefix may end with a dash. */
function generatePrefixErrors(prefix: string, nameErrors: NameErrors): string[] {
  return nameErrors(prefix.length > 1 && prefix.endsWith('-') ? `${prefix.slice(0, -1)}a` : prefix);
}

function validateNames(meta: ObjectMeta, rules: ObjectMetaRules): FieldError[] {
  const nameErrors = rules.nameErrors ?? dns1123SubdomainErrors;
  const errors: FieldError[] = [];
  const { name = '', generateName = '', namespace = '' } = meta;
  if (generateName !== '') {
    for (const detail of generatePrefixErrors(generateName, nameErrors)) {
      errors.push(fieldError.invalid(`${path}.generateName`, generateName, detail));
    }
  }
  if (name === '') {
    if (generateName === '' && rules.nameOptional !== true) {
      errors.push(fieldError.required(`${path}.name`, 'name or generateName is required'));
    }
  } else {
    for (const detail of nameErrors(name)) errors.push(fieldError.invalid(`${path}.name`, name, detail));
  }
  if (!rules.namespaced) {
    if (namespace !== '') errors.push(fieldError.forbidden(`${path}.namespace`, 'not allowed on this type'));
  } else if (namespace === '') {
    errors.push(fieldError.required(`${path}.namespace`));
  } else {
    for (const detail of dns1123LabelErrors(namespace)) {
      errors.push(fieldError.invalid(`${path}.namespace`, namespace, detail));
    }
  }
  return errors;
}

function validateContents(meta: ObjectMeta): FieldError[] {
  const { generation = 0 } = meta;
  const negative = 'must be greater than or equal to 0';
  // Not handed to a function one by one, which has no room for as many as a request can bring about.
  return [
    ...(generation < 0 ? [fieldError.invalid(`${path}.generation`, generation, negative)] : []),
    ...validateLabels(meta.labels ?? {}, `${path}.labels`),
    ...validateAnnotations(meta.annotations ?? {}, `${path}.annotations`),
    ...validateOwnerReferences(meta.ownerReferences ?? [], `${path}.ownerReferences`),
    ...validateFinalizers(meta.finalizers ?? [], `${path}.finalizers`),
    ...validateManagedFields(meta.managedFields ?? [], `${path}.managedFields`),
  ];
}

/** Refused metadata of a new object. A `generateName` stands for a name that the storage will make. */
export function validateObjectMeta(meta: ObjectMeta, rules: ObjectMetaRules): FieldError[] {
  return [...validateNames(meta, rules), ...validateContents(meta)];
}

const immutable = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const;

/** Refused changes of metadata. `meta` is the wanted state in full, after what the server owns was carried over. */
export function validateObjectMetaUpdate(meta: ObjectMeta, old: ObjectMeta): FieldError[] {
  const errors: FieldError[] = [];
  if (old.deletionTimestamp !== undefined) {
    const known = new Set(old.finalizers);
    const added = (meta.finalizers ?? []).filter((f) => !known.has(f));
    if (added.length > 0) {
      const found = `[]string{${added.map((f) => JSON.stringify(f)).join(', ')}}`;
      errors.push(
        fieldError.forbidden(
          `${path}.finalizers`,
          `no new finalizers can be added if the object is being deleted, found new finalizers ${found}`,
        ),
      );
    }
  }
  if ((meta.generation ?? 0) < (old.generation ?? 0)) {
    errors.push(fieldError.invalid(`${path}.generation`, meta.generation ?? 0, 'must not be decremented'));
  }
  for (const field of immutable) {
    if ((meta[field] ?? null) !== (old[field] ?? null)) {
      errors.push(fieldError.invalid(`${path}.${field}`, meta[field] ?? null, 'field is immutable'));
    }
  }
  return [...errors, ...validateContents(meta)];
}
