import { execFile } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Logger, pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AuditEvent } from './audit-event.ts';
import { AuditLog } from './audit-log.ts';
import { rotateFile } from './rotate-file.ts';

let directory: string;
let path: string;
let time: number;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'audit-'));
  path = join(directory, 'audit.log');
  time = Date.parse('2026-01-02T03:04:05.678Z');
});
afterEach(() => rm(directory, { recursive: true }));

const event = (auditID: string) => ({ auditID }) as AuditEvent;
const unchanging = { maxAgeDays: 0, logger: pino({ level: 'silent' }), onLost: () => undefined, now: () => time++ };
const open = (maxBytes = 1_000_000, maxBackups = 0) => AuditLog.open({ ...unchanging, path, maxBytes, maxBackups });
const ids = async (file = path) =>
  (await readFile(file, 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line).auditID);

test('events are lines, in order, and a restart goes on where the file ends', async () => {
  const log = await open();
  for (let index = 0; index < 500; index++) log.write(event(`a${index}`));
  await log.close();
  const again = await open();
  again.write(event('b'));
  await again.close();
  expect(await ids()).toEqual([...Array.from({ length: 500 }, (_, index) => `a${index}`), 'b']);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('a file that is full is put aside, and the oldest are removed', async () => {
  const log = await open(60, 3);
  for (let index = 0; index < 20; index++) log.write(event(`id-${index}`));
  await log.close();
  const names = (await readdir(directory)).sort();
  expect(names).toHaveLength(4);
  expect(names[0]).toMatch(/^audit-2026-01-02T03-04-05\.\d{3}\.log$/);
  const kept = (await Promise.all(names.map((name) => ids(join(directory, name))))).flat();
  expect(kept).toEqual(Array.from({ length: 20 }, (_, index) => `id-${index}`).slice(-kept.length));
  for (const name of names) expect((await stat(join(directory, name))).size).toBeLessThanOrEqual(60);
});

test('what was put aside too long ago is removed, and nothing else', async () => {
  for (const name of [
    'audit-2026-01-01T00-00-00.000.log',
    'audit-2025-12-31T00-00-00.000.log',
    'audit-other.log',
    'audit.log',
  ]) {
    await appendFile(join(directory, name), 'x');
  }
  const now = new Date('2026-01-02T01:00:00Z');
  await rotateFile(path, { maxBackups: 0, maxAgeDays: 1 }, now);
  await appendFile(path, 'y');
  await rotateFile(path, { maxBackups: 0, maxAgeDays: 1 }, now);
  expect((await readdir(directory)).sort()).toEqual([
    'audit-2026-01-02T01-00-00.000-1.log',
    'audit-2026-01-02T01-00-00.000.log',
    'audit-other.log',
  ]);
});

test('an event for which there is no room is said to be lost', async () => {
  let lost = 0;
  const log = await AuditLog.open({ ...unchanging, path, maxBytes: 45, maxBackups: 0, onLost: () => lost++ });
  log.write(event('x'.repeat(65 * 1024 * 1024)));
  log.write(event('kept'));
  await log.close();
  expect([lost, await ids()]).toEqual([1, ['kept']]);
});

test('there is room for as many events as are written, one after the other', async () => {
  let lost = 0;
  const options = { ...unchanging, path, maxBytes: 1000, maxBackups: 1, onLost: () => lost++ };
  const log = await AuditLog.open(options);
  for (let index = 0; index < 4; index++) {
    log.write(event(`${index}${'x'.repeat(20 * 1024 * 1024)}`));
    log.write(event(`small-${index}`));
    await expect.poll(async () => (await ids()).at(-1)).toBe(`small-${index}`);
  }
  await log.close();
  expect(lost).toBe(0);
});

test('while the file cannot be written, events wait', async () => {
  const failed = Promise.withResolvers<object>();
  const logger = pino({ level: 'error' }, { write: (line: string) => failed.resolve(JSON.parse(line)) });
  const log = await AuditLog.open({ ...unchanging, path, maxBytes: 45, maxBackups: 0, logger });
  log.write(event('first-of-all'));
  await expect.poll(() => ids()).toEqual(['first-of-all']);
  await rename(directory, `${directory}-moved`);
  log.write(event('second'));
  expect(await failed.promise).toMatchObject({ path, msg: expect.stringContaining('cannot be written') });
  log.write(event('third'));
  await mkdir(directory);
  await log.close();
  expect(await ids()).toEqual(['second', 'third']);
  expect(await ids(join(`${directory}-moved`, 'audit.log'))).toEqual(['first-of-all']);
  await rm(`${directory}-moved`, { recursive: true });
});

const isLinux = process.platform === 'linux';

test.runIf(isLinux)('lines stay whole when the disk was full, and when the server ended meanwhile', async () => {
  const module = JSON.stringify(new URL('./audit-log.ts', import.meta.url).href);
  const script = `
    import { execFileSync } from 'node:child_process';
    import { AuditLog } from ${module};
    const setLimit = (bytes) => execFileSync('prlimit', ['--pid', process.pid, '--fsize=' + bytes + ':']);
    const failed = Promise.withResolvers();
    const logger = { error: (_fields, text) => failed.resolve(text) };
    const log = await AuditLog.open({
      path: process.argv[1], maxBytes: 1e6, maxBackups: 0, maxAgeDays: 0, logger, onLost() {}, now: Date.now,
    });
    setLimit(1000);
    for (let index = 0; index < 100; index++) log.write({ auditID: 'a' + index, text: 'x'.repeat(20) });
    await failed.promise;
    if (process.argv[2] === 'go on') setLimit('unlimited');
    await log.close();`;
  const run = (what: string) =>
    promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script, path, what]);
  await run('go on');
  expect(await ids()).toEqual(Array.from({ length: 100 }, (_, index) => `a${index}`));

  await rm(path);
  await run('end');
  const log = await open();
  log.write(event('b'));
  await log.close();
  const lines = (await readFile(path, 'utf8')).split('\n');
  const broken = lines.findIndex((line) => !line.endsWith('}'));
  expect(lines.slice(broken + 1)).toEqual([JSON.stringify(event('b')), '']);
  for (const line of lines.slice(0, broken)) JSON.parse(line);
});

test('events are not lost where an older file cannot be removed', async () => {
  await mkdir(join(directory, 'audit-2026-01-01T00-00-00.000.log', 'below'), { recursive: true });
  const problems: string[] = [];
  const logger = { error: (_fields: object, text: string) => void problems.push(text) } as Pick<Logger, 'error'>;
  const log = await AuditLog.open({ ...unchanging, path, maxBytes: 60, maxBackups: 1, logger });
  for (let index = 0; index < 10; index++) log.write(event(`id-${index}`));
  await log.close();
  expect((await ids()).at(-1)).toBe('id-9');
  expect(new Set(problems)).toEqual(
    new Set(['the audit log could not be put aside, or older ones not removed; it is written on']),
  );
});

test('a pipe is never put aside', async () => {
  await promisify(execFile)('mkfifo', [path]);
  const [text] = await Promise.all([
    readFile(path, 'utf8'),
    open(60).then(async (log) => {
      for (let index = 0; index < 20; index++) log.write(event(`id-${index}`));
      await log.close();
    }),
  ]);
  expect(text.trim().split('\n')).toHaveLength(20);
  expect(await readdir(directory)).toEqual(['audit.log']);
});
