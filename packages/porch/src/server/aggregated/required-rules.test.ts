import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type RuleSettings, requiredRules } from './required-rules.ts';

interface Role {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly roleRef?: { readonly name: string };
  readonly rules?: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly resourceNames?: readonly string[];
    readonly verbs: readonly string[];
  }[];
}

const base = join(import.meta.dirname, '../../../../../deploy/base');
const documents = parseAllDocuments(readFileSync(join(base, 'rbac.yaml'), 'utf8')).map(
  (document) => document.toJS() as Role,
);

/** With an authority and a store of its own. */
const alone = { database: { url: '', urlFile: '' }, cluster: { tls: { cert: '', key: '' } } };

/** What the roles of Kubernetes that the manifest binds allow. */
const bound = [
  ...['tokenreviews.authentication.k8s.io create', 'subjectaccessreviews.authorization.k8s.io create'],
  ...['get', 'list', 'watch'].map((verb) => `kube-system:configmaps. extension-apiserver-authentication ${verb}`),
];

test('the manifest lets the server do what it asks for when it starts, and nothing else', () => {
  const granted = documents.flatMap(({ metadata, rules = [] }) =>
    rules.flatMap(({ apiGroups, resources, resourceNames = [''], verbs }) =>
      resources.flatMap((resource) =>
        verbs.map((verb) =>
          [
            `${metadata.namespace === undefined ? '' : `${metadata.namespace}:`}${resource}.${apiGroups}`,
            ...(resourceNames[0] === '' ? [] : resourceNames),
            verb,
          ].join(' '),
        ),
      ),
    ),
  );
  const asked = requiredRules('porch-system', alone).flatMap(({ namespace, resource, apiGroup, name, verbs }) =>
    verbs.map((verb) =>
      [
        `${namespace === undefined ? '' : `${namespace}:`}${resource}.${apiGroup}`,
        ...(name === undefined ? [] : [name]),
        verb,
      ].join(' '),
    ),
  );
  const own = asked.filter((rule) => !bound.includes(rule));
  expect(own.length).toBe(asked.length - bound.length);
  expect(granted.sort()).toEqual(own.sort());
  expect(documents.map(({ roleRef }) => roleRef?.name)).toEqual(
    expect.arrayContaining(['system:auth-delegator', 'extension-apiserver-authentication-reader']),
  );
});

test('a server asks for no more than what its settings make it do', () => {
  const resources = (settings: RuleSettings) =>
    requiredRules('porch-system', settings).flatMap(({ resource }) =>
      ['apiservices', 'validatingwebhookconfigurations', 'leases'].includes(resource) ? [resource] : [],
    );
  expect(new Set(resources(alone))).toEqual(new Set(['apiservices', 'validatingwebhookconfigurations', 'leases']));
  expect(resources({ ...alone, database: { url: '', urlFile: '/database-url' } })).not.toContain('leases');
  expect(new Set(resources({ ...alone, cluster: { tls: { cert: '/a', key: '/b' } } }))).toEqual(new Set(['leases']));
});
