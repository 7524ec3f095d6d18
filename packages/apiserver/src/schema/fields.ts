import Type, { type TSchema } from 'typebox';

/** Shorthand for the optional fields that most schemas are made of; each takes its description. */
export const fields = {
  text: (description: string) => Type.Optional(Type.String({ description })),
  flag: (description: string) => Type.Optional(Type.Boolean({ description })),
  integer: (description: string) => Type.Optional(Type.Integer({ format: 'int32', description })),
  time: (description: string) => Type.Optional(Type.String({ format: 'date-time', description })),
  /** A time to the microsecond. Clients in Go read no other form of it than the one with six digits. */
  microTime: (description: string) =>
    Type.Optional(Type.String({ format: 'date-time', microseconds: true, description })),
  texts: (description: string) =>
    Type.Optional(Type.Array(Type.String(), { description, 'x-kubernetes-list-type': 'atomic' })),
  textMap: (description: string) => Type.Optional(Type.Record(Type.String(), Type.String(), { description })),
  list: <T extends TSchema>(item: T, description: string) =>
    Type.Optional(Type.Array(item, { description, 'x-kubernetes-list-type': 'atomic' })),
} as const;
