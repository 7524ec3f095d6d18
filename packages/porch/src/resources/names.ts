import { hash } from 'node:crypto';

/** The parts of a package revision's name. */
export interface RevisionName {
  readonly repository: string;
  /** Package with its path, `a/b/pkg`. */
  readonly packageName: string;
  readonly workspaceName: string;
}

/** `<repository>.<path with dots>.<workspace>`. */
export function packageRevisionName(parts: RevisionName): string {
  return `${packageObjectName(parts.repository, parts.packageName)}.${parts.workspaceName}`;
}

/** Name of a package object: a package revision's without the workspace. */
export function packageObjectName(repository: string, packageName: string): string {
  return `${repository}.${packageName.replaceAll('/', '.')}`;
}

/** The version and the variant of RFC 9562 are in the 13th and the 17th digit. */
function uuidv5(namespace: Buffer, name: string): string {
  const hex = hash('sha1', Buffer.concat([namespace, Buffer.from(name)]), 'hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const uidNamespace = Buffer.from('aac71d915c67456f8fd2902ef6da820e', 'hex');

/**
 * UID of a package revision: the UUIDv5 that existing clients compute themselves. `incarnation` counts how often an object
 * of this name has been deleted before; the first object (0) has the plain value.
 */
export function packageRevisionUid(namespace: string, name: string, incarnation = 0): string {
  const suffix = incarnation === 0 ? '' : `#${incarnation}`;
  return uuidv5(uidNamespace, `packagerevision:porch.kpt.dev/v1alpha1/${namespace}/${name}${suffix}`.toLowerCase());
}

/** UID of the record of a package revision; it is another when the package revision is. */
export function packageRevUid(namespace: string, name: string, revisionUid: string): string {
  return uuidv5(
    uidNamespace,
    `packagerev:config.porch.kpt.dev/v1alpha1/${namespace}/${name}#${revisionUid}`.toLowerCase(),
  );
}

/** UID of a package object, by the same scheme. */
export function packageUid(namespace: string, name: string, incarnation = 0): string {
  const suffix = incarnation === 0 ? '' : `#${incarnation}`;
  return uuidv5(uidNamespace, `package:porch.kpt.dev/v1alpha1/${namespace}/${name}${suffix}`.toLowerCase());
}
