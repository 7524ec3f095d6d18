import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statusErrors } from '../meta/status.ts';
import { createDiscovery } from './discovery.ts';
import { trialDefinitions } from './trial-definitions.test-support.ts';

// KUBECTL may name several; discovery is the same to all of them.
const kubectl = process.env.KUBECTL?.split(':')[0] || 'kubectl';

/** Older ones need OpenAPI v2 in protobuf. */
const oldest = 29;

function usable(): boolean {
  try {
    const version = execFileSync(kubectl, ['version', '--client', '-o', 'json'], { encoding: 'utf8', stdio: 'pipe' });
    const minor = Number.parseInt(JSON.parse(version).clientVersion.minor, 10);
    if (minor >= oldest) return true;
    console.warn(`skipped: ${kubectl} is 1.${minor}, and 1.${oldest} is needed`);
  } catch (error) {
    console.warn(`skipped: no kubectl (name one with KUBECTL): ${String(error)}`);
  }
  return false;
}

/** What kubectl makes of discovery and OpenAPI; no object is ever served. */
describe.skipIf(!usable())('kubectl', () => {
  let home: string;
  let server: Server;
  const asked: string[] = [];

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'discovery-'));
    const discovery = createDiscovery({ definitions: trialDefinitions, version: 'v1.34.0-trial.0.1.0' });
    server = createServer(({ url, method, headers }, response) => {
      asked.push(`${method} ${url}`);
      const { pathname, searchParams } = new URL(url ?? '/', 'http://server');
      const answer = method === 'GET' ? discovery.answer({ path: pathname, query: searchParams, headers }) : undefined;
      if (answer !== undefined) response.writeHead(answer.status, answer.headers).end(answer.body);
      else {
        const { status } = statusErrors.genericNotFound();
        response.writeHead(404, { 'content-type': 'application/json' }).end(JSON.stringify(status));
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(home, { recursive: true });
  });

  async function run(...args: string[]): Promise<string> {
    const { port } = server.address() as AddressInfo;
    const { stdout } = await promisify(execFile)(kubectl, [`--server=http://127.0.0.1:${port}`, ...args], {
      env: { HOME: home, KUBECONFIG: '/dev/null', PATH: process.env.PATH },
    });
    return stdout;
  }

  it('lists the resources', async () => {
    const table = await run('api-resources', '--no-headers', '-o', 'wide');
    const rows = table
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/\s+/));
    expect(rows.map((r) => r[0])).toEqual(['namespaces', 'secrets', 'gadgets', 'widgets']);
    expect(rows[3]?.slice(0, 5)).toEqual(['widgets', 'wd', 'example.com/v1alpha1', 'true', 'Widget']);
    expect(rows[3]?.[5]).toBe('create,delete,deletecollection,get,list,patch,update,watch');
    expect((await run('api-versions')).split('\n').sort()).toEqual(['', 'example.com/v1alpha1', 'v1']);
  });

  it('explains every level', async () => {
    const kind = await run('explain', 'widgets');
    expect(kind).toMatch(/A widget, as a test has it\./);
    expect(kind).toMatch(/metadata\s+<ObjectMeta>/);
    const clone = await run('explain', 'wd.spec.tasks.clone');
    expect(clone).toMatch(
      /FIELD: clone <Object>[^]*Starts from another widget\.[^]*upstreamRef\s+<Object>[^]*Another widget/,
    );
    expect(await run('explain', 'widgets.spec.tasks.clone.upstreamRef.name')).toMatch(
      /FIELD: name <string>[^]*Name of the widget/,
    );
    const spec = await run('explain', 'widget.spec');
    for (const field of [/tasks\s+<\[\]Object>/, /files\s+<map\[string\]string>/, /count\s+<integer>/]) {
      expect(spec).toMatch(field);
    }
    expect(await run('explain', 'widgets.metadata.ownerReferences.uid')).toMatch(/UID of the owner/);
    expect(await run('explain', 'widgets.status.publishedAt')).toMatch(/When it was published/);
    expect(await run('explain', 'widgets', '--recursive')).toMatch(/upstreamRef/);
    expect(await run('explain', 'secret.data')).toMatch(/Values by key/);
  });

  it('tells the version', async () => {
    expect(JSON.parse(await run('version', '-o', 'json')).serverVersion).toMatchObject({ major: '1', minor: '34' });
  });

  it('leaves validation to the server', async () => {
    const manifest = join(home, 'widget.json');
    await writeFile(
      manifest,
      '{"apiVersion":"example.com/v1alpha1","kind":"Widget","metadata":{"name":"a"},"spec":{"nope":1}}',
    );
    asked.length = 0;
    await expect(run('create', '-f', manifest)).rejects.toThrow('the server could not find the requested resource');
    expect(asked).toContain(
      'POST /apis/example.com/v1alpha1/namespaces/default/widgets?fieldManager=kubectl-create&fieldValidation=Strict',
    );
    expect(asked.filter((line) => line.includes('/openapi/v2'))).toEqual([]);
  });
});
