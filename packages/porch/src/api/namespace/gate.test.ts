import { describe, expect, test } from 'vitest';
import { NamespaceGate } from './gate.ts';

function setUp(count = 0) {
  const objects = new Map([['team-a', count]]);
  const gate = new NamespaceGate({
    exists: (namespace) => objects.has(namespace),
    contents: (namespace) => [{ resource: 'repositories.config.porch.kpt.dev', count: objects.get(namespace) ?? 0 }],
  });
  return { gate, objects };
}

function code(expected: number, text: string) {
  return expect.objectContaining({ code: expected, message: expect.stringContaining(text) });
}

describe('the namespace gate', () => {
  test('lets nothing be created in a namespace that does not exist', async () => {
    const { gate } = setUp();
    await expect(gate.create('x', async () => 1)).rejects.toEqual(code(404, 'namespaces "x" not found'));
    await expect(gate.create('team-a', async () => 1)).resolves.toBe(1);
  });

  test('keeps a namespace that has something in it', async () => {
    const { gate, objects } = setUp(2);
    await expect(gate.remove('team-a', async () => 1)).rejects.toEqual(
      code(409, 'it still has 2 repositories.config.porch.kpt.dev; delete these first'),
    );
    objects.set('team-a', 0);
    await expect(gate.remove('team-a', async () => 1)).resolves.toBe(1);
  });

  test('keeps a namespace while something is being created in it', async () => {
    const { gate } = setUp();
    const work = Promise.withResolvers<void>();
    const creating = gate.create('team-a', () => work.promise);
    await expect(gate.remove('team-a', async () => 1)).rejects.toEqual(code(409, 'is being created in it'));
    work.reject(new Error('failed'));
    await expect(creating).rejects.toThrow('failed');
    await expect(gate.remove('team-a', async () => 1)).resolves.toBe(1);
  });

  test('lets nothing be created in a namespace that is going', async () => {
    const { gate } = setUp();
    const work = Promise.withResolvers<void>();
    const removing = gate.remove('team-a', () => work.promise);
    await expect(gate.create('team-a', async () => 1)).rejects.toEqual(code(409, 'is being deleted'));
    await expect(gate.remove('team-a', async () => 1)).rejects.toEqual(
      code(409, 'another request is already in progress'),
    );
    work.resolve();
    await removing;
  });
});
