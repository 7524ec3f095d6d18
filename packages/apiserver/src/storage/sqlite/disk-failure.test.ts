import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { openSqliteStore } from './open.ts';

// The limit on file sizes, with its signal ignored, makes writes fail as a full disk does.
const limited = 'trap "" XFSZ; ulimit -f 2000; exec "$0" "$@"';

test.skipIf(process.platform === 'win32')(
  'a write that the disk refuses ends the process; what was acknowledged stays',
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'store-disk-'));
    try {
      const writer = new URL('./disk-failure-writer.test-support.ts', import.meta.url).pathname;
      const child = spawn('sh', ['-c', limited, process.execPath, writer, directory], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const [printed, complaint, [code]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, 'close'),
      ]);
      expect(code).toBe(1);
      expect(complaint).toMatch(/^the store has failed: /);
      const acknowledged = printed.trim().split('\n');
      expect(acknowledged.length).toBeGreaterThan(5);
      const store = await openSqliteStore({ directory });
      const found = new Set((await store.snapshot()).objects.map((object) => object.key.name));
      expect(acknowledged.filter((name) => !found.has(name))).toEqual([]);
      await store.close();
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
);
