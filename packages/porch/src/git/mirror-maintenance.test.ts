import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPrometheusMetrics } from '@porch/apiserver';
import { Slots } from '@porch/kpt';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../../../e2e/harness/eventually.ts';
import { plainGit } from '../../../../e2e/harness/git-command.ts';
import type { GitProcesses } from './broker/git-processes.ts';
import { startBroker } from './broker/start-broker.ts';
import { CommitWriter } from './commit-writer.ts';
import { MirrorMaintenance, maintenanceSeconds } from './mirror-maintenance.ts';

const logger = pino({ level: 'silent' });
let directory: string;
let repository: string;
let processes: GitProcesses;
let registry: Registry;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'porch-packs-'));
  registry = new Registry();
  processes = await startBroker({ directory, logger });
  repository = join(directory, 'repository');
  await processes.run({ args: ['init', '--quiet', '--bare', '--template=', repository] });
});
afterEach(async () => {
  await processes.close();
  rmSync(directory, { recursive: true, force: true });
});

function maintenanceOf(graphAfterMs: number, slots = new Slots(1)): Promise<MirrorMaintenance> {
  const seconds = maintenanceSeconds(createPrometheusMetrics(registry));
  return MirrorMaintenance.of({ processes, logger, directory: repository, slots, seconds, graphAfterMs });
}

/** Writes commits, one pack each. */
async function write(count: number, onPack: () => void): Promise<string[]> {
  const writer = new CommitWriter(processes, repository, onPack);
  const who = { name: 'Porch', email: 'porch@kpt.dev', time: new Date(0) };
  const ids: string[] = [];
  for (let index = 0; index < count; index++) {
    const files = [{ path: 'n', mode: '100644' as const, bytes: Buffer.from(String(index)) }];
    const change = { path: '', content: { files } };
    const commit = { parents: [], changes: [change], message: 'm', author: who, committer: who };
    ids.push(...(await writer.write([commit])));
  }
  return ids;
}

test('many writes leave few packs, and every object where it can be read', async () => {
  const packs = await maintenanceOf(0);
  const half = join(repository, 'objects', 'pack', '.tmp-1-pack-x.pack');
  writeFileSync(half, 'what a repack had that was ended');
  utimesSync(half, 0, 0);
  const ids = await write(45, () => packs.packAdded());
  await packs.settled();
  const left = readdirSync(join(repository, 'objects', 'pack')).filter((name) => name.endsWith('.pack'));
  expect(left.length).toBeLessThan(15);
  expect(left).not.toContain('.tmp-1-pack-x.pack');
  for (const [index, id] of ids.entries()) {
    expect(await plainGit(repository, ['show', `${id}:n`])).toBe(String(index));
  }
  expect(await registry.metrics()).toMatch(/maintenance_duration_seconds_count\{work="repack",outcome="ok"\} 1\n/);
  await packs.close();
});

test('the commit graph of many references is written by the next server where one ended before it was time', async () => {
  const graph = () => existsSync(join(repository, 'objects', 'info', 'commit-graph'));
  const [id] = await write(1, () => undefined);
  const commands = Array.from({ length: 400 }, (_, index) => `create refs/mirror/tags/p${index}/v1 ${id}\n`);
  await plainGit(repository, ['update-ref', '--stdin'], { input: commands.join('') });
  await plainGit(repository, ['pack-refs', '--all']);
  const first = await maintenanceOf(1_000_000);
  first.referencesAdded();
  await first.close();
  expect(graph()).toBe(false);
  registry.clear();
  const next = await maintenanceOf(0);
  await eventually('the graph', async () => graph());
  await next.close();
});

test('a mirror that waits for its turn is closed without waiting for the others', async () => {
  const slots = new Slots(1);
  await slots.take();
  const packs = await maintenanceOf(0, slots);
  for (let pack = 0; pack < 40; pack++) packs.packAdded();
  await packs.close();
  slots.release();
  expect(await registry.metrics()).not.toContain('maintenance_duration_seconds_count{');
});
