import Type from 'typebox';
import { fields } from '../schema/fields.ts';

/** Names another object, or a part of one. */
export interface ObjectReference {
  apiVersion?: string;
  kind?: string;
  namespace?: string;
  name?: string;
  uid?: string;
  resourceVersion?: string;
  fieldPath?: string;
}

/** Schema of an `ObjectReference`, which whoever owns it owns as a whole. */
export function objectReferenceSchema(description: string) {
  return Type.Object(
    {
      apiVersion: fields.text('API version of the object.'),
      kind: fields.text('Kind of the object.'),
      namespace: fields.text('Namespace of the object.'),
      name: fields.text('Name of the object.'),
      uid: fields.text('UID of the object.'),
      resourceVersion: fields.text('Version of the object that is meant.'),
      fieldPath: fields.text('The part of the object that is meant, for instance spec.containers{name}.'),
    },
    { description, 'x-kubernetes-map-type': 'atomic' },
  );
}
