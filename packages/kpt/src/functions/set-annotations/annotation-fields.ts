import type { FieldSpec } from '../field-spec.ts';

const ofTemplate = { path: 'spec/template/metadata/annotations', create: true } as const;

/** Where annotations of resources and of the pods they make are. */
export const annotationFields: readonly FieldSpec[] = [
  { path: 'metadata/annotations', create: true },
  { ...ofTemplate, version: 'v1', kind: 'ReplicationController' },
  { ...ofTemplate, kind: 'Deployment' },
  { ...ofTemplate, kind: 'ReplicaSet' },
  { ...ofTemplate, kind: 'DaemonSet' },
  { ...ofTemplate, kind: 'StatefulSet' },
  { ...ofTemplate, group: 'batch', kind: 'Job' },
  { path: 'spec/jobTemplate/metadata/annotations', create: true, group: 'batch', kind: 'CronJob' },
  { path: 'spec/jobTemplate/spec/template/metadata/annotations', create: true, group: 'batch', kind: 'CronJob' },
];
