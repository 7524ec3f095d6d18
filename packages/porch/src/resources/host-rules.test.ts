import { describe, expect, test } from 'vitest';
import { addressProblem, hostProblem, isHostPattern } from './host-rules.ts';

const none = { allowed: [], denied: [] };

describe('hosts', () => {
  test.each(['git.example', '10.1.2.3', '[::1]', '127.0.0.1'])('%s may be used where there are no rules', (host) => {
    expect(hostProblem(host, none)).toBeUndefined();
  });

  test.each([
    ...['169.254.169.254', '[fe80::1]', 'fd00:ec2::254', 'Metadata.Google.Internal.', '::ffff:169.254.169.254'],
    ...['[fd20:ce::254]', '100.100.100.200', '168.63.129.16'],
  ])('%s may not, since clouds give out credentials there, unless it is allowed by name', (host) => {
    expect(hostProblem(host, none)).toContain('credentials');
    const name = host.replace(/^\[|\]$/g, '').replace(/\.$/, '');
    expect(hostProblem(host, { allowed: [name], denied: [] })).toBeUndefined();
  });

  test('that are denied may not be used, whatever is allowed', () => {
    const rules = { allowed: ['*.example'], denied: ['bad.example', '10.0.0.0/8'] };
    expect(hostProblem('BAD.example', rules)).toContain('--denied-git-hosts');
    expect(hostProblem('10.9.9.9', rules)).toContain('--denied-git-hosts');
    expect(hostProblem('good.example', rules)).toBeUndefined();
  });

  test('that are not allowed may not be used, where some are', () => {
    const rules = { allowed: ['git.example', '*.corp.example', '192.168.0.0/24'], denied: [] };
    for (const host of ['git.example', 'a.b.corp.example', '192.168.0.7'])
      expect(hostProblem(host, rules)).toBeUndefined();
    for (const host of ['corp.example', 'evilcorp.example', 'git.example.evil', '192.168.1.7']) {
      expect(hostProblem(host, rules)).toContain('--allowed-git-hosts');
    }
  });

  test('must not stand for an address that is denied; that of an allowed name need not be allowed too', () => {
    const rules = { allowed: ['git.example'], denied: ['10.0.0.0/8'] };
    expect(addressProblem('192.168.0.1', rules)).toBeUndefined();
    expect(addressProblem('10.0.0.1', rules)).toContain('--denied-git-hosts');
    expect(addressProblem('169.254.169.254', rules)).toContain('credentials');
  });
});

test.each([
  ['git.example', true],
  ['*.example', true],
  ['10.0.0.0/8', true],
  ['fd00::/8', true],
  ['10.0.0.0/33', false],
  ['git.example/8', false],
  ['*', false],
  ['', false],
  ['http://git.example', false],
])('%j is a pattern: %s', (text, is) => expect(isHostPattern(text)).toBe(is));
