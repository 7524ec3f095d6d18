import { Session } from 'node:inspector/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { defaultRunLimits } from '../runtimes/evaluator.ts';
import { PackageError, type PackageJob } from './job.ts';
import { createPackageWorkers } from './workers.ts';

const render = { defaultImagePrefix: '' };
const init: PackageJob = {
  files: new Map(),
  steps: [
    { type: 'init', name: 'shop', description: 'A shop', keywords: [], site: '' },
    { type: 'metadata', merge: true, labels: { team: 'a' } },
    { type: 'render' },
  ],
  render,
};

/** A job that runs a Starlark script, perhaps several times. */
function scripted(source: string, times = 1): PackageJob {
  const script = { apiVersion: 'fn.kpt.dev/v1alpha1', kind: 'StarlarkRun', metadata: { name: 's' }, source };
  const pipeline = { mutators: Array.from({ length: times }, () => ({ image: 'starlark', configPath: 's.yaml' })) };
  const kptfile = { apiVersion: 'kpt.dev/v1', kind: 'Kptfile', metadata: { name: 'a' }, pipeline };
  const files = new Map([
    ['Kptfile', JSON.stringify(kptfile)],
    ['s.yaml', JSON.stringify(script)],
  ]);
  return { files, steps: [{ type: 'render' }], render };
}

describe('package workers', () => {
  const workers = createPackageWorkers({ threads: 1 });
  afterAll(() => workers.close());

  it('do the steps of a job on another thread', async () => {
    const { files, kptfile, render: outcome } = await workers.run(init);
    expect([...files.keys()]).toEqual(['Kptfile', 'README.md', 'package-context.yaml']);
    expect(kptfile).toMatchObject({
      name: 'shop',
      labels: { team: 'a' },
      conditions: [{ type: 'Rendered', status: 'True', reason: 'RenderSuccess' }],
    });
    expect(outcome?.result).toEqual({
      apiVersion: 'kpt.dev/v1',
      kind: 'FunctionResultList',
      metadata: { name: 'fnresults' },
      exitCode: 0,
    });
  });

  it('sum up Kptfiles in their order, unreadable ones with the reason', async () => {
    const kptfile = (name: string) => `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: ${name}\n`;
    const summaries = await workers.summarize([kptfile('a'), '{', kptfile('b')]);
    expect(summaries.map(({ name }) => name)).toEqual(['a', '', 'b']);
    expect(summaries.map(({ error }) => error !== undefined)).toEqual([false, true, false]);
    const reason = new Error('the client went away');
    await expect(workers.summarize([kptfile('a')], AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it('stop at a failed render', async () => {
    const { kptfile, render: outcome } = await workers.run({
      files: new Map([
        [
          'Kptfile',
          'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: a\npipeline:\n  mutators:\n  - image: nope\n',
        ],
      ]),
      steps: [{ type: 'render' }, { type: 'metadata', merge: true, labels: { never: 'set' } }],
      render,
    });
    expect(outcome?.error).toContain('function "nope:latest" is unknown');
    expect(kptfile.labels).toEqual({});
  });

  it('refuse with a PackageError that names the file', async () => {
    const job: PackageJob = { files: new Map(), steps: [{ type: 'replace', files: new Map([['../x', '']]) }], render };
    const error = await workers.run(job).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PackageError);
    expect(error).toMatchObject({ path: '../x', message: expect.stringContaining('is not allowed') });
  });

  it('give up a job that is aborted before it starts, and go on with the next', async () => {
    const controller = new AbortController();
    const first = workers.run(init);
    const second = workers.run(init, controller.signal);
    const third = workers.run(init);
    controller.abort(new Error('the client went away'));
    await expect(second).rejects.toThrow('the client went away');
    expect((await first).kptfile.name).toBe('shop');
    expect((await third).kptfile.name).toBe('shop');
  });
});

it('jobs come in turn, whoever has how many', async () => {
  // A slow machine takes long to start the thread; what runs for long does not wait for its turn.
  const workers = createPackageWorkers({ threads: 1, longAfterMs: 60_000 });
  const ended: string[] = [];
  const jobs = ['a', 'a', 'a', 'b'].map((whose) => workers.run({ ...init, whose }).then(() => void ended.push(whose)));
  await Promise.all(jobs);
  expect(ended).toEqual(['a', 'a', 'b', 'a']);
  await workers.close();
});

it('a job that runs for long holds up nobody else', async () => {
  const workers = createPackageWorkers({ threads: 1, longAfterMs: 10 });
  // All of them would take most of a minute: more than the others need, however slow the machine is for everybody.
  const script = 'def spin():\n  for i in range(40000000):\n    pass\nspin()\n';
  const controller = new AbortController();
  const long = workers.run(scripted(script, 50), controller.signal);
  const ended = long.then(
    () => 'the long one',
    (reason: unknown) => reason,
  );
  const quick = Array.from({ length: 3 }, () => workers.run(init));
  expect(await Promise.race([ended, Promise.all(quick).then(() => 'the quick ones')])).toBe('the quick ones');
  controller.abort('enough');
  expect(await ended).toBe('enough');
  await workers.close();
});

describe('a function whose answer is held back', () => {
  const sleeping = (duration: string): PackageJob => ({
    files: new Map([
      [
        'Kptfile',
        'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: a\npipeline:\n  mutators:\n' +
          `  - image: sleep:v0.1\n    configMap: {duration: ${duration}}\n`,
      ],
    ]),
    steps: [{ type: 'render' }],
    render,
  });

  it('holds up nobody else, and is given up with its job', async () => {
    const workers = createPackageWorkers({ threads: 1 });
    const controller = new AbortController();
    const first = workers.run(sleeping('1h'), controller.signal);
    expect((await workers.run(init)).kptfile.name).toBe('shop');
    expect((await workers.run(sleeping('1ms'))).render?.error).toBeUndefined();
    controller.abort(new Error('the client went away'));
    await expect(first).rejects.toThrow('the client went away');
    await workers.close();
  });

  it('fails its render when that takes longer than a function may', async () => {
    const functionLimits = { ...defaultRunLimits, timeoutMs: 20 };
    const workers = createPackageWorkers({ threads: 1, functionLimits });
    const message = 'it was ended: it took more than 0.02 s';
    expect((await workers.run(sleeping('1h'))).render?.error).toContain(`function "sleep:v0.1": ${message}`);
    const list = 'kind: ResourceList\nfunctionConfig: {apiVersion: v1, kind: ConfigMap, data: {duration: 1h}}\n';
    const request = { image: 'sleep', resourceList: Buffer.from(list), signal: new AbortController().signal };
    await expect(workers.evaluate({ ...request, limits: functionLimits })).rejects.toThrow(message);
    await workers.close();
  });
});

describe('a script that asks for more than its thread has', () => {
  const workers = createPackageWorkers({ threads: 1, memoryLimit: 128 });
  afterAll(() => workers.close());

  // V8 ends the whole process where it cannot make one large array or text: the script must have been stopped before.
  it.each([
    'x = ("a" * 20000000).split("a")',
    'x = ("a" * 20000000).replace("", "-")',
    'x = ("a " * 10000000).split()',
    'x = repr("\\0" * 20000000)',
    'load("encoding/yaml.star", "yaml")\nx = yaml.dumps("a\\n" * 3500000)',
    'x = ("%%" * 10000000) % ()',
    'ctx.resource_list["items"][0]["x"] = ": " * 10000000',
  ])('fails alone: %s', async (source) => {
    const { render: outcome } = await workers.run(scripted(source));
    expect(outcome?.error).toMatch(/the program took more than \d+ (bytes of memory|steps)/);
  });
});

it('fail the render of a package whose function makes a text that is too large to be printed', async () => {
  const workers = createPackageWorkers({ threads: 1 });
  const source = '"for r in ctx.resource_list[\\"items\\"]:\\n  r[\\"data\\"] = {\\"x\\": \\"a\\" * 20000000}"';
  const object = (kind: string, more: string) => `kind: ${kind}\nmetadata:\n  name: a\n${more}`;
  const selected = `image: starlark, selectors: [{kind: ConfigMap}], configMap: {source: ${source}}`;
  const files = new Map([
    ['Kptfile', `apiVersion: kpt.dev/v1\n${object('Kptfile', `pipeline: {mutators: [{${selected}}]}\n`)}`],
    ['a.yaml', `apiVersion: v1\n${object('ConfigMap', '')}`],
  ]);
  try {
    const { render: outcome } = await workers.run({ files, steps: [{ type: 'render' }], render });
    expect(outcome?.error).toContain('function starlark: it made more than 8388608 characters');
  } finally {
    await workers.close();
  }
}, 60_000);

it('end a job that takes too long, alone', async () => {
  const workers = createPackageWorkers({ threads: 1, jobTimeout: 1 });
  // So much text that no machine is done within a millisecond.
  const text = Array.from({ length: 20_000 }, (_, index) => `k${index}: "${'x'.repeat(20)}" # c\n`).join('');
  const endless: PackageJob = {
    files: new Map([
      ['Kptfile', 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: a\n'],
      ['big.yaml', `apiVersion: v1\nkind: Big\nmetadata:\n  name: big\n${text}`],
    ]),
    steps: [{ type: 'render' }],
    render,
  };
  await expect(workers.run(endless)).rejects.toThrow(
    new PackageError('work on the package was ended: it took more than 0.001 s'),
  );
  await workers.close();
});

it('outlive a thread that fails while it has no job', async () => {
  const { promise: failure, resolve: onIdleFailure } = Promise.withResolvers<Error>();
  const workers = createPackageWorkers({ threads: 1, memoryLimit: 8, onIdleFailure });
  expect(await failure).toMatchObject({ code: 'ERR_WORKER_OUT_OF_MEMORY' });
  await workers.close();
});

it('load their module in a way that may be cut off at any time', async () => {
  const session = new Session();
  session.connect();
  const { promise: answer, resolve } = Promise.withResolvers<unknown>();
  session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => resolve(JSON.parse(params.message)));
  session.on('NodeWorker.attachedToWorker', ({ params: { sessionId } }) => {
    const expression = 'process.features.require_module';
    const message = JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression } });
    void session.post('NodeWorker.sendMessageToWorker', { sessionId, message });
  });
  await session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
  const workers = createPackageWorkers({ threads: 1 });
  try {
    // While a thread requires it, ending the thread ends the process.
    expect(await answer).toMatchObject({ result: { result: { type: 'boolean', value: false } } });
    await workers.run(init);
  } finally {
    session.disconnect();
    await workers.close();
  }
});
