import type { KrmObject } from '../../yaml/krm-object.ts';
import { dependsOnAnnotation } from '../depends-on-annotation.ts';
import { isNamespaced } from '../resource-scope.ts';

/** How a depends-on annotation names an object of a namespace. */
function dependsOnReference(object: KrmObject): string {
  return `${object.group}/namespaces/${object.namespace || 'default'}/${object.kind}/${object.name}`;
}

/** The references of all objects of namespaces, taken before namespaces change. */
export function dependsOnReferences(objects: readonly KrmObject[]): ReadonlySet<string> {
  return new Set(objects.filter(isNamespaced).map(dependsOnReference));
}

/**
 * Lets depends-on annotations follow the objects they name, if those are in the package.
 *
 * @returns the namespaces that were replaced, one for each changed reference
 */
export function updateDependsOn(
  objects: readonly KrmObject[],
  known: ReadonlySet<string>,
  namespace: string,
  matcher: string,
): readonly string[] {
  const replaced: string[] = [];
  for (const object of objects) {
    const value = object.annotation(dependsOnAnnotation);
    if (value === undefined) continue;
    const references = value.split(',').map((reference) => {
      const parts = reference.trim().split('/');
      const current = parts[2];
      if (!known.has(reference.trim()) || current === undefined || current === namespace) return reference;
      if (matcher !== '' && matcher !== current) return reference;
      replaced.push(current);
      parts[2] = namespace;
      return reference.replace(reference.trim(), () => parts.join('/'));
    });
    object.setAnnotation(dependsOnAnnotation, references.join(','));
  }
  return replaced;
}
