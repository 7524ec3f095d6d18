import { type FieldError, fieldError } from '../../meta/field-error.ts';
import { labelSelector } from '../../meta/label-selector.ts';
import { labelValueErrors, qualifiedNameErrors } from '../../meta/names.ts';
import type { LabelRequirement, LabelSelector } from '../../meta/selector.ts';
import type { LabelSelectorFields } from './types.ts';

const operators: Readonly<Record<string, LabelRequirement['operator']>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
};

/** What is wrong with a label selector of an object. */
export function labelSelectorErrors(selector: LabelSelectorFields, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    for (const detail of qualifiedNameErrors(key)) errors.push(fieldError.invalid(`${path}.matchLabels`, key, detail));
    for (const detail of labelValueErrors(value)) errors.push(fieldError.invalid(`${path}.matchLabels`, value, detail));
  }
  (selector.matchExpressions ?? []).forEach(({ key, operator, values = [] }, index) => {
    const own = `${path}.matchExpressions[${index}]`;
    for (const detail of qualifiedNameErrors(key)) errors.push(fieldError.invalid(`${own}.key`, key, detail));
    if (!Object.hasOwn(operators, operator)) {
      errors.push(fieldError.notSupported(`${own}.operator`, operator, Object.keys(operators)));
      return;
    }
    const needsValues = operator === 'In' || operator === 'NotIn';
    if (needsValues && values.length === 0) {
      errors.push(fieldError.required(`${own}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
    } else if (!needsValues && values.length > 0) {
      const detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
      errors.push(fieldError.forbidden(`${own}.values`, detail));
    }
  });
  return errors;
}

/** The selector that an object's fields stand for; the fields have been checked. */
export function selectorOf({ matchLabels = {}, matchExpressions = [] }: LabelSelectorFields): LabelSelector {
  return labelSelector([
    ...Object.entries(matchLabels).map(([key, value]): LabelRequirement => ({ key, operator: '=', values: [value] })),
    ...matchExpressions.map(
      ({ key, operator, values = [] }): LabelRequirement => ({
        key,
        operator: operators[operator] ?? 'exists',
        values,
      }),
    ),
  ]);
}
