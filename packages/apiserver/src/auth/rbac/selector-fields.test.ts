import { expect, test } from 'vitest';
import { labelSelectorErrors, selectorOf } from './selector-fields.ts';

const matching = (operator: string, values?: string[]) => {
  const selector = selectorOf({ matchExpressions: [{ key: 'a', operator, ...(values && { values }) }] });
  const cases: Record<string, string>[] = [{}, { a: 'x' }, { a: 'y' }];
  return cases.map((labels) => selector.matches(labels));
};

test('expressions say which labels there are to be, and which not', () => {
  expect(matching('In', ['x', 'z'])).toEqual([false, true, false]);
  expect(matching('NotIn', ['x', 'z'])).toEqual([true, false, true]);
  expect(matching('Exists')).toEqual([false, true, true]);
  expect(matching('DoesNotExist')).toEqual([true, false, false]);
});

test('labels and expressions must all hold', () => {
  const selector = selectorOf({ matchLabels: { a: 'x' }, matchExpressions: [{ key: 'b', operator: 'Exists' }] });
  expect(selector.matches({ a: 'x', b: '' })).toBe(true);
  expect([selector.matches({ a: 'x' }), selector.matches({ b: '' })]).toEqual([false, false]);
});

test('expressions have values where these say something, and nowhere else', () => {
  const refused = (operator: string, values?: string[]) =>
    labelSelectorErrors({ matchExpressions: [{ key: 'a', operator, ...(values && { values }) }] }, 's').map(
      ({ field }) => field,
    );
  for (const operator of ['In', 'NotIn']) expect(refused(operator)).toEqual(['s.matchExpressions[0].values']);
  for (const operator of ['Exists', 'DoesNotExist']) {
    expect([refused(operator), refused(operator, ['x'])]).toEqual([[], ['s.matchExpressions[0].values']]);
  }
  expect(refused('in', ['x'])).toEqual(['s.matchExpressions[0].operator']);
});
