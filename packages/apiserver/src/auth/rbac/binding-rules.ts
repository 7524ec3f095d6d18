import { isDeepStrictEqual } from 'node:util';
import { type FieldError, fieldError } from '../../meta/field-error.ts';
import { dns1123SubdomainErrors, pathSegmentErrors } from '../../meta/names.ts';
import type { Strategy } from '../../registry/resource.ts';
import { type Binding, rbacGroup, type Subject } from './types.ts';

/** Fills in the groups that clients leave out. */
export function defaultBinding(binding: Binding): void {
  for (const subject of binding.subjects ?? []) {
    if (subject.kind === 'ServiceAccount') continue;
    if (subject.apiGroup === undefined || subject.apiGroup === '') subject.apiGroup = rbacGroup;
  }
  binding.roleRef.apiGroup ||= rbacGroup;
}

function subjectErrors({ kind, apiGroup = '', name, namespace = '' }: Subject, path: string, namespaced: boolean) {
  const errors: FieldError[] = [];
  if (name === '') errors.push(fieldError.required(`${path}.name`));
  switch (kind) {
    case 'ServiceAccount':
      if (apiGroup !== '') errors.push(fieldError.notSupported(`${path}.apiGroup`, apiGroup, ['']));
      if (name !== '') {
        errors.push(...dns1123SubdomainErrors(name).map((detail) => fieldError.invalid(`${path}.name`, name, detail)));
      }
      if (!namespaced && namespace === '') errors.push(fieldError.required(`${path}.namespace`));
      break;
    case 'User':
    case 'Group':
      if (apiGroup !== rbacGroup) errors.push(fieldError.notSupported(`${path}.apiGroup`, apiGroup, [rbacGroup]));
      break;
    default:
      errors.push(fieldError.notSupported(`${path}.kind`, kind, ['ServiceAccount', 'User', 'Group']));
  }
  return errors;
}

function bindingErrors({ roleRef, subjects = [] }: Binding, namespaced: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const kinds = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  if (roleRef.apiGroup !== rbacGroup) {
    errors.push(fieldError.notSupported('roleRef.apiGroup', roleRef.apiGroup, [rbacGroup]));
  }
  if (!kinds.includes(roleRef.kind)) errors.push(fieldError.notSupported('roleRef.kind', roleRef.kind, kinds));
  if (roleRef.name === '') errors.push(fieldError.required('roleRef.name'));
  else {
    for (const detail of pathSegmentErrors(roleRef.name)) {
      errors.push(fieldError.invalid('roleRef.name', roleRef.name, detail));
    }
  }
  subjects.forEach((subject, index) => {
    errors.push(...subjectErrors(subject, `subjects[${index}]`, namespaced));
  });
  return errors;
}

function updateErrors(object: Binding, old: Binding, namespaced: boolean): FieldError[] {
  const errors = bindingErrors(object, namespaced);
  if (!isDeepStrictEqual({ ...object.roleRef }, { ...old.roleRef })) {
    errors.push(fieldError.invalid('roleRef', object.roleRef, 'cannot change roleRef'));
  }
  return errors;
}

/** The rules of RoleBindings (`namespaced`) and ClusterRoleBindings. */
export function bindingStrategy(namespaced: boolean): Strategy<Binding> {
  return {
    validate: (_context, object) => bindingErrors(object, namespaced),
    validateUpdate: (_context, object, old) => updateErrors(object, old, namespaced),
    allowUnconditionalUpdate: true,
    allowCreateOnUpdate: true,
  };
}
