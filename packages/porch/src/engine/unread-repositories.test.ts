import { type ListOptions, parseFieldSelector, type RequestContext } from '@porch/apiserver';
import { expect, test } from 'vitest';
import type { EngineParts } from './parts.ts';
import type { Reads } from './types.ts';
import { warningOfUnread } from './unread-repositories.ts';

const registered = (namespace: string, name: string) => ({ metadata: { namespace, name }, spec: { git: {} } });
const parts = {
  registrations: { list: () => [registered('a', 'read'), registered('a', 'new'), registered('b', 'newer')] },
  cache: { isRepositoryRead: (_: string, name: string) => name === 'read' },
} as unknown as Pick<EngineParts, 'registrations' | 'cache'>;

test.each([
  ['', '', 'new, newer'],
  ['a', '', 'new'],
  ['', 'spec.repository=read', undefined],
  ['', 'spec.repository=new', 'new'],
  ['', 'spec.repository!=new', 'newer'],
  ['', 'metadata.namespace=b,spec.lifecycle=Draft', 'newer'],
  ['', 'metadata.name=read.web.v1', undefined],
  ['', 'metadata.name=newer.web.v1', 'newer'],
  ['', 'metadata.name!=newer.web.v1', 'new, newer'],
])('a list in namespace "%s" of what has %s warns of %s', async (namespace, selector, names) => {
  const warnings: string[] = [];
  const context = { namespace, warn: (text: string) => void warnings.push(text) } as unknown as RequestContext;
  const reads = warningOfUnread(parts, { list: async () => ({ revision: 1, items: [] }) } as unknown as Reads);
  const options: ListOptions = selector === '' ? { limit: 0 } : { limit: 0, fields: parseFieldSelector(selector) };
  await reads.list(context, options);
  expect(warnings).toEqual(
    names === undefined
      ? []
      : [`not read yet, so that what they have is missing: repositories ${names}; their conditions say why`],
  );
});
