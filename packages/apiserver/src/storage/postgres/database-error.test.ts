import { expect, test } from 'vitest';
import { DatabaseError, isPassing } from './database-error.ts';

test.each([
  ['57P01', 'ended by an administrator', true],
  ['57P03', 'starting', true],
  ['53300', 'full of connections', true],
  ['53100', 'a full disk', true],
  ['25006', 'a follower', true],
  ['55P03', 'a lock was not given in time', true],
  ['57014', 'a statement was given up', true],
  ['28P01', 'a wrong password', false],
  ['42501', 'a permission is missing', false],
  ['3D000', 'no such database', false],
])('%s (%s) may be otherwise later without anybody changing anything: %s', (code, message, passes) => {
  expect(isPassing(new DatabaseError(code, message))).toBe(passes);
});
