import Type from 'typebox';
import { componentKey, metaComponent } from './component-name.ts';
import { fields } from './fields.ts';

const { text, time, flag, textMap: map } = fields;
const integer = (description: string) => Type.Optional(Type.Integer({ format: 'int64', description }));

/** A set of fields, in the notation of server-side apply. */
const fieldsV1Schema = Type.Object(
  {},
  {
    description:
      'A set of fields as nested objects: a key "f:name" stands for a field, "k:", "v:" and "i:" keys for members of a list.',
    additionalProperties: true,
    [componentKey]: metaComponent('FieldsV1'),
  },
);

const managedFieldsEntrySchema = Type.Object(
  {
    apiVersion: text('Version of the resource in which the fields are named: group/version.'),
    fieldsType: text('Notation of the fields; always FieldsV1.'),
    fieldsV1: Type.Optional(fieldsV1Schema),
    manager: text('Name of the program or controller that set the fields.'),
    operation: text('How the fields were set: Apply for server-side apply, Update for everything else.'),
    subresource: text('Subresource through which the fields were set; empty for the object itself.'),
    time: time('When the manager last changed one of the fields, or took over or gave up one.'),
  },
  {
    description: 'The fields that one manager has set in one way.',
    [componentKey]: metaComponent('ManagedFieldsEntry'),
  },
);

const ownerReferenceSchema = Type.Object(
  {
    apiVersion: Type.String({ description: 'API version of the owner.' }),
    blockOwnerDeletion: flag('With foreground deletion, the owner stays until this object is gone.'),
    controller: flag('Whether the owner is the controller that manages this object. At most one owner is.'),
    kind: Type.String({ description: 'Kind of the owner.' }),
    name: Type.String({ description: 'Name of the owner, in the same namespace or without one.' }),
    uid: Type.String({ description: 'UID of the owner.' }),
  },
  {
    description: 'An object that this one belongs to and goes away with.',
    'x-kubernetes-map-type': 'atomic',
    [componentKey]: metaComponent('OwnerReference'),
  },
);

export const objectMetaSchema = Type.Object(
  {
    annotations: map(
      'Data that tools keep with the object. Keys are qualified names; values are free. At most 256 KiB together.',
    ),
    creationTimestamp: time('When the server created the object. Set by the server.'),
    deletionGracePeriodSeconds: integer(
      'Seconds that the object has to end, once it is being deleted. Set by the server.',
    ),
    deletionTimestamp: time(
      'When deletion was asked for. The object goes away when its list of finalizers is empty. Set by the server.',
    ),
    finalizers: Type.Optional(
      Type.Array(Type.String(), {
        description:
          'Names of what must be done before the object goes away; whoever does it removes the name. None can be added once deletion has begun.',
        'x-kubernetes-list-type': 'set',
        'x-kubernetes-patch-strategy': 'merge',
      }),
    ),
    generateName: text('Prefix for a name that the server completes, where name is not given.'),
    generation: integer('Number that rises with every change of what is wanted (the spec). Set by the server.'),
    labels: map('Keys and values that objects are selected by.'),
    managedFields: Type.Optional(
      Type.Array(managedFieldsEntrySchema, {
        description: 'Which manager set which fields. Kept by the server.',
        'x-kubernetes-list-type': 'atomic',
      }),
    ),
    name: text('Name of the object, unique among objects of its kind in the namespace. Cannot be changed.'),
    namespace: text('Namespace of the object; empty for kinds that have none. Cannot be changed.'),
    ownerReferences: Type.Optional(
      Type.Array(ownerReferenceSchema, {
        description: 'Objects that this one belongs to. When all of them are gone, it is deleted.',
        'x-kubernetes-list-map-keys': ['uid'],
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-patch-merge-key': 'uid',
        'x-kubernetes-patch-strategy': 'merge',
      }),
    ),
    resourceVersion: text(
      'Version of the object as it is stored. Send it back with an update, which fails if somebody else was faster; take it as it is.',
    ),
    selfLink: text('No longer used.'),
    uid: text(
      'Identifies the object over its life; another object of the same name has another UID. Set by the server.',
    ),
  },
  {
    description: 'What all objects have: name, labels, annotations, owners, and what the server keeps about them.',
    [componentKey]: metaComponent('ObjectMeta'),
  },
);

export const listMetaSchema = Type.Object(
  {
    continue: text('Where the next part of the list begins; empty when this is the last part. Send it back to go on.'),
    remainingItemCount: integer('How many items come after this part, where that is known.'),
    resourceVersion: text('Version of the whole list; a watch can start from it.'),
    selfLink: text('No longer used.'),
  },
  { description: 'What all lists have.', [componentKey]: metaComponent('ListMeta') },
);
