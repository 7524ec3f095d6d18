import { type FieldError, fieldError } from '@porch/apiserver';

/** What conditions of all kinds have. */
export interface ConditionFields {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

const field = 'status.conditions';
const statuses = ['True', 'False', 'Unknown'];
/** As in the API conventions of Kubernetes, `metav1.Condition`. */
const reasonPattern = /^[A-Za-z](?:[A-Za-z0-9_,:]*[A-Za-z0-9_])?$/;
const longest = { reason: 1024, message: 32_768 };

function lengthErrors(condition: ConditionFields, path: string): FieldError[] {
  return (['reason', 'message'] as const)
    .filter((name) => (condition[name] ?? '').length > longest[name])
    .map((name) => fieldError.tooLong(`${path}.${name}`, longest[name]));
}

/** Refuses conditions without a type or with a type twice, with other statuses than there are, and with texts beyond measure. */
export function conditionErrors(conditions: readonly ConditionFields[]): FieldError[] {
  const seen = new Set<string>();
  return conditions.flatMap((condition, index) => {
    const path = `${field}[${index}]`;
    const errors: FieldError[] = [];
    if (condition.type === '') errors.push(fieldError.required(`${path}.type`, 'name the type of the condition'));
    else if (seen.has(condition.type)) errors.push(fieldError.duplicate(`${path}.type`, condition.type));
    seen.add(condition.type);
    if (!statuses.includes(condition.status)) {
      errors.push(fieldError.notSupported(`${path}.status`, condition.status, statuses));
    }
    return [...errors, ...lengthErrors(condition, path)];
  });
}

/** Refuses reasons that are not one word: conditions as Kubernetes defines them have one. */
export function reasonErrors(conditions: readonly ConditionFields[]): FieldError[] {
  return conditions.flatMap(({ reason = '' }, index) => {
    if (reasonPattern.test(reason)) return [];
    const path = `${field}[${index}].reason`;
    return reason === ''
      ? [fieldError.required(path, 'say the reason in one word')]
      : [fieldError.invalid(path, reason, 'must be one word of letters and digits, such as NotReady')];
  });
}
