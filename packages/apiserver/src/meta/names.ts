/**
 * Rules for names, in the words of Kubernetes. Each function returns what is wrong with a value; an empty list means it is fine.
 * Lengths are in characters that the rule allows, all of which are one byte.
 */

interface Rule {
  readonly regExp: RegExp;
  readonly message: string;
}

function rule(text: string, pattern: string, ...examples: readonly string[]): Rule {
  const shown = examples.map((e) => `'${e}', `).join(' or ');
  return {
    regExp: new RegExp(`^(?:${pattern})$`),
    message: `${text} (e.g. ${shown}regex used for validation is '${pattern}')`,
  };
}

const labelPattern = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';

const dns1123Label = rule(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  labelPattern,
  'my-name',
  '123-abc',
);

const dns1123Subdomain = rule(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  `${labelPattern}(\\.${labelPattern})*`,
  'example.com',
);

const qualifiedPattern = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';

const qualifiedName = rule(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  qualifiedPattern,
  'MyName',
  'my.name',
  '123-abc',
);

const labelValue = rule(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  `(${qualifiedPattern})?`,
  'MyValue',
  'my_value',
  '12345',
);

/** Most characters of a DNS label, and of the name part of a qualified name. */
const maxLabelLength = 63;
/** Most characters of an object's name. */
const maxSubdomainLength = 253;

function tooLong(max: number): string {
  return `must be no more than ${max} characters`;
}

function check(value: string, max: number, wanted: Rule): string[] {
  const errors: string[] = [];
  if (value.length > max) errors.push(tooLong(max));
  if (!wanted.regExp.test(value)) errors.push(wanted.message);
  return errors;
}

/** What keeps a value from being a DNS label, as names of namespaces must be. */
export function dns1123LabelErrors(value: string): string[] {
  return check(value, maxLabelLength, dns1123Label);
}

/** What keeps a value from being a DNS subdomain, as names of most objects must be. */
export function dns1123SubdomainErrors(value: string): string[] {
  return check(value, maxSubdomainLength, dns1123Subdomain);
}

/** What keeps a value from being a label key, annotation key or finalizer: `name` or `example.com/name`. */
export function qualifiedNameErrors(value: string): string[] {
  const parts = value.split('/');
  if (parts.length > 2) {
    return [
      `a qualified name ${qualifiedName.message} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const errors: string[] = [];
  const [prefix, name] = parts.length === 2 ? [parts[0] ?? '', parts[1] ?? ''] : [undefined, value];
  if (prefix === '') errors.push('prefix part must be non-empty');
  else if (prefix !== undefined) errors.push(...dns1123SubdomainErrors(prefix).map((e) => `prefix part ${e}`));
  if (name === '') errors.push('name part must be non-empty');
  else if (name.length > maxLabelLength) errors.push(`name part ${tooLong(maxLabelLength)}`);
  if (!qualifiedName.regExp.test(name)) errors.push(`name part ${qualifiedName.message}`);
  return errors;
}

/** What keeps a value from being the value of a label. */
export function labelValueErrors(value: string): string[] {
  return check(value, maxLabelLength, labelValue);
}

/** What keeps a name from being one part of a path, where it may be anything else, such as `system:discovery`. */
export function pathSegmentErrors(name: string): string[] {
  if (name === '.' || name === '..') return [`may not be '${name}'`];
  return ['/', '%'].filter((part) => name.includes(part)).map((part) => `may not contain '${part}'`);
}
