import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { databaseUrl } from './database-url.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'porch-database-url-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function fileWith(text: string): string {
  const path = join(directory, 'url');
  writeFileSync(path, text);
  return path;
}

test('is that of the file, else that of the environment, else none', async () => {
  const urlFile = fileWith(' postgres://a@b/file\n');
  expect(await databaseUrl({ url: 'postgres://a@b/environment', urlFile })).toBe('postgres://a@b/file');
  expect(await databaseUrl({ url: 'postgres://a@b/environment', urlFile: '' })).toBe('postgres://a@b/environment');
  expect(await databaseUrl({ url: '', urlFile: '' })).toBeUndefined();
});

test.each([
  ['\n', /^--to-database-url-file \S+ is empty; it must hold postgres:/],
  ['mysql://porch:secret@db/porch', /^--to-database-url-file \S+: the database URL is not valid; expected postgres:/],
  [
    'postgres://porch:secret@db/porch?ssl-mode=require',
    /: the database URL has a parameter about encryption that is not/,
  ],
  [
    'postgres://porch:secret@db/porch?sslMode=require',
    /: the database URL has a parameter .* those known are ssl, sslmode/,
  ],
  [
    'postgres://porch:secret@db/porch?sslmode=verify_full',
    /: sslmode of the database URL is not known; give one of disable,/,
  ],
  ['host=db password=secret', /^--to-database-url-file \S+: the database URL is not valid; expected postgres:/],
])('names the flag, and shows nothing of the file, where it has %j', async (text, message) => {
  const wrong = databaseUrl({ url: '', urlFile: fileWith(text), urlFlag: '--to-database-url-file' });
  await expect(wrong).rejects.toThrow(message);
  await expect(wrong).rejects.not.toThrow(/secret/);
});

test.each(['', '?sslmode=verify-full&sslrootcert=/ca.pem', '?sslmode=disable&application_name=x', '?ssl=true'])(
  'may have the parameters %j',
  async (parameters) => {
    const url = `postgres://porch@db/porch${parameters}`;
    expect(await databaseUrl({ url: '', urlFile: fileWith(url) })).toBe(url);
  },
);

test('names the flag of a file that cannot be read, and the variable of the environment', async () => {
  const urlFile = join(directory, 'missing');
  await expect(databaseUrl({ url: '', urlFile })).rejects.toThrow(/cannot be read from --database-url-file: ENOENT/);
  await expect(databaseUrl({ url: 'db', urlFile: '' })).rejects.toThrow(/^PORCH_DATABASE_URL: the database URL is not/);
});
