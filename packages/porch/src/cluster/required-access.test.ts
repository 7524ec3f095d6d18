import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { requiredRules } from './required-access.ts';

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

const base = join(import.meta.dirname, '../../../../deploy/base');
const documents = parseAllDocuments(readFileSync(join(base, 'rbac.yaml'), 'utf8')).map(
  (document) => document.toJS() as Role,
);

/** What the roles of Kubernetes that the manifest binds allow. */
const bound = [
  ...['tokenreviews.authentication.k8s.io create', 'subjectaccessreviews.authorization.k8s.io create'],
  ...['get', 'list', 'watch'].map((verb) => `kube-system:configmaps. extension-apiserver-authentication ${verb}`),
];

test('the manifest lets the server do what it asks for when it starts, and beyond that only tell of its authority', () => {
  const granted = documents.flatMap(({ metadata, rules = [] }) =>
    rules.flatMap(({ apiGroups, resources, resourceNames = [''], verbs }) =>
      verbs.map((verb) =>
        [
          `${metadata.namespace === undefined ? '' : `${metadata.namespace}:`}${resources}.${apiGroups}`,
          ...(resourceNames[0] === '' ? [] : resourceNames),
          verb,
        ].join(' '),
      ),
    ),
  );
  const asked = requiredRules('porch-system').flatMap(({ namespace, resource, apiGroup, name, verbs }) =>
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
  expect(granted.sort()).toEqual(
    [
      ...own,
      'apiservices.apiregistration.k8s.io v1alpha1.porch.kpt.dev patch',
      'validatingwebhookconfigurations.admissionregistration.k8s.io porch-repositories patch',
    ].sort(),
  );
  expect(documents.map(({ roleRef }) => roleRef?.name)).toEqual(
    expect.arrayContaining(['system:auth-delegator', 'extension-apiserver-authentication-reader']),
  );
});
