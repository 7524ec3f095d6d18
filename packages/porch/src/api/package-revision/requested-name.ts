import {
  dns1123SubdomainErrors,
  type FieldError,
  fieldError,
  type KubernetesObject,
  type RequestContext,
} from '@porch/apiserver';
import { packageRevisionName } from '../../resources/names.ts';
import type { PackageRevision } from '../../resources/package-revision.ts';
import { lastApplied } from '../unkept-metadata.ts';

/** The name that follows from the spec, or undefined while the spec lacks a part of it. */
export function composedName(object: PackageRevision): string | undefined {
  const { repository = '', packageName = '', workspaceName = '' } = object.spec;
  if (repository === '' || packageName === '' || workspaceName === '') return undefined;
  return packageRevisionName({ repository, packageName, workspaceName });
}

/**
 * Names of new package revisions. The server composes the name; what a client asked for is remembered until it has been
 * judged, since the object carries its real name from the start.
 */
export class RequestedNames {
  readonly #requested = new WeakMap<KubernetesObject, string>();

  /** Gives the object its name, or none where the spec does not make one: then its fields are what is wrong. */
  assign(object: PackageRevision): void {
    const name = composedName(object);
    const asked = object.metadata.name ?? '';
    if (asked !== '' && asked !== name) this.#requested.set(object, asked);
    delete object.metadata.generateName;
    if (name === undefined || dns1123SubdomainErrors(name).length > 0) delete object.metadata.name;
    else object.metadata.name = name;
  }

  /** Refuses names that cannot be one, and those that an apply would look for in vain; warns of others. */
  check(context: RequestContext, object: PackageRevision): FieldError[] {
    const asked = this.#requested.get(object);
    if (asked === undefined) return [];
    const malformed = dns1123SubdomainErrors(asked);
    if (malformed.length > 0) {
      return malformed.map((detail) => fieldError.invalid('metadata.name', asked, `invalid format: ${detail}`));
    }
    const real = object.metadata.name;
    if (real === undefined) return [];
    if (object.metadata.annotations?.[lastApplied] !== undefined) {
      return [
        fieldError.invalid(
          'metadata.name',
          asked,
          `the name of a package revision follows from its spec; to apply this object, name it ${JSON.stringify(real)}`,
        ),
      ];
    }
    context.warn(
      `metadata.name ${JSON.stringify(asked)} is not used: the package revision is named ${JSON.stringify(real)} after its repository, package and workspace`,
    );
    return [];
  }
}
