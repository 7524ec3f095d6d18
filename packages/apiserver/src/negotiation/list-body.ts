import { turns } from '../meta/turns.ts';
import type { ServedObject } from '../storage/served-object.ts';
import { type ByteWriter, createByteWriter } from './byte-writer.ts';
import type { OutputForm } from './output-form.ts';
import type { ListFrame, ListMetadata, ResourceEncoder } from './resource-encoder.ts';
import { formatJson, indentRest } from './text-format.ts';

/** So many objects are written between two looks at the clock: short lists need none. */
const uninterrupted = 50;

/** How the parts of a list are joined in one format. */
interface Layout {
  open(frame: ListFrame): string;
  /** Before an item. */
  lead(first: boolean): string;
  close(empty: boolean, frame: ListFrame): string;
}

const compact: Layout = {
  open: (frame) => `${frame.head},"${frame.itemsField}":[`,
  lead: (first) => (first ? '' : ','),
  close: () => ']}\n',
};

const indented: Layout = {
  open: (frame) => `${formatJson(`${frame.head}}`, 'json').slice(0, -3)},\n  "${frame.itemsField}": [`,
  lead: (first) => (first ? '\n    ' : ',\n    '),
  close: (empty) => (empty ? ']\n}\n' : '\n  ]\n}\n'),
};

const yaml: Layout = {
  open: (frame) => formatJson(`${frame.head}}`, 'yaml'),
  lead: () => '- ',
  close: () => '',
};

function layoutOf(form: OutputForm): Layout {
  if (form.format === 'yaml') return yaml;
  return form.pretty ? indented : compact;
}

/**
 * The body of a list, in chunks. Compact JSON joins the bytes that the objects already have; the other formats, meant
 * for people, are made item by item. Nothing is computed before the consumer asks for it, and others have their turn in between.
 */
export async function* listBody(
  encoder: ResourceEncoder,
  items: readonly ServedObject[] | AsyncIterable<ServedObject>,
  metadata: ListMetadata,
  form: OutputForm,
  now: number,
): AsyncGenerator<Buffer> {
  const layout = layoutOf(form);
  const frame = encoder.listFrame(metadata, form.transform);
  const out = createByteWriter();
  const plain = layout === compact;
  let first = true;

  const item = (object: ServedObject): void => {
    if (first && layout === yaml) out.text(`${frame.itemsField}:\n`);
    out.text(layout.lead(first));
    first = false;
    if (plain) encoder.writeItem(out, object, form.transform, now);
    else out.text(reformat(encoder, object, form, now));
    if (layout === yaml) out.text('\n');
  };

  out.text(layout.open(frame));
  if (Symbol.asyncIterator in items) {
    const objects = items[Symbol.asyncIterator]();
    // In a function of its own: a loop over the objects would hold on to the last one while its chunks are taken, and the next one is made.
    const next = async (): Promise<boolean> => {
      const made = await objects.next();
      if (made.done === true) return false;
      if (turns.over) await turns.next();
      item(made.value);
      return true;
    };
    try {
      while (await next()) yield* out.take();
    } finally {
      await objects.return?.();
    }
  } else {
    let written = 0;
    for (const object of items) {
      if (++written % uninterrupted === 0 && turns.over) await turns.next();
      item(object);
      const chunks = out.take();
      if (chunks.length > 0) yield* chunks;
    }
  }
  if (first && layout === yaml) out.text(`${frame.itemsField}: []\n`);
  out.text(layout.close(first, frame));
  yield* out.finish();
}

function reformat(encoder: ResourceEncoder, object: ServedObject, form: OutputForm, now: number): string {
  const own: ByteWriter = createByteWriter(16 * 1024);
  encoder.writeItem(own, object, form.transform, now);
  const text = formatJson(Buffer.concat(own.finish()).toString('utf8'), form.format);
  return indentRest(text, form.format === 'yaml' ? 2 : 4);
}
