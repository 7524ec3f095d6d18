import { includesWord, pathMatches } from './rule-matching.ts';
import type { PolicyRule } from './types.ts';

/** Most single permissions that one comparison looks at; a role that stands for more is refused. */
const maxPermissions = 20_000;
/** Most words of owned rules that one comparison looks at: whoever writes roles may own as many rules as they like. */
const maxWords = 20_000_000;

/** A role stands for more than is compared. */
export class TooManyPermissionsError extends Error {
  constructor(message = `the rules stand for more than ${maxPermissions} single permissions; use fewer, or *`) {
    super(message);
    this.name = 'TooManyPermissionsError';
  }
}

/** The rules of one group, resource, name and verb, or of one path and verb, that a rule stands for. */
function singleRules(rule: PolicyRule): PolicyRule[] {
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  const names = Math.max(resourceNames.length, 1);
  if (verbs.length * (apiGroups.length * resources.length * names + nonResourceURLs.length) > maxPermissions) {
    throw new TooManyPermissionsError();
  }
  const single: PolicyRule[] = [];
  for (const verb of verbs) {
    for (const url of nonResourceURLs) single.push({ verbs: [verb], nonResourceURLs: [url] });
    for (const group of apiGroups) {
      for (const resource of resources) {
        const whole: PolicyRule = { verbs: [verb], apiGroups: [group], resources: [resource] };
        if (resourceNames.length === 0) single.push(whole);
        for (const name of resourceNames) single.push({ ...whole, resourceNames: [name] });
      }
    }
  }
  return single;
}

function coversResource(have: readonly string[] | undefined, wanted: string): boolean {
  if (includesWord(have, wanted)) return true;
  const slash = wanted.indexOf('/');
  return slash > 0 && have?.includes(`*${wanted.slice(slash)}`) === true;
}

/** Whether `owned` allows all that the single rule `wanted` does. */
function ruleCovers(owned: PolicyRule, wanted: PolicyRule): boolean {
  const [verb = ''] = wanted.verbs;
  if (!includesWord(owned.verbs, verb)) return false;
  const [url] = wanted.nonResourceURLs ?? [];
  if (url !== undefined) return owned.nonResourceURLs?.some((pattern) => pathMatches(pattern, url)) === true;
  const [group = ''] = wanted.apiGroups ?? [];
  const [resource = ''] = wanted.resources ?? [];
  if (!includesWord(owned.apiGroups, group) || !coversResource(owned.resources, resource)) return false;
  const { resourceNames = [] } = owned;
  const [name] = wanted.resourceNames ?? [];
  return resourceNames.length === 0 || (name !== undefined && resourceNames.includes(name));
}

function wordsOf({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule): number {
  const others = [apiGroups, resources, resourceNames, nonResourceURLs];
  return others.reduce((sum, words) => sum + (words?.length ?? 0), verbs.length);
}

/**
 * What `wanted` allows and `owned` does not, as rules of one permission each.
 * @throws TooManyPermissionsError
 */
export function uncoveredRules(owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  const missing: PolicyRule[] = [];
  const sized = owned.map((rule) => ({ rule, words: wordsOf(rule) }));
  let left = maxPermissions;
  let wordsLeft = maxWords;
  const isCovered = (one: PolicyRule): boolean =>
    sized.some(({ rule, words }) => {
      wordsLeft -= words;
      if (wordsLeft < 0) throw new TooManyPermissionsError('there are too many rules to compare; write fewer at once');
      return ruleCovers(rule, one);
    });
  for (const rule of wanted) {
    const single = singleRules(rule);
    left -= single.length;
    if (left < 0) throw new TooManyPermissionsError();
    missing.push(...single.filter((one) => !isCovered(one)));
  }
  return missing;
}
