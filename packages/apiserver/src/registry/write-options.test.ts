import { expect, test } from 'vitest';
import { isStatusError } from '../meta/status.ts';
import { defaultFieldManager, parseWriteOptions } from './write-options.ts';

type Kind = Parameters<typeof parseWriteOptions>[0];

const parse = (query: string, isApply = false, kind: Kind = 'PatchOptions') =>
  parseWriteOptions(kind, new URLSearchParams(query), 'kubectl/v1.33 (linux)', isApply);

/** Fields that are refused. */
function refused(query: string, isApply = false, kind?: Kind): readonly (string | undefined)[] {
  try {
    parse(query, isApply, kind);
  } catch (error) {
    if (isStatusError(error, 'Invalid')) return (error.status.details?.causes ?? []).map(({ field }) => field);
    throw error;
  }
  throw new Error(`${query} is not refused`);
}

test('a write says what it is by little', () => {
  expect(parse('')).toEqual({ dryRun: false, fieldManager: 'kubectl', fieldValidation: 'Warn', force: false });
  expect(parse('dryRun=All&fieldManager=me&fieldValidation=Strict')).toEqual({
    dryRun: true,
    fieldManager: 'me',
    fieldValidation: 'Strict',
    force: false,
  });
  expect(refused('fieldValidation=strict')).toEqual(['fieldValidation']);
});

test('managers have names of 128 bytes at most, that can be printed', () => {
  for (const name of ['m'.repeat(128), 'é'.repeat(64), 'the manager']) {
    expect(parse(`fieldManager=${encodeURIComponent(name)}`).fieldManager).toBe(name);
  }
  for (const name of ['m'.repeat(129), 'é'.repeat(65), 'a\nb', 'a\u200bb', 'a\u2028b']) {
    expect([name, refused(`fieldManager=${encodeURIComponent(name)}`)]).toEqual([name, ['fieldManager']]);
  }
});

test('who does not say it is known by the program', () => {
  expect(defaultFieldManager('kubectl/v1.33 (linux/amd64)')).toBe('kubectl');
  expect(defaultFieldManager('Mözilla\t5/0')).toBe('Mzilla5');
  expect(defaultFieldManager('x'.repeat(1000))).toBe('x'.repeat(128));
  for (const none of ['', '/1.0', 'é/1']) expect(defaultFieldManager(none)).toBe('unknown');
});

test('an apply has a manager, and alone may be forced', () => {
  expect(refused('', true)).toEqual(['fieldManager']);
  expect(parse('fieldManager=me&force=true', true).force).toBe(true);
  expect(parse('fieldManager=me&force=false', true).force).toBe(false);
  expect(refused('force=true')).toEqual(['force']);
  expect(parse('force=true', false, 'UpdateOptions').force).toBe(false);
});
