import type { ServedObject } from '../storage/served-object.ts';
import type { ByteWriter } from './byte-writer.ts';

/** Writes an object as PartialObjectMetadata, with its metadata cut out of the bytes it already has. */
export function writePartialObjectMetadata(out: ByteWriter, object: ServedObject, version: 'v1' | 'v1beta1'): void {
  out.text(`{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/${version}","metadata":`);
  out.bytes(object.bytes.subarray(object.metadataStart, object.metadataEnd));
  out.text('}');
}
