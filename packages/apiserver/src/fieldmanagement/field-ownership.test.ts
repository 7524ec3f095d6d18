import { describe, expect, it } from 'vitest';
import type { KubernetesObject, ManagedFieldsEntry } from '../meta/object.ts';
import { isStatusError } from '../meta/status.ts';
import { maxAnnotationBytes } from '../meta/validate-metadata-maps.ts';
import { FieldOwnership } from './field-ownership.ts';
import { lastAppliedAnnotation } from './last-applied.ts';
import { endpoint, ownership, Story } from './story.test-support.ts';
import { trial } from './trial-structure.test-support.ts';

const asObject = (value: unknown): KubernetesObject => value as KubernetesObject;
const specOf = (object: KubernetesObject): unknown => (object as KubernetesObject & { spec?: unknown }).spec;

function refusal(work: () => unknown) {
  try {
    work();
  } catch (error) {
    if (isStatusError(error)) return error;
    throw error;
  }
  return expect.fail('the apply was not refused');
}

describe('creating an object', () => {
  it('makes its writer the owner of all but what says which object it is', () => {
    const story = new Story(trial({ color: 'red' }, { uid: 'u', namespace: 'n', labels: { a: '1' } }));
    expect(story.object.metadata.managedFields).toEqual([
      {
        manager: 'creator',
        operation: 'Update',
        apiVersion: 'example.com/v1',
        time: '2026-01-02T03:04:01Z',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } },
          'f:spec': { '.': {}, 'f:color': {} },
        },
      },
    ]);
  });

  it('does not make them the owner of what the server has dropped or added', () => {
    const sent = asObject(trial({ color: 'red', count: 1 }));
    const made = asObject(trial({ color: 'blue', args: ['server'] }));
    const entries = ownership.created(ownership.fieldsOf(sent), made, { fieldManager: 'creator', now: '' });
    expect(entries?.[0]?.fieldsV1).toEqual({ 'f:spec': { '.': {}, 'f:color': {} } });
  });
});

describe('updating an object', () => {
  it('gives a manager what it changes, and takes it from others', () => {
    const story = new Story(trial({ color: 'red', count: 1 }));
    story.update(({ spec }) => Object.assign(spec, { color: 'blue', args: ['a'] }), 'editor');
    expect(story.owns('editor', 'Update')).toEqual(['.spec.args', '.spec.color']);
    expect(story.owns('creator', 'Update')).toEqual(['.spec', '.spec.count']);
    expect(story.entry('editor', 'Update')?.time).toBe('2026-01-02T03:04:02Z');
  });

  it('gives nobody what it removes, and forgets managers of nothing', () => {
    const story = new Story(trial({ color: 'red' })).apply(trial({ count: 1 }), 'applier');
    story.update(({ spec }) => delete spec['count'], 'editor');
    expect(story.entry('applier')).toBeUndefined();
    expect(story.entry('editor', 'Update')).toBeUndefined();
  });

  it('changes nothing when nothing changes, times included', () => {
    const story = new Story(trial({ color: 'red' }));
    const before = story.object.metadata.managedFields;
    expect(story.update(() => undefined, 'editor').object.metadata.managedFields).toEqual(before);
  });

  it('adds to what a manager has had', () => {
    const story = new Story(trial({})).update(({ spec }) => Object.assign(spec, { color: 'a' }), 'editor');
    story.update(({ spec }) => Object.assign(spec, { count: 2 }), 'editor');
    expect(story.owns('editor', 'Update')).toEqual(['.spec.color', '.spec.count']);
  });

  it('does not begin to keep owners where there are none', () => {
    const story = new Story(trial({ color: 'red' }), '').update(
      ({ spec }) => Object.assign(spec, { count: 1 }),
      'editor',
    );
    expect(story.object.metadata.managedFields).toBeUndefined();
  });

  it('forgets all owners when an empty list is sent, and takes over those that are sent', () => {
    const story = new Story(trial({ color: 'red' })).update(() => undefined, 'editor', []);
    expect(story.object.metadata.managedFields).toBeUndefined();
    const sent: ManagedFieldsEntry[] = [
      {
        manager: 'other',
        operation: 'Apply',
        apiVersion: 'example.com/v1',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:spec': { 'f:color': {} } },
      },
    ];
    expect(story.update(() => undefined, 'editor', sent).owns('other')).toEqual(['.spec.color']);
  });

  it('does not count fields that its endpoint cannot change', () => {
    const main = new FieldOwnership({ ...endpoint, changeable: { except: ['status'] } });
    const old = asObject({ ...trial({ color: 'red' }), status: { phase: 'a' } });
    const next = asObject({ ...trial({ color: 'blue' }), status: { phase: 'b' } });
    const story = new Story({ ...trial({ color: 'red' }) });
    old.metadata.managedFields = story.object.metadata.managedFields ?? [];
    const writer = { fieldManager: 'editor', now: '2026-01-02T03:04:05Z' };
    expect(main.updated(old, next, undefined, writer)?.at(-1)?.fieldsV1).toEqual({ 'f:spec': { 'f:color': {} } });
    const status = new FieldOwnership({ ...endpoint, subresource: 'status', changeable: { only: ['status'] } });
    expect(status.updated(old, next, [], writer)?.at(-1)).toMatchObject({
      manager: 'editor',
      subresource: 'status',
      fieldsV1: { 'f:status': { 'f:phase': {} } },
    });
  });
});

describe('applying', () => {
  it('owns what it says, whether it changes it or not', () => {
    const story = new Story(trial({ color: 'red', count: 1 })).apply(trial({ color: 'red' }), 'applier');
    expect(story.owns('applier')).toEqual(['.spec.color']);
    expect(story.owns('creator', 'Update')).toEqual(['.spec', '.spec.color', '.spec.count']);
  });

  it('removes what it no longer says, unless someone else owns it', () => {
    const story = new Story(trial({ args: ['x'] })).apply(trial({ color: 'red', count: 1, tags: ['a', 'b'] }), 'one');
    story.apply(trial({ count: 1, tags: ['b'] }), 'two');
    story.apply(trial({ tags: ['a'] }), 'one');
    expect(specOf(story.object)).toEqual({ args: ['x'], count: 1, tags: ['a', 'b'] });
    expect(story.owns('one')).toEqual(['.spec.tags[="a"]']);
    story.apply(trial({}), 'two');
    expect(specOf(story.object)).toEqual({ args: ['x'], tags: ['a'] });
  });

  it('is refused where it would change what others own, and says what and whose that is', () => {
    const story = new Story(trial({ color: 'red', parts: [{ name: 'x', size: 1 }] }));
    story.apply(trial({ count: 1 }), 'other');
    const error = refusal(() =>
      story.apply(trial({ color: 'blue', count: 2, parts: [{ name: 'x', size: 2 }] }), 'applier'),
    );
    expect(error.status).toMatchObject({ code: 409, reason: 'Conflict' });
    expect(error.message).toBe(
      'Apply failed with 3 conflicts: conflicts with "creator" using example.com/v1 at 2026-01-02T03:04:01Z:\n' +
        '- .spec.color\n- .spec.parts[name="x",protocol="tcp"].size\nconflict with "other": .spec.count',
    );
    expect(error.status.details?.causes).toEqual([
      {
        reason: 'FieldManagerConflict',
        message: 'conflict with "creator" using example.com/v1 at 2026-01-02T03:04:01Z',
        field: '.spec.color',
      },
      {
        reason: 'FieldManagerConflict',
        message: 'conflict with "creator" using example.com/v1 at 2026-01-02T03:04:01Z',
        field: '.spec.parts[name="x",protocol="tcp"].size',
      },
      { reason: 'FieldManagerConflict', message: 'conflict with "other"', field: '.spec.count' },
    ]);
  });

  it('takes fields from others when it is forced', () => {
    const story = new Story(trial({ color: 'red', count: 1 })).apply(trial({ color: 'blue' }), 'applier', true);
    expect(specOf(story.object)).toEqual({ color: 'blue', count: 1 });
    expect(story.owns('creator', 'Update')).toEqual(['.spec', '.spec.count']);
    expect(story.owns('applier')).toEqual(['.spec.color']);
  });

  it('changes nothing, times included, when it says the same again', () => {
    const config = trial({ color: 'red', tags: ['a'], parts: [{ name: 'x' }] }, { labels: { a: '1' } });
    const story = new Story(trial({})).apply(config, 'applier');
    const before = structuredClone(story.object);
    expect(story.apply(config, 'applier').object).toEqual(before);
  });

  it('attributes what was there before owners were kept to one manager', () => {
    const story = new Story(trial({ color: 'red', count: 1 }, { labels: { a: '1' } }), '');
    expect(refusal(() => story.apply(trial({ count: 2 }), 'applier')).message).toContain('"before-first-apply" using');
    story.apply(trial({ color: 'red' }), 'applier');
    expect(story.owns('before-first-apply', 'Update')).toEqual([
      '.metadata.labels',
      '.metadata.labels.a',
      '.spec',
      '.spec.color',
      '.spec.count',
    ]);
  });

  it('loses its entry when it says nothing', () => {
    const story = new Story(trial({ count: 1 })).apply(trial({ color: 'red' }), 'applier');
    story.apply({ apiVersion: 'example.com/v1', kind: 'Trial', metadata: { name: 'x' } }, 'applier');
    expect(story.entry('applier')).toBeUndefined();
    expect(specOf(story.object)).toEqual({ count: 1 });
  });

  it('ignores fields that its endpoint cannot change', () => {
    const main = new FieldOwnership({ ...endpoint, changeable: { except: ['status'] } });
    const story = new Story({ ...trial({}), status: { phase: 'a' } }, '', main);
    story.apply({ ...trial({ color: 'red' }), status: { phase: 'b' } }, 'applier');
    expect(story.owns('applier')).toEqual(['.spec.color']);
  });
});

describe("kubectl's way from client-side to server-side apply", () => {
  const config = trial({ color: 'red', count: 1 });
  const annotations = { [lastAppliedAnnotation]: JSON.stringify(config) };
  const migrated = () =>
    new Story(trial({ color: 'red', count: 2, args: ['a'] }, { annotations }), 'kubectl-client-side-apply');

  it('takes fields that still have the value it applied, and renews the annotation', () => {
    const next = trial({ color: 'blue' }, { annotations: { own: 'x' } });
    const story = migrated().apply(next, 'kubectl');
    expect(specOf(story.object)).toMatchObject({ color: 'blue' });
    expect(story.owns('kubectl-client-side-apply', 'Update')).not.toContain('.spec.color');
    expect(story.object.metadata.annotations?.[lastAppliedAnnotation]).toBe(`${JSON.stringify(next)}\n`);
    expect(story.owns('kubectl')).not.toContain(`.metadata.annotations.${lastAppliedAnnotation}`);
    expect(story.object.metadata.name).toBe(migrated().object.metadata.name);
  });

  it('leaves the annotation out of what it has in it', () => {
    const story = migrated().apply(trial({ color: 'blue' }, { annotations: { ...annotations, own: 'x' } }), 'kubectl');
    const text = story.object.metadata.annotations?.[lastAppliedAnnotation] ?? '';
    expect(JSON.parse(text)).toEqual(trial({ color: 'blue' }, { annotations: { own: 'x' } }));
  });

  it('gives no annotation to objects without one', () => {
    const story = new Story(trial({ color: 'red' })).apply(trial({ port: 'http' }), 'kubectl');
    expect(story.object.metadata).not.toHaveProperty('annotations');
  });

  it('gives the annotation up where it would be longer than annotations may be', () => {
    const story = migrated().apply(
      trial({ color: 'x'.repeat(maxAnnotationBytes) }, { annotations: { own: 'x' } }),
      'kubectl',
    );
    expect(Object.keys(story.object.metadata.annotations ?? {})).toEqual(['own']);
  });

  it('is refused for fields that have changed since, and for other managers', () => {
    const changed = refusal(() => migrated().apply(trial({ color: 'blue', count: 3 }), 'kubectl'));
    expect(changed.status.details?.causes?.map(({ field }) => field)).toEqual(['.spec.count']);
    const other = refusal(() => migrated().apply(trial({ color: 'blue' }), 'other'));
    expect(other.status.details?.causes?.map(({ field }) => field)).toEqual(['.spec.color']);
  });

  it('leaves the annotation alone when another manager applies', () => {
    const { object } = migrated().apply(trial({ color: 'red', port: 'http' }), 'other');
    expect(specOf(object)).toMatchObject({ port: 'http' });
    expect(object.metadata.annotations).toEqual(annotations);
  });

  it('does not trip over an annotation that is no configuration', () => {
    const deep = `${'{"spec":'.repeat(20_000)}{}${'}'.repeat(20_000)}`;
    for (const text of ['{', '[]', '{"spec":{"tags":["a","a"]}}', deep]) {
      const story = new Story(trial({ color: 'red' }, { annotations: { [lastAppliedAnnotation]: text } }), 'other');
      expect(refusal(() => story.apply(trial({ color: 'blue' }), 'kubectl')).reason).toBe('Conflict');
    }
  });
});
