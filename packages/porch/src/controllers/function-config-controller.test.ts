import { pino } from 'pino';
import { afterEach, expect, it, vi } from 'vitest';
import type { FunctionConfigEvent, FunctionConfigSource } from '../cache/function-config-source.ts';
import type { FunctionConfig, FunctionConfigSpec } from '../resources/function-config.ts';
import { FunctionConfigController } from './function-config-controller.ts';

const patience = { timeout: 60_000 };
const open: FunctionConfigController[] = [];
afterEach(async () => {
  for (const controller of open.splice(0)) await controller.close();
});

/** FunctionConfigs of one namespace in memory, whose status cannot be written `failures` times. */
class Configs implements FunctionConfigSource {
  readonly objects = new Map<string, FunctionConfig>();
  readonly #listeners = new Set<(event: FunctionConfigEvent) => void>();
  writes = 0;
  failures = 0;
  /** What each write of a status waits for. */
  answer = Promise.resolve();

  put(name: string, spec: Partial<FunctionConfigSpec> = {}): void {
    const generation = (this.objects.get(name)?.metadata.generation ?? 0) + 1;
    this.objects.set(name, {
      apiVersion: 'config.porch.kpt.dev/v1alpha1',
      kind: 'FunctionConfig',
      metadata: { namespace: 'a', name, generation },
      spec: { image: 'set-labels', goExecutor: { id: 'set-labels', tags: ['v1'] }, ...spec },
      ...(this.objects.get(name)?.status && { status: this.objects.get(name)?.status }),
    });
    this.#tell('CHANGED', name);
  }

  remove(name: string): void {
    this.objects.delete(name);
    this.#tell('REMOVED', name);
  }

  #tell(type: FunctionConfigEvent['type'], name: string): void {
    for (const listener of this.#listeners) listener({ type, namespace: 'a', name });
  }

  get = (_namespace: string, name: string) => this.objects.get(name);
  list = () => [...this.objects.values()];

  watch(listener: (event: FunctionConfigEvent) => void): () => void {
    for (const name of this.objects.keys()) listener({ type: 'CHANGED', namespace: 'a', name });
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async writeStatus(object: FunctionConfig, status: FunctionConfig['status']): Promise<void> {
    this.writes += 1;
    await this.answer;
    if (this.failures-- > 0) throw new Error('the cluster is away');
    const name = object.metadata.name ?? '';
    this.objects.set(name, { ...object, ...(status && { status }) });
    this.#tell('CHANGED', name);
  }

  errorOf = (name: string) => {
    const { status, metadata } = this.objects.get(name) ?? {};
    return status?.apiServerObservedGeneration === metadata?.generation ? (status?.error ?? 'none') : 'not looked at';
  };
}

function start(configs: Configs): FunctionConfigController {
  const abilities = { builtIn: new Set(['set-labels']), runsPrograms: false, runsContainers: false };
  const controller = new FunctionConfigController({
    configs,
    abilities,
    logger: pino({ level: 'silent' }),
    retryMs: 1,
  });
  open.push(controller);
  controller.start();
  return controller;
}

it('says of each what cannot be done, and which of several decides', async () => {
  const configs = new Configs();
  configs.put('b');
  configs.put('c', { image: 'other', binaryExecutor: { path: 'x', tags: ['v1'] }, limits: { memory: '1ki' } });
  start(configs);
  await vi.waitUntil(() => configs.errorOf('b') === 'none', patience);
  await vi.waitUntil(() => configs.errorOf('c').includes('the server runs no programs'), patience);
  expect(configs.errorOf('c')).toContain('limits.memory: "1ki" is no limit');
  configs.put('a');
  await vi.waitUntil(() => configs.errorOf('b').includes('"a" is for the same images and decides'), patience);
  configs.remove('a');
  await vi.waitUntil(() => configs.errorOf('b') === 'none', patience);
});

it('takes the name for the built-in function where none is named, and needs no containers for the same tags', async () => {
  const configs = new Configs();
  const podExecutor = { tags: ['v2'] };
  configs.put('set-labels', { goExecutor: { tags: ['v1', 'v2'] }, podExecutor });
  configs.put('older', { image: 'older', goExecutor: { id: 'set-labels', tags: ['v1'] }, podExecutor });
  configs.put('mine', { image: 'mine', goExecutor: { tags: ['v1'] } });
  configs.put('boxed', { image: 'boxed', goExecutor: undefined, podExecutor });
  start(configs);
  await vi.waitUntil(() => configs.errorOf('set-labels') === 'none', patience);
  await vi.waitUntil(() => configs.errorOf('mine') === 'goExecutor: no function "mine" is built in', patience);
  for (const name of ['boxed', 'older']) {
    await vi.waitUntil(() => configs.errorOf(name).startsWith('podExecutor: the server runs no containers'), patience);
  }
});

it('writes a status again that could not be written, and looks once at many changes at a time', async () => {
  const configs = new Configs();
  configs.failures = 2;
  for (let index = 0; index < 20; index++) configs.put('b');
  start(configs);
  for (let index = 0; index < 20; index++) configs.put('b');
  await vi.waitUntil(() => configs.errorOf('b') === 'none', patience);
  expect(configs.writes).toBe(3);
});

it('waits for the write that is under way when it is closed, and writes no other', async () => {
  const configs = new Configs();
  for (const name of ['a', 'b', 'c']) configs.put(name);
  const answer = Promise.withResolvers<void>();
  configs.answer = answer.promise;
  const controller = start(configs);
  await vi.waitUntil(() => configs.writes === 1, patience);
  const closed = controller.close();
  answer.resolve();
  await closed;
  expect(configs.writes).toBe(1);
  expect(configs.errorOf('a')).toBe('none');
});
