/** What every resource may have, whether its schema names it or not. */
export const resourceFields: readonly string[] = ['apiVersion', 'kind', 'metadata'];

/** The same of a resource's metadata: a schema that names some of these fields restricts those, and forbids no others. */
export const metadataFields: readonly string[] = [
  'name',
  'generateName',
  'namespace',
  'selfLink',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
];
