import Type from 'typebox';
import type { KubernetesObject } from '../../meta/object.ts';
import { StatusError } from '../../meta/status.ts';
import { decodeObject } from '../../schema/decode.ts';
import { fields } from '../../schema/fields.ts';
import { type AuditPolicy, type AuditRule, auditLevels, auditStages } from './policy.ts';

const rule = Type.Object({
  level: Type.String(),
  users: fields.texts(''),
  userGroups: fields.texts(''),
  verbs: fields.texts(''),
  resources: fields.list(
    Type.Object({ group: fields.text(''), resources: fields.texts(''), resourceNames: fields.texts('') }),
    '',
  ),
  namespaces: fields.texts(''),
  nonResourceURLs: fields.texts(''),
  omitStages: fields.texts(''),
  omitManagedFields: fields.flag(''),
});

const kind = {
  group: 'audit.k8s.io',
  version: 'v1',
  kind: 'Policy',
  schema: Type.Object({
    rules: Type.Array(rule),
    omitStages: fields.texts(''),
    omitManagedFields: fields.flag(''),
  }),
};

function checkStages(stages: readonly string[] | undefined, field: string): void {
  for (const stage of stages ?? []) {
    if (auditStages.some((known) => known === stage)) continue;
    throw new Error(`${field}: ${JSON.stringify(stage)} is no stage; there are ${auditStages.join(', ')}`);
  }
}

function checkRule({ level, resources, namespaces, nonResourceURLs, omitStages }: AuditRule, field: string): void {
  if (!auditLevels.includes(level)) {
    throw new Error(`${field}.level: ${JSON.stringify(level)} is no level; there are ${auditLevels.join(', ')}`);
  }
  const forResources = (resources?.length ?? 0) > 0 || (namespaces?.length ?? 0) > 0;
  if (forResources && (nonResourceURLs?.length ?? 0) > 0) {
    throw new Error(`${field}: a rule is for resources and namespaces, or for nonResourceURLs, not for both`);
  }
  checkStages(omitStages, `${field}.omitStages`);
}

/**
 * Reads a policy as kube-apiserver has it (`audit.k8s.io/v1`, kind Policy; YAML or JSON).
 * @throws Error that names the field
 */
export function parseAuditPolicy(text: string): AuditPolicy {
  try {
    const { object, problems } = decodeObject<KubernetesObject & AuditPolicy>(kind, Buffer.from(text), 'yaml');
    if (problems.length > 0) throw new Error(problems.join(', '));
    if (object.rules.length === 0) throw new Error('rules: there are none; a policy needs one at least');
    checkStages(object.omitStages, 'omitStages');
    for (const [index, one] of object.rules.entries()) checkRule(one, `rules[${index}]`);
    const { rules, omitStages, omitManagedFields } = object;
    return {
      rules,
      ...(omitStages === undefined ? {} : { omitStages }),
      ...(omitManagedFields === undefined ? {} : { omitManagedFields }),
    };
  } catch (error) {
    if (error instanceof StatusError) throw new Error(error.message, { cause: error });
    throw error;
  }
}
