/** Whether a set of labels, or annotations, is meant. */
export type LabelPredicate = (labels: Readonly<Record<string, string>>) => boolean;

const key = String.raw`(?:[A-Za-z0-9.-]+\/)?[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?`;
const exists = new RegExp(`^(!?)\\s*(${key})$`);
const equality = new RegExp(`^(${key})\\s*(==|=|!=)\\s*([^\\s=!,()]*)$`);
const membership = new RegExp(`^(${key})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);

/**
 * Understands a Kubernetes label selector: `a=b`, `a!=b`, `a in (b,c)`, `a notin (b)`, `a`, `!a`, joined by commas.
 *
 * @throws Error that names the part that is wrong
 */
export function labelSelector(text: string): LabelPredicate {
  const requirements = splitAtCommas(text)
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(requirement);
  return (labels) => requirements.every((matches) => matches(labels));
}

function requirement(text: string): LabelPredicate {
  const present = exists.exec(text);
  if (present?.[2] !== undefined) {
    const [, not, name] = present;
    return (labels) => Object.hasOwn(labels, name) === (not === '');
  }
  const equal = equality.exec(text);
  if (equal?.[1] !== undefined) {
    const [, name, operator, value] = equal;
    return (labels) => (labels[name] === value) === (operator !== '!=');
  }
  const member = membership.exec(text);
  if (member?.[1] !== undefined) {
    const [, name, operator, list = ''] = member;
    const values = new Set(list.split(',').map((value) => value.trim()));
    return (labels) => {
      const value = labels[name];
      return (value !== undefined && values.has(value)) === (operator === 'in');
    };
  }
  throw new Error(`unable to parse label selector: ${JSON.stringify(text)}`);
}

/** Splits at the commas outside of parentheses. */
function splitAtCommas(text: string): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    else if (text[at] === ')') depth -= 1;
    else if (text[at] === ',' && depth <= 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}
