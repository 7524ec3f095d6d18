import { RE2JS } from 're2js';

/** What to make of images of one name; empty parts stay as they are. */
export interface ImageChange {
  /** The name without tag and digest; taken as a regular expression, as kpt's function takes it. */
  readonly name: string;
  readonly newName: string;
  readonly newTag: string;
  /** With the name of its hash, `sha256:...`; takes the place of a tag. */
  readonly digest: string;
}

/**
 * Gives the new name of images that are meant, and undefined for others.
 *
 * @throws Error where the name is no regular expression
 */
export function imageChanger(change: ImageChange): (image: string) => string | undefined {
  const pattern = RE2JS.compile(`${change.name}(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?`);
  return (image) => (pattern.matches(image) ? changedImage(image, change) : undefined);
}

function changedImage(image: string, { newName, newTag, digest: newDigest }: ImageChange): string {
  const { name, tag, digest } = splitImage(image);
  const kept = newName || name;
  if (newDigest !== '') return `${kept}@${newDigest}`;
  return newTag !== '' ? `${kept}:${newTag}` : `${kept}${tag}${digest}`;
}

/** An image's parts; tag with its colon and digest with its at sign. The colon of a registry's port is part of the name. */
function splitImage(image: string): { readonly name: string; readonly tag: string; readonly digest: string } {
  const at = image.indexOf('@');
  const rest = at < 0 ? image : image.slice(0, at);
  const colon = rest.indexOf(':', rest.lastIndexOf('/') + 1);
  return {
    name: colon < 0 ? rest : rest.slice(0, colon),
    tag: colon < 0 ? '' : rest.slice(colon),
    digest: at < 0 ? '' : image.slice(at),
  };
}
