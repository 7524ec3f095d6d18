/** The last part of an image's name, without tag and digest: what a built-in function is found by. */
export function imageBaseName(image: string): string {
  const withoutDigest = image.split('@', 1)[0] ?? image;
  const name = withoutDigest.slice(withoutDigest.lastIndexOf('/') + 1);
  return name.split(':', 1)[0] ?? '';
}

/**
 * The full name of an image: the prefix before a name without a slash; `tag` in place of the tag and digest it has; `latest`
 * where there would be neither.
 */
export function resolveImage(image: string, tag: string | undefined, defaultPrefix: string): string {
  const prefix = defaultPrefix.replace(/\/+$/, '');
  const full = image.includes('/') || prefix === '' ? image : `${prefix}/${image}`;
  const name = (full.split('@', 1)[0] ?? '').replace(/:[^/:]*$/, '');
  if (tag !== undefined && tag !== '') return `${name}:${tag}`;
  return name === full ? `${full}:latest` : full;
}

/** Whether a tag stands for a range of versions, `~v0.4` or `>=0.1, <0.3`, rather than for itself. */
export function isVersionRange(tag: string): boolean {
  return /[~^<>=*|,\s]/.test(tag) || /^v?\d+(\.\d+)?\.[xX]$/.test(tag);
}
