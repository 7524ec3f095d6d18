import type { ServedObject } from '../storage/served-object.ts';
import type { ByteWriter } from './byte-writer.ts';

/** What stands before the metadata of a PartialObjectMetadata. */
export function partialMetadataHead(version: 'v1' | 'v1beta1'): string {
  return `{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/${version}","metadata":`;
}

/** Writes an object as PartialObjectMetadata, with its metadata cut out of the bytes it already has. */
export function writePartialObjectMetadata(out: ByteWriter, object: ServedObject, version: 'v1' | 'v1beta1'): void {
  out.text(partialMetadataHead(version));
  out.range(object.bytes, object.metadataStart, object.metadataEnd);
  out.text('}');
}
