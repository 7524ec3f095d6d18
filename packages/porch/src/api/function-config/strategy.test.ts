import { ageCell, fieldErrorMessage } from '@porch/apiserver';
import { describe, expect, it } from 'vitest';
import { functionRule } from '../../cache/function-rules.ts';
import type { FunctionConfig, FunctionConfigSpec } from '../../resources/function-config.ts';
import { requestContext } from '../request-context.test-support.ts';
import { functionConfigStatusStrategy, functionConfigStrategy as strategy } from './strategy.ts';
import { functionConfigTable } from './table.ts';

const context = requestContext();
const goExecutor = { tags: ['v1'] };

function config(spec: Partial<FunctionConfigSpec> = {}): FunctionConfig {
  const metadata = { name: 'set-labels', namespace: 'default', resourceVersion: '1' };
  return {
    apiVersion: 'config.porch.kpt.dev/v1alpha1',
    kind: 'FunctionConfig',
    metadata,
    spec: { image: 'set-labels', goExecutor, ...spec },
  };
}

const errors = (object: FunctionConfig) => (strategy.validate?.(context, object) ?? []).map(fieldErrorMessage);

describe('a FunctionConfig', () => {
  it('of any sort is accepted', () => {
    expect(errors(config())).toEqual([]);
    expect(
      errors(
        config({
          prefixes: ['', 'ghcr.io/kptdev/krm-functions-catalog', 'localhost:5000'],
          binaryExecutor: { path: 'bin/set-labels', tags: ['v0.2.2'] },
          podExecutor: { timeToLive: '30m', maxParallelExecutions: 2 },
          limits: { timeout: '1m30s', memory: '256Mi', output: '1M' },
        }),
      ),
    ).toEqual([]);
  });

  it.each<[string, Partial<FunctionConfigSpec>, string]>([
    ['a path for an image', { image: 'a/b' }, 'spec.image: Invalid value: "a/b"'],
    ['a tag in the image', { image: 'a:v1' }, 'spec.image'],
    ['a prefix with a slash at the end', { prefixes: ['', 'a.io/'] }, 'spec.prefixes[1]'],
    ['a tag that is none', { goExecutor: { tags: ['v1', '~1'] } }, 'spec.goExecutor.tags[1]'],
    ['a built-in function for no tags', { goExecutor: { tags: [] } }, 'spec.goExecutor.tags: Required value'],
    ['a program for no tags', { binaryExecutor: { path: 'a', tags: [] } }, 'spec.binaryExecutor.tags: Required value'],
    ['no runs at all', { podExecutor: { maxParallelExecutions: 0 } }, 'spec.podExecutor.maxParallelExecutions'],
    [
      'a queue of no length',
      { podExecutor: { preferredMaxQueueLength: 0 } },
      'spec.podExecutor.preferredMaxQueueLength',
    ],
    ['an absolute program', { binaryExecutor: { path: '/bin/sh', tags: ['v1'] } }, 'spec.binaryExecutor.path'],
    ['a program elsewhere', { binaryExecutor: { path: 'a/../../b', tags: ['v1'] } }, 'spec.binaryExecutor.path'],
    ['a duration that is none', { podExecutor: { timeToLive: 'long' } }, 'spec.podExecutor.timeToLive'],
    ['no time', { limits: { timeout: '0s' } }, 'spec.limits.timeout'],
    ['a unit that is none', { limits: { memory: '1ki' } }, 'spec.limits.memory'],
    ['no bytes', { limits: { output: '0Mi' } }, 'spec.limits.output'],
    ['a size that is none', { limits: { memory: 'much' } }, 'spec.limits.memory'],
    [
      'a memory that is none',
      { podExecutor: { templateOverrides: { container: { resources: { limits: { memory: 'x' } } } } } },
      'spec.podExecutor.templateOverrides.container.resources.limits[memory]',
    ],
    [
      'a variable that is none',
      { podExecutor: { templateOverrides: { container: { env: [{ name: 'A' }, { name: 'B C' }] } } } },
      'spec.podExecutor.templateOverrides.container.env[1].name: Invalid value: "B C"',
    ],
    [
      'a variable of several lines',
      { podExecutor: { templateOverrides: { container: { env: [{ name: 'A', value: 'a\nb' }] } } } },
      'spec.podExecutor.templateOverrides.container.env[0].value: Forbidden: must be a single line',
    ],
  ])('with %s is refused', (_, spec, message) => {
    expect(errors(config(spec))).toEqual([expect.stringContaining(message)]);
  });

  it('without an executor is refused', () => {
    const object = config();
    delete object.spec.goExecutor;
    expect(errors(object)).toEqual([
      expect.stringContaining('at least one of podExecutor, binaryExecutor and goExecutor must be specified'),
    ]);
  });

  it('that was accepted once can still be changed', () => {
    const old = config({ image: 'a/b' });
    expect(strategy.validateUpdate?.(context, structuredClone(old), old)).toEqual([]);
    expect(strategy.validateUpdate?.(context, { ...old, spec: { ...old.spec, prefixes: ['/'] } }, old)).toHaveLength(1);
  });

  it('begins without a status, whatever a client says', () => {
    const object = { ...config(), status: { error: 'mine' } };
    strategy.prepareForCreate?.(context, object);
    expect(object).toEqual(config());
  });

  it('keeps its status from other writes, and its spec and metadata from writes of the status', () => {
    const old = { ...config(), status: { apiServerObservedGeneration: 1 } };
    const object = { ...config({ image: 'other' }), status: { error: 'mine' } };
    const status = structuredClone(object);
    strategy.prepareForUpdate?.(context, object, old);
    expect(object.status).toEqual(old.status);
    status.metadata.labels = { a: 'b' };
    functionConfigStatusStrategy.prepareForStatusUpdate?.(context, status, old);
    expect(status).toEqual({ ...old, status: { error: 'mine' } });
  });

  it('shows in a table what runs which tags', () => {
    const object = { ...config({ podExecutor: { tags: ['v1', 'v2'] } }), status: { error: 'none' } };
    expect(functionConfigTable.cells(object)).toEqual(['set-labels', 'set-labels', 'go,pod', 'v1,v2', 'none', ageCell]);
  });
});

it('a FunctionConfig becomes a rule', () => {
  const object = config({
    prefixes: ['', 'a.io'],
    goExecutor: { id: 'other', tags: ['v1'] },
    binaryExecutor: { path: 'x', tags: ['v2'] },
    podExecutor: {
      tags: ['v3'],
      maxParallelExecutions: 2,
      templateOverrides: {
        container: { resources: { limits: { memory: '64Mi' } }, env: [{ name: 'A', value: 'b' }, { name: 'C' }] },
      },
    },
    limits: { timeout: '5s', output: '1Ki' },
  });
  expect(functionRule(object, 'p.io/fn')).toEqual({
    owner: 'default/set-labels',
    image: 'set-labels',
    prefixes: ['p.io/fn', 'a.io'],
    builtIn: { name: 'other', tags: ['v1'] },
    program: { path: 'x', tags: ['v2'] },
    container: { tags: ['v3'], environment: { A: 'b', C: '' } },
    maxParallel: 2,
    limits: { timeoutMs: 5000, memoryBytes: 64 << 20, outputBytes: 1024 },
  });
  // Timers go off at once where they are to wait for longer.
  expect(functionRule(config({ limits: { timeout: '1000h' } }), '').limits).toEqual({ timeoutMs: 2 ** 31 - 1 });
  expect(functionRule(config({ limits: { memory: '1G' } }), '')).toEqual({
    owner: 'default/set-labels',
    image: 'set-labels',
    prefixes: [],
    builtIn: { name: 'set-labels', tags: ['v1'] },
    limits: { memoryBytes: 1e9 },
  });
});
