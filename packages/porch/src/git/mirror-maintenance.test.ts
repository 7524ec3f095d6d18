import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPrometheusMetrics } from '@porch/apiserver';
import pino from 'pino';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { plainGit } from '../../../../e2e/harness/git-command.ts';
import { startBroker } from './broker/start-broker.ts';
import { CommitWriter } from './commit-writer.ts';
import { ConcurrencyLimit } from './concurrency-limit.ts';
import { MirrorMaintenance, maintenanceSeconds } from './mirror-maintenance.ts';

test('many writes leave few packs, and every object where it can be read', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'porch-packs-'));
  const logger = pino({ level: 'silent' });
  const processes = await startBroker({ directory, logger });
  try {
    const repository = join(directory, 'repository');
    await processes.run({ args: ['init', '--quiet', '--bare', '--template=', repository] });
    const limit = new ConcurrencyLimit(1);
    const registry = new Registry();
    const seconds = maintenanceSeconds(createPrometheusMetrics(registry));
    const shared = { limit, seconds, graphAfterMs: 0 };
    const packs = await MirrorMaintenance.of({ processes, logger, directory: repository, ...shared });
    const writer = new CommitWriter(processes, repository, () => packs.packAdded());
    const who = { name: 'Porch', email: 'porch@kpt.dev', time: new Date(0) };
    const half = join(repository, 'objects', 'pack', '.tmp-1-pack-x.pack');
    writeFileSync(half, 'what a repack had that was ended');
    utimesSync(half, 0, 0);
    const ids: string[] = [];
    for (let index = 0; index < 45; index++) {
      const files = [{ path: 'n', mode: '100644' as const, bytes: Buffer.from(String(index)) }];
      const change = { path: '', content: { files } };
      const commit = { parents: [], changes: [change], message: 'm', author: who, committer: who };
      ids.push(...(await writer.write([commit])));
    }
    await packs.settled();
    const left = readdirSync(join(repository, 'objects', 'pack')).filter((name) => name.endsWith('.pack'));
    expect(left.length).toBeLessThan(15);
    expect(left).not.toContain('.tmp-1-pack-x.pack');
    for (const [index, id] of ids.entries()) {
      expect(await plainGit(repository, ['show', `${id}:n`])).toBe(String(index));
    }
    expect(await registry.metrics()).toMatch(/maintenance_duration_seconds_count\{work="repack",outcome="ok"\} 1\n/);
    await packs.close();
  } finally {
    await processes.close();
    rmSync(directory, { recursive: true, force: true });
  }
});
