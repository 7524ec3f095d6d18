import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isObject } from '../meta/json-object.ts';
import type { KubernetesObject } from '../meta/object.ts';
import { isStatusError } from '../meta/status.ts';
import { appliedFields } from './applied-fields.ts';
import { difference, isEmptySet, pathsOf } from './field-set.ts';
import { printPath } from './path-element.ts';
import type { JsonObject } from './shape.ts';
import { ownership, Story } from './story.test-support.ts';
import { withoutOwnerless } from './tracked-fields.ts';
import { configurations, trial, trialStructure } from './trial-structure.test-support.ts';

describe('whatever is applied', () => {
  const saidBy = (config: JsonObject) => withoutOwnerless(appliedFields(config, trialStructure));
  const plain = (object: KubernetesObject): JsonObject => {
    const { managedFields: _, ...metadata } = object.metadata;
    return { ...(object as unknown as JsonObject), metadata };
  };

  it('is there afterwards, is owned, and applied again changes nothing', () => {
    fc.assert(
      fc.property(configurations, configurations, configurations, (live, first, second) => {
        const story = new Story({ ...live, status: { phase: 'x' } });
        story.apply(first, 'applier', true).apply(second, 'applier', true);
        const said = saidBy(second);
        expect(isEmptySet(difference(said, ownership.fieldsOf(story.object)))).toBe(true);
        expect(story.owns('applier')).toEqual(pathsOf(said).map(printPath));
        const before = structuredClone(story.object);
        expect(story.apply(second, 'applier').object).toEqual(before);
      }),
    );
  });

  it('as the whole object by one manager changes nothing but ownership', () => {
    fc.assert(
      fc.property(configurations, configurations, (live, config) => {
        const story = new Story(live).apply(config, 'applier', true);
        const whole = plain(story.object);
        story.apply(whole, 'all');
        expect(plain(story.object)).toEqual(whole);
        expect(story.owns('all')).toEqual(pathsOf(saidBy(whole)).map(printPath));
      }),
    );
  });

  it('by two managers loses no field of either', () => {
    const step = fc.record({ by: fc.constantFrom('one', 'two'), config: configurations });
    fc.assert(
      fc.property(configurations, fc.array(step, { maxLength: 6 }), (live, steps) => {
        const story = new Story(live, '');
        for (const { by, config } of steps) {
          const before = story.object;
          try {
            story.apply(config, by);
          } catch (error) {
            if (!isStatusError(error, 'Conflict')) throw error;
            expect(story.object).toBe(before);
            continue;
          }
          const there = pathsOf(ownership.fieldsOf(story.object));
          const paths = new Set(there.map(printPath));
          for (const manager of ['one', 'two']) {
            for (const path of story.owns(manager)) expect(paths).toContain(path);
          }
        }
      }),
    );
  });

  it('is undone by applying nothing, down to what others had', () => {
    fc.assert(
      fc.property(configurations, (config) => {
        const bare = trial({ count: 7 });
        const story = new Story(bare, 'creator');
        try {
          story.apply(config, 'applier');
        } catch (error) {
          if (isStatusError(error, 'Conflict')) return;
          throw error;
        }
        story.apply({ apiVersion: 'example.com/v1', kind: 'Trial', metadata: { name: 'x' } }, 'applier');
        expect(withoutEmptyLists(plain(story.object))).toEqual(bare);
      }),
    );
  });
});

/** Nobody owns the emptiness of a list whose items are owned one by one. */
function withoutEmptyLists(value: unknown): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => !(Array.isArray(item) && item.length === 0))
      .map(([key, item]) => [key, withoutEmptyLists(item)]),
  );
}
