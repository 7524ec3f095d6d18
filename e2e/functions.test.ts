import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority } from '@porch/apiserver';
import { connectFunctionRunner, defaultRunLimits } from '@porch/kpt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from './harness/api-client.ts';
import { eventually, eventuallyHolds } from './harness/eventually.ts';
import { freePorts } from './harness/free-ports.ts';
import { expectStatus } from './harness/packages.ts';
import { PorchProcess, runPorch } from './harness/server-process.ts';
import { startWorld, type World } from './harness/world.ts';

const functionConfigsPath = '/apis/config.porch.kpt.dev/v1alpha1/namespaces/default/functionconfigs';
const pushAnnotation = 'porch.kpt.dev/push-on-render-failure';
const initTask = { type: 'init', init: { description: 'A package for tests' } };
const configMap = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings # kept\ndata:\n  value: "plain"\n';
const script = `source: |
        for r in ctx.resource_list["items"]:
          if r["kind"] == "ConfigMap" and r["metadata"]["name"] == "settings":
            r["data"]["script"] = "ran"`;

let directory: string;
let runner: PorchProcess;
let address: string;
let world: World;

async function startRunner(listen: string): Promise<void> {
  const args = ['--function-executables', join(directory, 'table'), '--listen', listen];
  runner = new PorchProcess(['function-runner', ...args], { cwd: directory });
  [, address = ''] = await runner.printed(/function runner at (\S+)/);
}

/** Ends the runner as a crash would. */
async function killRunner(): Promise<void> {
  runner.child.kill('SIGKILL');
  await runner.exited;
}

function program(name: string, body: string): string {
  const file = join(directory, name);
  writeFileSync(file, `#!/bin/sh\nPATH=/usr/bin:/bin\n${body}\n`);
  chmodSync(file, 0o755);
  return file;
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'porch-functions-'));
  const shout = program('shout', `sed 's/"plain"/"LOUD"/'`);
  const hang = program('hang', 'exec sleep 1000');
  writeFileSync(join(directory, 'table'), `shout:v1 ${shout}\nhang ${hang}\n`);
  // It comes back to it.
  const [port] = await freePorts(1);
  await startRunner(`127.0.0.1:${port}`);
  world = await startWorld({ porch: { flags: ['--function-runner', address] } });
  await world.addRepository('fns');
});

afterAll(async () => {
  try {
    await world?.close();
  } finally {
    await killRunner();
    rmSync(directory, { recursive: true });
  }
});

let count = 0;

/** A new draft, with or without annotations. */
async function draft(annotations: Record<string, string> = {}): Promise<string> {
  count += 1;
  const created = await world.packages.create({
    repository: 'fns',
    packageName: `pkg-${count}`,
    workspaceName: 'v1',
    task: initTask,
    metadata: { annotations },
  });
  return expectStatus(created, 201).metadata.name;
}

/** Puts a pipeline and a resource into a draft. */
function update(name: string, mutators: string, annotation = '') {
  return world.packages.replaceResources(name, (files) => {
    const kptfile = files.Kptfile ?? '';
    files.Kptfile = `${kptfile.replace('  annotations:\n', `  annotations:\n${annotation}`)}pipeline:\n  mutators:\n${mutators}`;
    files['settings.yaml'] = configMap;
  });
}

async function files(name: string): Promise<Record<string, string>> {
  return expectStatus(await world.packages.resources(name), 200).spec.resources;
}

const config = (name: string, spec: Json) => ({
  apiVersion: 'config.porch.kpt.dev/v1alpha1',
  kind: 'FunctionConfig',
  metadata: { name },
  spec,
});

const images = (object: Json) => object.status.renderStatus.result.items.map(({ image }: Json) => image);

describe('functions', () => {
  it('that are built in run in the server', async () => {
    const name = await draft();
    const updated = expectStatus(
      await update(
        name,
        `  - image: starlark:v0.4.3
    configMap:
      ${script}
  - image: set-namespace:v0.4.1
    configMap: {namespace: somewhere}
`,
      ),
      200,
    );
    expect(images(updated)).toEqual([
      'ghcr.io/kptdev/krm-functions-catalog/starlark:v0.4.3',
      'ghcr.io/kptdev/krm-functions-catalog/set-namespace:v0.4.1',
    ]);
    const { 'settings.yaml': settings } = await files(name);
    expect(settings).toContain('script: ran');
    expect(settings).toContain('namespace: somewhere');
  });

  it('that are programs run in the function runner, beside those that are built in', async () => {
    const name = await draft();
    const updated = expectStatus(
      await update(
        name,
        `  - image: example.io/fn/shout:v1
  - image: starlark:v0.3.0
    configMap:
      ${script}
  - image: set-annotations:v0.1.4
    configMap: {by: functions}
`,
      ),
      200,
    );
    expect(updated.status.renderStatus.result.items).toHaveLength(3);
    const { 'settings.yaml': settings } = await files(name);
    expect(settings).toContain('name: settings # kept\n');
    expect(settings).toContain('value: "LOUD"');
    expect(settings).toContain('script: ran');
    expect(settings).toContain('by: functions');
  });

  it('that nobody knows fail the update, and nothing else', async () => {
    const name = await draft();
    const refused = expectStatus(await update(name, '  - image: example.io/fn/nobody:v1\n'), 400);
    expect(refused.message).toContain('function "example.io/fn/nobody:v1" is unknown');
    expect(await files(name)).not.toHaveProperty('settings.yaml');
  });

  it('that hang are ended, while others are rendered', async () => {
    // Of this one alone: others may take longer on a machine under load.
    const where = { prefixes: ['example.io/fn'], podExecutor: { tags: ['v1'] } };
    const spec = { image: 'hang', ...where, limits: { timeout: '2s' } };
    expectStatus(await world.porch.http('POST', functionConfigsPath, config('hang', spec)), 201);
    const [hanging, other] = [await draft(), await draft()];
    const refused = update(hanging, '  - image: example.io/fn/hang:v1\n');
    expectStatus(await update(other, '  - image: set-labels:v0.2\n    configMap: {a: b}\n'), 200);
    expect(expectStatus(await refused, 400).message).toContain('it was ended: it took more than 2 s');
  });

  it('of a runner that was killed run again when it is back', async () => {
    const name = await draft();
    await killRunner();
    await startRunner(address);
    expectStatus(await update(name, '  - image: example.io/fn/shout:v1\n'), 200);
    expect((await files(name))['settings.yaml']).toContain('"LOUD"');
  });

  it('are the same when a runner stops gracefully and another takes its place', async () => {
    runner.child.kill('SIGTERM');
    expect((await runner.exited).code).toBe(0);
    await startRunner(address);
    const name = await draft();
    expectStatus(await update(name, '  - image: example.io/fn/shout:v1\n'), 200);
  });
});

/** What another runner, started with these arguments, answers to a caller that allows a function what is usual. */
async function answerOf(image: string, args: readonly string[]): Promise<unknown> {
  const other = new PorchProcess(['function-runner', ...args, '--listen', '127.0.0.1:0'], { cwd: directory });
  try {
    const [, place = ''] = await other.printed(/function runner at (\S+)/);
    const client = await connectFunctionRunner({ address: place });
    const resourceList = Buffer.from('kind: ResourceList\nitems: []\n');
    const { signal } = new AbortController();
    try {
      return await client.evaluate({ image, resourceList, limits: defaultRunLimits, signal });
    } finally {
      await client.close();
    }
  } finally {
    other.child.kill('SIGKILL');
    await other.exited;
  }
}

it('a runner with little memory for functions still has enough for its threads', async () => {
  expect(await answerOf('no-op', ['--function-memory', '1'])).toMatchObject({ exitCode: 0 });
});

it('a runner ends functions at its own limit, whatever its caller allows', async () => {
  const args = ['--function-executables', join(directory, 'table'), '--function-timeout', '2s'];
  expect(await answerOf('hang', args)).toMatchObject({ exitCode: 1, stderr: 'it was ended: it took more than 2 s' });
});

describe('a runner with a certificate', () => {
  it.each([
    ['127.0.0.1', 'localhost'],
    ['localhost', '127.0.0.1'],
  ])('for %s serves those who can check that, and nobody else', async (host, other) => {
    const [ours, others] = [await createAuthority({ name: 'ours' }), await createAuthority({ name: 'others' })];
    const { certificate, key } = await ours.issueServerCertificate({ hosts: [host] });
    writeFileSync(join(directory, 'tls.crt'), certificate);
    writeFileSync(join(directory, 'tls.key'), key);
    const args = ['--tls-cert-file', 'tls.crt', '--tls-private-key-file', 'tls.key', '--listen', '127.0.0.1:0'];
    const secure = new PorchProcess(['function-runner', ...args], { cwd: directory });
    try {
      const [, port = ''] = await secure.printed(/function runner at \S+:(\d+)/);
      const call = async (connectTimeoutMs: number, ca?: string, name = host) => {
        const client = await connectFunctionRunner({
          address: `${name}:${port}`,
          connectTimeoutMs,
          ...(ca && { ca: Buffer.from(ca) }),
        });
        const { signal } = new AbortController();
        const resourceList = Buffer.from(
          `kind: ResourceList\nitems:\n- ${configMap.replaceAll('\n', '\n  ').trimEnd()}\n`,
        );
        try {
          const outcome = await client.evaluate({ image: 'no-op', resourceList, limits: defaultRunLimits, signal });
          return Buffer.from(outcome?.resourceList ?? []).toString();
        } catch (error) {
          return String(error);
        } finally {
          await client.close();
        }
      };
      expect(await call(10_000, ours.certificate)).toContain('name: settings # kept');
      // On a machine under load a call may be given up before it is known why there is no connection.
      const refused = (said: RegExp, ...how: [ca?: string, name?: string]) =>
        eventuallyHolds(async () => expect(await call(500, ...how)).toMatch(said));
      await refused(/cannot be reached: .*cert/, ours.certificate, other);
      await refused(/cannot be reached: .*certificate/, others.certificate);
      await refused(/cannot be reached: Failed to connect; if it encrypts, its certificate authority must be named/);
    } finally {
      secure.child.kill('SIGKILL');
      await secure.exited;
    }
  });
});

it('a runner without a certificate is told from one that cannot be reached', async () => {
  const { certificate } = await createAuthority({ name: 'ours' });
  const client = await connectFunctionRunner({ address, connectTimeoutMs: 500, ca: Buffer.from(certificate) });
  try {
    const reason = `the function runner at ${address} cannot be reached: it does not encrypt, though a certificate of it is wanted`;
    await eventuallyHolds(async () => expect(await client.check()).toEqual({ serving: false, reason }));
  } finally {
    await client.close();
  }
});

describe('what is no certificate', () => {
  it.each([
    [['function-runner', '--tls-cert-file', 'table', '--tls-private-key-file', 'table'], '--tls-private-key-file'],
    [
      ['serve', '--function-runner', '127.0.0.1:9445', '--function-runner-ca-file', 'table'],
      '--function-runner-ca-file',
    ],
  ])('%j is refused', async (args, flag) => {
    const { code, stdout, stderr } = await runPorch([...args, '--listen', '127.0.0.1:0'], directory);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^porch: .*${flag}[^\n]*\n$`));
  });
});

describe('FunctionConfigs', () => {
  const mutator = '  - image: example.io/fn/my-labels\n    tag: ~1.0\n    configMap: {a: b}\n';

  it('name images, tags and what runs them, until they are gone', async () => {
    const name = await draft();
    expect(expectStatus(await update(name, mutator), 400).message).toContain(
      'no tag of function "my-labels" is in the range "~1.0": none is known',
    );
    const spec = {
      image: 'my-labels',
      prefixes: ['example.io/fn'],
      goExecutor: { id: 'set-labels', tags: ['v1.0.1', 'v1.0.3', 'v1.1.0'] },
    };
    expectStatus(await world.porch.http('POST', functionConfigsPath, config('my-labels', spec)), 201);
    expect(images(expectStatus(await update(name, mutator), 200))).toEqual(['example.io/fn/my-labels:v1.0.3']);
    const elsewhere = expectStatus(await update(await draft(), mutator.replace('example.io', 'example.org')), 400);
    expect(elsewhere.message).toContain('is unknown');
    await eventually('the status', async () => {
      const { status } = expectStatus(await world.porch.http('GET', `${functionConfigsPath}/my-labels`), 200);
      return status?.apiServerObservedGeneration === 1 ? status : undefined;
    });
    expectStatus(await world.porch.http('DELETE', `${functionConfigsPath}/my-labels`), 200);
    expect(expectStatus(await update(await draft(), mutator), 400).message).toContain('none is known');
  });

  it('send a function that is built in to the runner, whose results stay', async () => {
    const spec = { image: 'set-image', podExecutor: { tags: ['v0.1.1'] } };
    expectStatus(await world.porch.http('POST', functionConfigsPath, config('set-image', spec)), 201);
    const refused = expectStatus(await update(await draft(), '  - image: set-image:v0.1.1\n'), 400);
    expect(refused.details.causes).toEqual([
      expect.objectContaining({ message: 'invalid FunctionConfig: must specify `name`' }),
    ]);
  });

  it('are checked', async () => {
    const wrong = config('wrong', { image: 'a/b', limits: { timeout: 'soon' } });
    const { details } = expectStatus(await world.porch.http('POST', functionConfigsPath, wrong), 400);
    expect(details.causes.map(({ field }: Json) => field)).toEqual(['spec.image', 'spec', 'spec.limits.timeout']);
  });
});

describe('a render that fails', () => {
  const mutators = '  - image: set-labels:v0.2\n    configMap: {a: b}\n  - image: set-enforcement-action\n';
  const renderStatus = async (name: string) =>
    expectStatus(await world.packages.resources(name), 200).status.renderStatus;

  it('changes nothing', async () => {
    const name = await draft();
    const before = await files(name);
    const refused = expectStatus(await update(name, mutators), 400);
    expect(refused.message).toContain('Package NOT pushed to remote');
    expect(refused.details.causes.length).toBeGreaterThan(0);
    expect(await files(name)).toEqual(before);
  });

  it('keeps the files as they were sent where the draft asks for that', async () => {
    const name = await draft({ [pushAnnotation]: 'true' });
    const refused = expectStatus(await update(name, mutators), 400);
    expect(refused.message).toContain('Package pushed to remote despite render failure');
    const stored = await files(name);
    expect(stored['settings.yaml']).toBe(configMap);
    expect(stored.Kptfile).toContain('reason: RenderFailed');
    expect(await renderStatus(name)).toMatchObject({
      error: expect.stringContaining('set-enforcement-action'),
      result: { exitCode: 1, items: [{ exitCode: 0 }, { exitCode: 1 }] },
    });
  });

  it('keeps what was rendered before it where the Kptfile asks for that too', async () => {
    const name = await draft({ [pushAnnotation]: 'true' });
    expectStatus(await update(name, mutators, '    kpt.dev/save-on-render-failure: "true"\n'), 400);
    expect((await files(name))['settings.yaml']).toContain('a: b');
  });

  it('is forgotten when the next one succeeds', async () => {
    const name = await draft({ [pushAnnotation]: 'true' });
    expectStatus(await update(name, mutators), 400);
    const fixed = await world.packages.replaceResources(name, (all) => {
      all.Kptfile = (all.Kptfile ?? '').replace('  - image: set-enforcement-action\n', '');
    });
    expect(expectStatus(fixed, 200).status.renderStatus).toMatchObject({ error: '', result: { exitCode: 0 } });
    expect(await renderStatus(name)).toMatchObject({ error: '', result: { exitCode: 0 } });
    expect((await files(name)).Kptfile).toContain('reason: RenderSuccess');
  });
});
