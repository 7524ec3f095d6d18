import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from './harness/eventually.ts';
import { expectStatus, revisionsPath } from './harness/packages.ts';
import { type CollectedSpan, startTraceCollector, type TraceCollector } from './harness/trace-collector.ts';
import { startWorld, type World } from './harness/world.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, 'audit-id': 'the-audit-id' };

let collector: TraceCollector;
let world: World;
let spans: readonly CollectedSpan[];
let log: readonly Record<string, unknown>[];

beforeAll(async () => {
  collector = await startTraceCollector();
  const flags = [`--otlp-endpoint=${collector.url}`, '--log-format=json', '--log-level=debug'];
  world = await startWorld({ porch: { flags } });
  const { porch, packages } = world;
  const remote = await world.addRepository('repo');
  const { name } = expectStatus(
    await packages.create({ repository: 'repo', packageName: 'p', workspaceName: 'v1' }),
    201,
  ).metadata;
  await eventually('the draft in Git', () => remote.id('heads/drafts/p/v1'));
  const proposed = expectStatus(await packages.propose(name), 200);
  proposed.spec.lifecycle = 'Published';
  expectStatus(await porch.http('PUT', `${revisionsPath}/${name}/approval`, proposed, headers), 200);
  expectStatus(await porch.http('GET', `${revisionsPath}/none`, undefined, headers), 404);
  await porch.stop();
  spans = collector.spans;
  log = porch.output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
});
afterAll(async () => {
  await world?.close();
  await collector?.close();
});

/** The names from a span up to the request that it is part of. */
function path(span: CollectedSpan): string[] {
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
  return [span.name, ...(parent === undefined ? [] : path(parent))];
}

it('a publication is followed from the request through the engine to Git and the store', () => {
  const paths = spans.filter((span) => span.traceId === traceId).map((span) => path(span).join(' < '));
  const request = 'PUT packagerevisions/approval';
  expect(paths).toContain(request);
  expect(paths).toContain(`engine publish < ${request}`);
  expect(paths).toContain(`git write-commits < engine publish < ${request}`);
  expect(paths).toContain(`git push < engine publish < ${request}`);
  expect(paths).toContain(`store commit < engine publish < ${request}`);
});

it('a request goes on with the trace it names, and says how it was answered', () => {
  const request = spans.find(({ name }) => name === 'PUT packagerevisions/approval');
  expect(request).toMatchObject({
    traceId,
    parentSpanId: '00f067aa0ba902b7',
    attributes: { 'audit.id': 'the-audit-id', 'http.response.status_code': 200 },
  });
});

it('rendering is a part of what it is done for; a request without a trace begins one', () => {
  const create = spans.find(({ name }) => name === 'POST packagerevisions');
  expect(create).toMatchObject({ parentSpanId: '', traceId: expect.not.stringContaining(traceId) });
  const rendered = spans.filter((span) => span.name === 'package job').map((span) => path(span).join(' < '));
  expect(rendered).toContain('package job < engine create-init < POST packagerevisions');
});

it('pushes of drafts and synchronisations are traces of their own, whichever request set them off', () => {
  const paths = spans.map((span) => path(span).join(' < '));
  expect(paths).toContain('git push < push drafts');
  expect(paths).toContain('git ls-remote < synchronise repository');
  const inBackground = spans.filter(({ name }) => name === 'push drafts' || name === 'synchronise repository');
  expect(inBackground.filter(({ parentSpanId }) => parentSpanId !== '')).toEqual([]);
});

it('log lines of a request have the ids of its trace and its audit events', () => {
  const ids = { auditId: 'the-audit-id', traceId };
  expect(log).toContainEqual(expect.objectContaining({ ...ids, msg: 'request', verb: 'update', status: 200 }));
  expect(log).toContainEqual(expect.objectContaining({ ...ids, msg: 'request', verb: 'get', status: 404 }));
  const requests = log.filter(({ msg }) => msg === 'request');
  expect(requests.filter(({ auditId, traceId: trace }) => auditId === undefined || trace === undefined)).toEqual([]);
});
