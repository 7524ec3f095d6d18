import { upstreamIdentifier } from '../package/merge-keys.ts';
import type { KrmObject } from '../yaml/krm-object.ts';

/** What stands for the namespace of resources that have none. */
const noNamespace = '~C';

/** What a resource was upstream. */
export interface UpstreamOrigin {
  readonly group: string;
  readonly kind: string;
  /** Empty for resources of the whole cluster. */
  readonly namespace: string;
  readonly name: string;
}

/** The annotations of a resource, without what says what the resource itself was upstream. */
export function annotationsToInherit(object: KrmObject): Readonly<Record<string, string>> {
  const { [upstreamIdentifier]: _, ...others } = object.annotations;
  return others;
}

/** A resource's new content, with what the resource was upstream as it says now. */
export function withIdentifierOf<
  T extends { readonly metadata: object & { annotations?: Readonly<Record<string, string>> } },
>(resource: KrmObject, content: T): T {
  const identifier = resource.annotation(upstreamIdentifier);
  if (identifier === undefined) return content;
  const annotations = { ...content.metadata.annotations, [upstreamIdentifier]: identifier };
  return { ...content, metadata: { ...content.metadata, annotations } };
}

/** What a resource was upstream; undefined where it does not say, or not in four parts. */
export function upstreamOrigin(object: KrmObject): UpstreamOrigin | undefined {
  const parts = object.annotation(upstreamIdentifier)?.split('|');
  if (parts?.length !== 4) return undefined;
  const [group = '', kind = '', namespace = '', name = ''] = parts;
  return { group, kind, namespace: namespace === noNamespace ? '' : namespace, name };
}
