import { expect, test } from 'vitest';
import { sourceIpsOf } from './source-ips.ts';

test.each([
  [{}, '10.0.0.1', ['10.0.0.1']],
  [{}, '::ffff:10.0.0.1', ['10.0.0.1']],
  [{}, '2001:db8::1', ['2001:db8::1']],
  [{}, undefined, []],
  [{ 'x-forwarded-for': '192.0.2.7' }, '10.0.0.1', ['192.0.2.7', '10.0.0.1']],
  [{ 'x-forwarded-for': '192.0.2.7, 2001:db8::7' }, '10.0.0.1', ['192.0.2.7', '2001:db8::7', '10.0.0.1']],
  [{ 'x-forwarded-for': '192.0.2.7, 10.0.0.1' }, '::ffff:10.0.0.1', ['192.0.2.7', '10.0.0.1']],
  [{ 'x-forwarded-for': '192.0.2.7', 'x-real-ip': '192.0.2.7' }, '10.0.0.1', ['192.0.2.7', '10.0.0.1']],
  [{ 'x-real-ip': '192.0.2.8' }, '10.0.0.1', ['192.0.2.8', '10.0.0.1']],
  [{ 'x-forwarded-for': 'nonsense"}, 192.0.2.7:80', 'x-real-ip': 'a' }, '10.0.0.1', ['10.0.0.1']],
])('%j from %s', (headers, remote, addresses) => {
  expect(sourceIpsOf(headers, remote)).toEqual(addresses);
});

test('a list of thousands is not recorded whole', () => {
  const listed = Array.from({ length: 5000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
  const found = sourceIpsOf({ 'x-forwarded-for': listed.join() }, '192.0.2.1');
  expect(found).toEqual([...listed.slice(0, 16), ...listed.slice(-16), '192.0.2.1']);
});
