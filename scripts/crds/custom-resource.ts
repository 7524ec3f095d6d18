import { type StructuralSchema, structuralSchema, withField } from './structural-schema.ts';

/** A column of `kubectl get`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'boolean' | 'date' | 'integer';
  readonly jsonPath: string;
  /** Above 0: with `-o wide` only. */
  readonly priority?: number;
  readonly description?: string;
}

/** A rule in CEL (KEP-2876). */
export interface ValidationRule {
  readonly rule: string;
  readonly message: string;
}

/** What a CustomResourceDefinition is made of. */
export interface CustomResource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames?: readonly string[];
  readonly description: string;
  /** Of the object without its header. JSON Schema. */
  readonly schema: unknown;
  /** By path, for instance `spec.git`; the empty path is the object. */
  readonly rules?: Readonly<Record<string, readonly ValidationRule[]>>;
  /** Of text, by path, as for `rules`; `spec.tags.[]` for the elements of a list. */
  readonly patterns?: Readonly<Record<string, RegExp>>;
  readonly columns: readonly PrinterColumn[];
  readonly hasStatus: boolean;
}

const header: StructuralSchema = {
  apiVersion: { type: 'string', description: 'Version of the schema of this object.' },
  kind: { type: 'string', description: 'Kind of this object.' },
  metadata: { type: 'object' },
};

function objectSchema({ schema, description, rules = {}, patterns = {} }: CustomResource): StructuralSchema {
  const own = structuralSchema(schema);
  const { properties = {} } = own as { properties?: object };
  let result: StructuralSchema = { ...own, type: 'object', description, properties: { ...header, ...properties } };
  for (const [path, pattern] of Object.entries(patterns)) result = withField(result, path, { pattern: pattern.source });
  for (const [path, validations] of Object.entries(rules)) {
    result = withField(result, path, { 'x-kubernetes-validations': validations });
  }
  return result;
}

/** The CustomResourceDefinition (`apiextensions.k8s.io/v1`). */
export function customResourceDefinition(resource: CustomResource): object {
  const { group, version, kind, plural, singular, shortNames, columns, hasStatus } = resource;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      names: { kind, listKind: `${kind}List`, plural, singular, ...(shortNames === undefined ? {} : { shortNames }) },
      scope: 'Namespaced',
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          ...(columns.length === 0 ? {} : { additionalPrinterColumns: columns }),
          ...(hasStatus ? { subresources: { status: {} } } : {}),
          schema: { openAPIV3Schema: objectSchema(resource) },
        },
      ],
    },
  };
}
