import { type FieldError, fieldError } from '../../meta/field-error.ts';
import type { Strategy } from '../../registry/resource.ts';
import { labelSelectorErrors } from './selector-fields.ts';
import type { ClusterRole, PolicyRule, Role } from './types.ts';

function ruleErrors(rule: PolicyRule, path: string, namespaced: boolean): FieldError[] {
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  const errors: FieldError[] = [];
  if (verbs.length === 0) errors.push(fieldError.required(`${path}.verbs`, 'verbs must contain at least one value'));
  if (nonResourceURLs.length > 0) {
    const field = `${path}.nonResourceURLs`;
    if (namespaced) {
      errors.push(fieldError.invalid(field, nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'));
    }
    if (apiGroups.length > 0 || resources.length > 0 || resourceNames.length > 0) {
      const detail = 'rules cannot apply to both regular resources and non-resource URLs';
      errors.push(fieldError.invalid(field, nonResourceURLs, detail));
    }
    return errors;
  }
  if (apiGroups.length === 0) {
    errors.push(fieldError.required(`${path}.apiGroups`, 'resource rules must supply at least one api group'));
  }
  if (resources.length === 0) {
    errors.push(fieldError.required(`${path}.resources`, 'resource rules must supply at least one resource'));
  }
  return errors;
}

function rulesErrors(rules: readonly PolicyRule[] = [], namespaced: boolean): FieldError[] {
  return rules.flatMap((rule, index) => ruleErrors(rule, `rules[${index}]`, namespaced));
}

function clusterRoleErrors({ rules, aggregationRule }: ClusterRole): FieldError[] {
  const errors = rulesErrors(rules, false);
  if (aggregationRule === undefined) return errors;
  const selectors = aggregationRule.clusterRoleSelectors ?? [];
  const path = 'aggregationRule.clusterRoleSelectors';
  if (selectors.length === 0) errors.push(fieldError.required(path, 'at least one clusterRoleSelector required'));
  return [...errors, ...selectors.flatMap((selector, index) => labelSelectorErrors(selector, `${path}[${index}]`))];
}

/** The rules of Roles. */
export const roleStrategy: Strategy<Role> = {
  validate: (_context, object) => rulesErrors(object.rules, true),
  validateUpdate: (_context, object) => rulesErrors(object.rules, true),
  allowUnconditionalUpdate: true,
  allowCreateOnUpdate: true,
};

/** The rules of ClusterRoles. */
export const clusterRoleStrategy: Strategy<ClusterRole> = {
  validate: (_context, object) => clusterRoleErrors(object),
  validateUpdate: (_context, object) => clusterRoleErrors(object),
  allowUnconditionalUpdate: true,
  allowCreateOnUpdate: true,
};
