import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FunctionWorkers, PackageJob, PackageWorkers } from '../../pipeline/job.ts';
import { createPackageWorkers } from '../../pipeline/workers.ts';
import { createBuiltInEvaluator } from '../built-in-evaluator.ts';
import { defaultRunLimits, type FunctionEvaluator } from '../evaluator.ts';
import { FunctionRunner } from './function-runner.ts';
import { GrpcEvaluator, type RunnerState } from './grpc-evaluator.ts';
import { request } from './request.test-support.ts';

const megabyte = 1 << 20;
/** Runs the functions that the runner serves. */
let served: FunctionWorkers;
/** Renders, without built-in functions of its own. */
let workers: PackageWorkers;
let runner: FunctionRunner;
let client: GrpcEvaluator;
let port: number;
const states: RunnerState['serving'][] = [];

async function startRunner(address = '127.0.0.1:0', evaluator: FunctionEvaluator = createBuiltInEvaluator(served)) {
  runner = new FunctionRunner({ evaluator, address, limits: defaultRunLimits, maxMessageBytes: megabyte, mostRuns: 8 });
  port = await runner.listen();
}

beforeAll(() => {
  served = createPackageWorkers({ threads: 1 });
});

beforeEach(async () => {
  await startRunner();
  states.length = 0;
  client = new GrpcEvaluator({
    address: `127.0.0.1:${port}`,
    maxMessageBytes: megabyte,
    connectTimeoutMs: 10_000,
    onChange: ({ serving }) => states.push(serving),
  });
  workers = createPackageWorkers({ threads: 1, evaluator: client, functionLimits: { ...defaultRunLimits } });
});

afterEach(async () => {
  await workers.close();
  await client.close();
  await runner.close(0);
});

afterAll(() => served.close());

function job(mutators: string, files: Record<string, string> = {}): PackageJob {
  const kptfile = `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p # mine\npipeline:\n  mutators:\n${mutators}`;
  return {
    files: new Map(Object.entries({ Kptfile: kptfile, ...files })),
    steps: [{ type: 'render' }],
    render: { defaultImagePrefix: 'r.io/fn', builtIn: false },
  };
}

const deployment = `# a workload
apiVersion: apps/v1
kind: Deployment
metadata:   {name: d}   # odd
spec:
  replicas: 3 # kpt-set: \${n}
  template: {}
`;

describe('functions of a runner', () => {
  it('do what they do as part of the program, byte by byte', async () => {
    const mutators = `  - image: set-labels:v0.2
    configMap: {a: b}
    selectors: [{kind: Deployment}]
  - image: apply-setters
    configMap: {n: "5"}
`;
    const remote = job(mutators, { 'd.yaml': deployment });
    const [far, near] = [
      await workers.run(remote),
      await workers.run({ ...remote, render: { ...remote.render, builtIn: true } }),
    ];
    expect(far.render?.error).toBeUndefined();
    expect(far.files.get('d.yaml')).toContain('replicas: 5 # kpt-set: ${n}');
    expect(far.files.get('d.yaml')).toContain('# a workload\n');
    expect([...far.files]).toEqual([...near.files]);
    expect(far.render?.result).toEqual(near.render?.result);
  });

  it('make new objects, which get files of their own', async () => {
    const config = 'apiVersion: v1\nkind: Service\nmetadata:\n  name: new\n';
    const { files } = await workers.run(
      job('  - image: upsert-resource\n    configPath: s.yaml\n    selectors: [{kind: Deployment}]\n', {
        's.yaml': config,
        'd.yaml': deployment,
      }),
    );
    expect(files.get('service_new.yaml')).toBe(config);
    expect(files.get('d.yaml')).toBe(deployment);
  });

  it('fail with what they reported', async () => {
    const { render, files } = await workers.run(job('  - image: set-image\n', { 'd.yaml': deployment }));
    expect(render?.error).toMatch(
      /^pkg.render: pkg .:\n\tpipeline.run: function "r.io\/fn\/set-image:latest" failed: /,
    );
    expect(render?.result.items?.[0]).toMatchObject({
      exitCode: 1,
      results: [{ severity: 'error', message: 'invalid FunctionConfig: must specify `name`' }, { severity: 'info' }],
    });
    expect(files.get('d.yaml')).toBe(deployment);
  });

  it('are unknown where the runner does not know them', async () => {
    const { render } = await workers.run(job('  - image: nobody\n'));
    expect(render?.error).toContain('function "r.io/fn/nobody:latest" is unknown');
    expect(render?.error).toContain('function runner');
  });
});

describe('a function that', () => {
  it('hangs is given up, alone', async () => {
    const slow = createPackageWorkers({
      threads: 1,
      evaluator: client,
      functionLimits: { ...defaultRunLimits, timeoutMs: 300 },
    });
    try {
      const hanging = slow.run(job('  - image: sleep\n    configMap: {duration: 20s}\n'));
      const quick = job('  - image: set-labels\n    configMap: {a: b}\n');
      // The only thread is free for others meanwhile.
      const other = await slow.run({ ...quick, render: { ...quick.render, builtIn: true } });
      expect(other.render?.error).toBeUndefined();
      expect((await hanging).render?.error).toContain(
        'function "r.io/fn/sleep:latest": it was ended: it took more than 0.3 s',
      );
    } finally {
      await slow.close();
    }
  });

  it('floods fails with the limit it met, and so does input that is too large', async () => {
    await runner.close(0);
    const flood: FunctionEvaluator = {
      name: 'flood',
      evaluate: async () => ({ resourceList: Buffer.alloc(2 * megabyte, 'x'), exitCode: 0, stderr: '' }),
      close: async () => undefined,
    };
    await startRunner(`127.0.0.1:${port}`, flood);
    const { render } = await workers.run(job('  - image: flood\n'));
    expect(render?.error).toMatch(
      /function "r.io\/fn\/flood:latest": more was sent or answered than the 1048576 bytes/,
    );
    const large = `${deployment}  # ${'x'.repeat(2 * megabyte)}\n`;
    const second = await workers.run(job('  - image: flood\n', { 'd.yaml': large }));
    expect(second.render?.error).toContain('the 1048576 bytes of a message');
  });

  it('says a lot and fails keeps its results, and the beginning and the end of what it said', async () => {
    await runner.close(0);
    const results = 'kind: ResourceList\nitems: []\nresults: [{message: it is wrong, severity: error}]\n';
    await startRunner(`127.0.0.1:${port}`, {
      name: 'verbose',
      evaluate: async () => ({
        resourceList: Buffer.from(results),
        exitCode: 1,
        stderr: `begins ${'x'.repeat(50_000)} the reason`,
      }),
      close: async () => undefined,
    });
    const { render } = await workers.run(job('  - image: verbose\n'));
    expect(render?.result.items?.[0]).toMatchObject({
      stderr: expect.stringMatching(/^begins x+\n\[\d+ bytes left out\]\nx+ the reason$/),
      results: [{ message: 'it is wrong' }],
    });
  });

  const [head, tail] = ['kind: ResourceList\nitems: [{apiVersion: v1, kind: A, metadata: {name: a}, x: "', '"}]\n'];
  const notUtf8 = Buffer.concat([Buffer.from(head), Buffer.from([0xff, 0xc3]), Buffer.from(tail)]);

  it('is given what is no UTF-8 fails, rather than to make something else of it', async () => {
    const { exitCode, stderr } = (await client.evaluate(request('no-op', { resourceList: notUtf8 }))) ?? {};
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: 'what the function was given cannot be used: it is no UTF-8',
    });
  });

  it.each([
    ['is no UTF-8', notUtf8, 'what it printed cannot be used: it is no UTF-8'],
    ['is no YAML', 'a: [', 'what it printed cannot be used: it is no YAML'],
    ['is no list', 'kind: Pod', 'what it printed cannot be used: it is no ResourceList'],
    ['holds what is no resource', 'kind: ResourceList\nitems: [{a: b}]', 'must contain only KRM resources'],
    [
      'leaves the package',
      'kind: ResourceList\nitems: [{apiVersion: v1, kind: A, metadata: {name: a, annotations: {config.kubernetes.io/path: ../a.yaml}}}]',
      'outside of package',
    ],
  ])('prints what %s fails', async (_, printed, message) => {
    await runner.close(0);
    await startRunner(`127.0.0.1:${port}`, {
      name: 'odd',
      evaluate: async () => ({ resourceList: Buffer.from(printed), exitCode: 0, stderr: '' }),
      close: async () => undefined,
    });
    expect((await workers.run(job('  - image: odd\n'))).render?.error).toContain(message);
  });
});

describe('a runner', () => {
  const labels = job('  - image: set-labels\n    configMap: {a: b}\n');

  it('that comes back is used again', async () => {
    expect((await workers.run(labels)).render?.error).toBeUndefined();
    await runner.close(0);
    const render = workers.run(labels);
    await startRunner(`127.0.0.1:${port}`);
    expect((await render).render?.error).toBeUndefined();
  });

  it('that is gone fails the render with its address', async () => {
    await runner.close(0);
    const hasty = new GrpcEvaluator({ address: `127.0.0.1:${port}`, connectTimeoutMs: 1000 });
    const impatient = createPackageWorkers({ threads: 1, evaluator: hasty });
    try {
      expect((await impatient.run(labels)).render?.error).toContain(
        `the function runner at 127.0.0.1:${port} cannot be reached: connect ECONNREFUSED`,
      );
      expect(await hasty.check()).toMatchObject({ serving: false });
    } finally {
      await impatient.close();
      await hasty.close();
    }
  });

  it('whose connection leads nowhere any more is asked by another one, and calls under way go on', async () => {
    const answer = Promise.withResolvers<void>();
    const called = Promise.withResolvers<void>();
    await runner.close(0);
    await startRunner(`127.0.0.1:${port}`, {
      name: 'slow',
      async evaluate() {
        called.resolve();
        await answer.promise;
        return { resourceList: Buffer.from('done'), exitCode: 0, stderr: '' };
      },
      close: async () => undefined,
    });
    const ends: (readonly [Socket, Socket])[] = [];
    const proxy = createServer((near) => {
      const far = connect(port, '127.0.0.1');
      for (const [from, to] of [[near, far] as const, [far, near] as const]) {
        from.on('error', () => to.destroy()).on('close', () => to.destroy());
        from.pipe(to);
      }
      ends.push([near, far]);
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const distant = new GrpcEvaluator({ address: `127.0.0.1:${(proxy.address() as AddressInfo).port}` });
    try {
      const { signal } = new AbortController();
      const call = distant.evaluate({ image: 'f', resourceList: Buffer.alloc(0), limits: defaultRunLimits, signal });
      await called.promise;
      for (const [near, far] of ends) far.unpipe(near).pause();
      expect(await distant.check()).toMatchObject({
        serving: false,
        reason: expect.stringContaining('does not answer'),
      });
      expect(await distant.check()).toEqual({ serving: true });
      for (const [near, far] of ends) far.pipe(near);
      answer.resolve();
      expect(Buffer.from((await call)?.resourceList ?? []).toString()).toBe('done');
    } finally {
      await distant.close();
      proxy.close();
      for (const sockets of ends) for (const socket of sockets) socket.destroy();
    }
  });

  it('that takes connections and never answers holds no call for longer than that is waited for', async () => {
    const sockets = new Set<Socket>();
    const accepted = Promise.withResolvers<void>();
    const deaf = createServer((socket) => {
      sockets.add(socket.on('error', () => undefined).resume());
      accepted.resolve();
    }).listen(0, '127.0.0.1');
    await once(deaf, 'listening');
    const address = `127.0.0.1:${(deaf.address() as AddressInfo).port}`;
    const patient = new GrpcEvaluator({ address, connectTimeoutMs: 600_000 });
    const call = (timeoutMs: number, signal = new AbortController().signal) =>
      patient.evaluate({
        image: 'f',
        resourceList: Buffer.alloc(0),
        limits: { ...defaultRunLimits, timeoutMs },
        signal,
      });
    const begun = vi.spyOn(globalThis, 'setTimeout');
    const ended = vi.spyOn(globalThis, 'clearTimeout');
    /** Timers of calls that may take so long; the library has its own. */
    const waiting = () => {
      const handles = new Set<unknown>(ended.mock.calls.map(([handle]) => handle));
      const long = begun.mock.results.filter(
        (_, index) => Math.abs(Number(begun.mock.calls[index]?.[1]) - 600_000) < 60_000,
      );
      return long.filter(({ value }) => !handles.has(value)).length;
    };
    try {
      const stop = new AbortController();
      const given = call(600_000, stop.signal);
      await accepted.promise;
      expect(waiting()).toBeGreaterThan(0);
      stop.abort(new Error('given up'));
      await expect(given).rejects.toThrow('given up');
      await expect(call(600_000, stop.signal)).rejects.toThrow('given up');
      await expect(call(50)).rejects.toThrow(`the function runner at ${address} cannot be reached: it does not answer`);
      expect(waiting()).toBe(0);
      const closed = call(600_000);
      await patient.close();
      await expect(closed).rejects.toThrow('cannot be reached: the connection is closed');
      expect([waiting(), sockets.size]).toEqual([0, 1]);
    } finally {
      vi.restoreAllMocks();
      await patient.close();
      for (const socket of sockets) socket.destroy();
      deaf.close();
    }
  });

  it('stops though somebody is connected who says nothing, and does not hear that it ends', async () => {
    const silent = connect(port, '127.0.0.1');
    await once(silent, 'connect');
    expect(await client.check()).toEqual({ serving: true });
    await runner.close(1_000_000_000);
    silent.destroy();
  });

  it('stops at the end of the time of grace though somebody has begun to speak, and does not hear that it ends', async () => {
    const begun = connect(port, '127.0.0.1');
    await once(begun, 'connect');
    begun.write('PRI * HTTP/2.0\r\n\r\n');
    expect(await client.check()).toEqual({ serving: true });
    await runner.close(100);
    begun.destroy();
  });

  it('waits for what runs when it stops, and says that it takes nothing more', async () => {
    const begun = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    await runner.close(0);
    await startRunner(`127.0.0.1:${port}`, {
      name: 'slow',
      async evaluate({ resourceList }) {
        begun.resolve();
        await goOn.promise;
        return { resourceList, exitCode: 0, stderr: 'a log' };
      },
      close: async () => undefined,
    });
    expect(await client.check()).toEqual({ serving: true });
    const render = workers.run(labels);
    await begun.promise;
    const closed = runner.close(60_000);
    goOn.resolve();
    expect((await render).render?.result.items).toMatchObject([{ exitCode: 0, stderr: 'a log' }]);
    await closed;
    expect(states[0]).toBe(true);
  });
});
