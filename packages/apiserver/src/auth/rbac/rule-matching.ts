import type { Attributes } from '../authorizer.ts';
import type { PolicyRule } from './types.ts';

/** Whether a list of a rule has a word; `*` stands for all. */
export function includesWord(list: readonly string[] | undefined, word: string): boolean {
  return list?.some((entry) => entry === '*' || entry === word) === true;
}

function coversResource(rule: PolicyRule, resource: string, subresource: string): boolean {
  const whole = subresource === '' ? resource : `${resource}/${subresource}`;
  return (
    rule.resources?.some(
      (entry) => entry === '*' || entry === whole || (subresource !== '' && entry === `*/${subresource}`),
    ) === true
  );
}

/** Whether a path is one of those that a rule names; `*` at the end of a pattern stands for the rest. */
export function pathMatches(pattern: string, path: string): boolean {
  if (pattern === '*' || pattern === path) return true;
  return pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1));
}

/** Whether a rule allows something. */
export function ruleAllows(rule: PolicyRule, attributes: Attributes): boolean {
  if (!includesWord(rule.verbs, attributes.verb)) return false;
  if (attributes.type === 'path') {
    return rule.nonResourceURLs?.some((pattern) => pathMatches(pattern, attributes.path)) === true;
  }
  const { resourceNames = [] } = rule;
  return (
    includesWord(rule.apiGroups, attributes.group) &&
    coversResource(rule, attributes.resource, attributes.subresource) &&
    (resourceNames.length === 0 || resourceNames.includes(attributes.name))
  );
}
