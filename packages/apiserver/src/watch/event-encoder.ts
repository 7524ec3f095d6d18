import type { ByteWriter } from '../negotiation/byte-writer.ts';
import { createByteWriter } from '../negotiation/byte-writer.ts';
import type { Transform } from '../negotiation/output-form.ts';
import type { ResourceEncoder } from '../negotiation/resource-encoder.ts';
import type { ServedEvent, ServedObject } from '../storage/served-object.ts';

/**
 * Turns events into the bytes of a watch. An event that goes to many watchers in the same form is encoded once, and all
 * of them send that one buffer.
 */
export interface EventEncoder {
  /** The shared bytes of an event. */
  shared(encoder: ResourceEncoder, event: ServedEvent, transform: Transform): Buffer;
  /** Writes an event among others. `columns`: whether a table says what its columns are. */
  write(out: ByteWriter, encoder: ResourceEncoder, event: ServedEvent, transform: Transform, columns: boolean): void;
}

const prefixes = {
  ADDED: '{"type":"ADDED","object":',
  MODIFIED: '{"type":"MODIFIED","object":',
  DELETED: '{"type":"DELETED","object":',
} as const;

/** Encoded events are kept while they are recent: the oldest make room when there are more bytes than this. */
const keptBytes = 4 * 1024 * 1024;

function formKey(transform: Transform, now: number): string {
  if (transform.type === 'none') return '';
  if (transform.type === 'partial') return transform.version;
  // Rows show ages, which are good for a second.
  return `${transform.version}/${transform.includeObject}/${Math.floor(now / 1000)}`;
}

/** An encoder with its own memory of recent events. */
export function createEventEncoder(now: () => number): EventEncoder {
  const recent = new Map<ServedObject, { readonly forms: Map<string, Buffer>; bytes: number }>();
  let total = 0;

  const remember = (object: ServedObject, key: string, bytes: Buffer): void => {
    const entry = recent.get(object) ?? { forms: new Map<string, Buffer>(), bytes: 0 };
    recent.set(object, entry);
    entry.forms.set(key, bytes);
    entry.bytes += bytes.length;
    total += bytes.length;
    for (const [oldest, { bytes: freed }] of recent) {
      if (total <= keptBytes || oldest === object) break;
      recent.delete(oldest);
      total -= freed;
    }
  };

  const write: EventEncoder['write'] = (out, encoder, event, transform, columns) => {
    out.text(prefixes[event.type]);
    encoder.writeWhole(out, event.object, transform, now(), columns);
    out.text('}\n');
  };

  return {
    write,
    shared(encoder, event, transform) {
      const key = `${event.type}${formKey(transform, now())}`;
      const known = recent.get(event.object)?.forms.get(key);
      if (known !== undefined) return known;
      const out = createByteWriter(event.object.bytes.length + 1024);
      write(out, encoder, event, transform, false);
      const chunks = out.finish();
      const bytes = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
      remember(event.object, key, bytes);
      return bytes;
    },
  };
}
