import Type from 'typebox';
import { componentKey, metaComponent } from './component-name.ts';
import { fields } from './fields.ts';
import { listMetaSchema } from './metadata-schema.ts';

const { text, integer: int32, flag, texts } = fields;

const statusCauseSchema = Type.Object(
  {
    field: text('Path of the field that is at fault, for example spec.tasks[0].'),
    message: text('What is wrong, for people to read.'),
    reason: text('What is wrong, in one word.'),
  },
  { description: 'One of the causes of a failure.', [componentKey]: metaComponent('StatusCause') },
);

const statusDetailsSchema = Type.Object(
  {
    causes: fields.list(statusCauseSchema, 'What is wrong, cause by cause.'),
    group: text('API group of the resource.'),
    kind: text('Resource, or kind, that the failure is about.'),
    name: text('Name of the object that the failure is about.'),
    retryAfterSeconds: int32('How long to wait before trying again.'),
    uid: text('UID of the object.'),
  },
  { description: 'What a Status is about.', [componentKey]: metaComponent('StatusDetails') },
);

export const statusSchema = Type.Object(
  {
    code: int32('HTTP code of the answer.'),
    details: Type.Optional(statusDetailsSchema),
    message: text('What happened, for people to read.'),
    metadata: Type.Optional(listMetaSchema),
    reason: text('Why it failed, in one word, for programs to read.'),
    status: text('Success or Failure.'),
  },
  { description: 'Outcome of a request that returns no object.', [componentKey]: metaComponent('Status') },
);

const preconditionsSchema = Type.Object(
  {
    resourceVersion: text('The version that the object must have.'),
    uid: text('The UID that the object must have.'),
  },
  {
    description: 'What must hold for the deletion to happen; otherwise it fails with a conflict.',
    [componentKey]: metaComponent('Preconditions'),
  },
);

export const deleteOptionsSchema = Type.Object(
  {
    dryRun: texts('With All, everything is checked and nothing is deleted.'),
    gracePeriodSeconds: Type.Optional(
      Type.Integer({ format: 'int64', description: 'Seconds that the object has to end.' }),
    ),
    orphanDependents: flag('Deprecated: use propagationPolicy.'),
    preconditions: Type.Optional(preconditionsSchema),
    propagationPolicy: text('What becomes of objects that this one owns: Orphan, Background or Foreground.'),
  },
  { description: 'How an object is deleted.', [componentKey]: metaComponent('DeleteOptions') },
);
