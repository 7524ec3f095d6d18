import { expect, test } from 'vitest';
import { NamespaceGate, type NamespaceState } from './gate.ts';

function code(expected: number, text: string) {
  return expect.objectContaining({ code: expected, message: expect.stringContaining(text) });
}

const gateOver = (states: Record<string, NamespaceState>) => new NamespaceGate((namespace) => states[namespace]);

const configMap = { resource: { group: '', resource: 'configmaps' }, name: 'c' };

test('nothing is created in a namespace that does not exist, or is going', async () => {
  const gate = gateOver({ 'team-a': 'active', 'team-b': 'terminating' });
  await expect(gate.create('x', configMap, async () => 1)).rejects.toEqual(code(404, 'namespaces "x" not found'));
  const going =
    'configmaps "c" is forbidden: unable to create new content in namespace team-b because it is being terminated';
  await expect(gate.create('team-b', configMap, async () => 1)).rejects.toEqual(code(403, going));
  // Controllers that make something anew each time it is gone give up for this cause.
  const causes = [expect.objectContaining({ reason: 'NamespaceTerminating', field: 'metadata.namespace' })];
  await expect(gate.create('team-b', configMap, async () => 1)).rejects.toMatchObject({
    status: { details: { causes } },
  });
  await expect(gate.create('team-a', configMap, async () => 1)).resolves.toBe(1);
});

test('a namespace that is not known yet is asked for, and only such a one', async () => {
  const asked: string[] = [];
  const states: Record<string, NamespaceState> = { new: 'active', going: 'terminating' };
  const lookUp = async (namespace: string) => {
    asked.push(namespace);
    return states[namespace];
  };
  const gate = new NamespaceGate((namespace) => (namespace === 'known' ? 'active' : undefined), lookUp);
  await expect(gate.create('known', configMap, async () => 1)).resolves.toBe(1);
  await expect(gate.create('new', configMap, async () => 1)).resolves.toBe(1);
  await expect(gate.create('going', configMap, async () => 1)).rejects.toEqual(code(403, 'it is being terminated'));
  await expect(gate.create('x', configMap, async () => 1)).rejects.toEqual(code(404, 'namespaces "x" not found'));
  expect(asked).toEqual(['new', 'going', 'x']);
});

test('it is known where something is being created, until it is done or has failed', async () => {
  const gate = gateOver({ 'team-a': 'active' });
  const work = Promise.withResolvers<void>();
  const other = gate.create('team-a', configMap, () => Promise.resolve());
  const creating = gate.create('team-a', configMap, () => work.promise);
  await other;
  expect(gate.isCreating('team-a')).toBe(true);
  work.reject(new Error('failed'));
  await expect(creating).rejects.toThrow('failed');
  expect(gate.isCreating('team-a')).toBe(false);
});
