import { describe, expect, it } from 'vitest';
import { dns1123LabelErrors, dns1123SubdomainErrors, labelValueErrors, qualifiedNameErrors } from './names.ts';

const long = 'a'.repeat(64);

describe('names', () => {
  it.each([
    ['label', dns1123LabelErrors, ['a', 'a-b', '0', 'a'.repeat(63)], ['', '-a', 'a-', 'A', 'a.b', 'a_b', long, 'a\n']],
    [
      'subdomain',
      dns1123SubdomainErrors,
      ['a', 'a.b', 'a-1.b-2', 'a'.repeat(253)],
      ['', '.a', 'a.', 'a..b', 'A', 'a_b', 'a-.b', 'a'.repeat(254), 'a.b\n'],
    ],
    [
      'qualified name',
      qualifiedNameErrors,
      ['a', 'A_b.c-d', 'example.com/a', `example.com/${'a'.repeat(63)}`],
      ['', '/a', 'a/', 'a/b/c', 'Example.com/a', '-a', 'a b', long, `x/${long}`],
    ],
    ['label value', labelValueErrors, ['', 'a', 'A_b.c-1'], ['-', 'a b', 'a/b', long, '_a']],
  ])('tells a %s from what is none', (_, errors, good, bad) => {
    expect(good.filter((v) => errors(v).length > 0)).toEqual([]);
    expect(bad.filter((v) => errors(v).length === 0)).toEqual([]);
  });

  it('speaks as Kubernetes does', () => {
    expect(dns1123LabelErrors('A')).toEqual([
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ]);
    expect(dns1123SubdomainErrors('_')[0]).toContain("(e.g. 'example.com', regex used for validation is '");
    expect(labelValueErrors(long)).toEqual(['must be no more than 63 characters']);
    expect(qualifiedNameErrors('/a')).toEqual(['prefix part must be non-empty']);
    expect(qualifiedNameErrors('')[0]).toBe('name part must be non-empty');
    expect(qualifiedNameErrors('a/b/c')[0]).toMatch(
      /^a qualified name must consist of .* with an optional DNS subdomain prefix/,
    );
  });

  it('needs no more than linear time', () => {
    const hostile = `${'a-.'.repeat(300_000)}!`;
    for (const errors of [dns1123LabelErrors, dns1123SubdomainErrors, qualifiedNameErrors, labelValueErrors]) {
      expect(errors(hostile)).not.toEqual([]);
      expect(errors(`${'a'.repeat(900_000)}!`)).not.toEqual([]);
    }
  });
});
