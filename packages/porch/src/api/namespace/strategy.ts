import { generateName, type Strategy } from '@porch/apiserver';
import { namespaceFinalizer } from '../../resources/group.ts';
import type { Namespace } from '../../resources/namespace.ts';

const nameLabel = 'kubernetes.io/metadata.name';

function label(object: Namespace): void {
  const { name } = object.metadata;
  if (name !== undefined) object.metadata.labels = { ...object.metadata.labels, [nameLabel]: name };
}

/** Keeps the namespace until the server has emptied it. */
function hold(object: Namespace): void {
  const { finalizers = [] } = object.metadata;
  if (!finalizers.includes(namespaceFinalizer)) object.metadata.finalizers = [...finalizers, namespaceFinalizer];
}

/** A namespace that is being deleted. */
export function terminating(object: Namespace): Namespace {
  return { ...object, status: { ...object.status, phase: 'Terminating' } };
}

/** The rules of namespaces: they are active until they are deleted, and labelled with their name. */
export const namespaceStrategy: Strategy<Namespace> = {
  prepareForCreate(_context, object) {
    delete object.spec;
    hold(object);
    object.status = { phase: 'Active' };
    // Now rather than when it is stored, since the label says the name.
    const { metadata } = object;
    if (metadata.generateName !== undefined) metadata.name ||= generateName(metadata.generateName);
  },
  prepareForUpdate(_context, object, old) {
    if (old.spec === undefined) delete object.spec;
    else object.spec = structuredClone(old.spec);
    object.status = structuredClone(old.status ?? { phase: 'Active' });
    if (old.metadata.finalizers?.includes(namespaceFinalizer)) hold(object);
  },
  canonicalize: label,
  allowUnconditionalUpdate: true,
  changeableFields: { except: ['spec', 'status'] },
};
