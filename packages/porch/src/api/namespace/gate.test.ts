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
  await expect(gate.create('team-a', configMap, async () => 1)).resolves.toBe(1);
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
