import type { ResourceLabels } from '../http/request-labels.ts';
import { apiVersionOf } from '../meta/object.ts';
import type { AnyResourceDefinition } from '../registry/resource.ts';
import type { ServedObject } from '../storage/served-object.ts';
import { type ByteWriter, createByteWriter } from './byte-writer.ts';
import type { OutputForm, Transform } from './output-form.ts';
import { partialMetadataHead, writePartialObjectMetadata } from './partial-metadata.ts';
import { createTableForm, type TableForm } from './table.ts';
import { formatJson } from './text-format.ts';

/** What a list says of itself. */
export interface ListMetadata {
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** The outside of a list: its fields, and the one that holds the items. */
export interface ListFrame {
  /** JSON of an object without its closing brace. */
  readonly head: string;
  readonly itemsField: 'items' | 'rows';
}

/** Encodes objects of one resource in the forms clients ask for. Everything it writes is compact JSON. */
export interface ResourceEncoder {
  /** What it encodes, as the labels of metrics. */
  readonly resource: ResourceLabels;
  readonly table: TableForm;
  /** An object as an item of a list: the object, its metadata, or its row. */
  writeItem(out: ByteWriter, object: ServedObject, transform: Transform, now: number): void;
  /** An object as an answer or event of its own; `columns`: whether a table says what its columns are. */
  writeWhole(out: ByteWriter, object: ServedObject, transform: Transform, now: number, columns: boolean): void;
  listFrame(metadata: ListMetadata, transform: Transform): ListFrame;
  /** The object of a BOOKMARK event (JSON). `columns`: whether a table says what its columns are. */
  bookmark(
    revision: number,
    transform: Transform,
    columns: boolean,
    annotations: Readonly<Record<string, string>> | undefined,
  ): string;
}

function tableHead(version: string, metadata: string, columns: string): string {
  return `{"kind":"Table","apiVersion":"meta.k8s.io/${version}","metadata":${metadata},"columnDefinitions":${columns}`;
}

/** The encoder of a resource. */
export function createResourceEncoder(
  definition: Pick<AnyResourceDefinition, 'group' | 'version' | 'plural' | 'kind' | 'listKind' | 'table'>,
): ResourceEncoder {
  const table = createTableForm(definition);
  const apiVersion = JSON.stringify(apiVersionOf(definition.group, definition.version));

  const writeItem: ResourceEncoder['writeItem'] = (out, object, transform, now) => {
    if (transform.type === 'none') out.bytes(object.bytes);
    else if (transform.type === 'partial') writePartialObjectMetadata(out, object, transform.version);
    else table.writeRow(out, object, transform, now);
  };

  return {
    resource: { group: definition.group, version: definition.version, resource: definition.plural },
    table,
    writeItem,
    writeWhole(out, object, transform, now, columns) {
      if (transform.type !== 'table') {
        writeItem(out, object, transform, now);
        return;
      }
      const metadata = `{"resourceVersion":"${object.revision}"}`;
      out.text(`${tableHead(transform.version, metadata, columns ? table.columns : 'null')},"rows":[`);
      table.writeRow(out, object, transform, now);
      out.text(']}');
    },
    listFrame(metadata, transform) {
      const text = JSON.stringify(metadata);
      if (transform.type === 'table') {
        return { head: tableHead(transform.version, text, table.columns), itemsField: 'rows' };
      }
      if (transform.type === 'partial') {
        const kind = '{"kind":"PartialObjectMetadataList"';
        return {
          head: `${kind},"apiVersion":"meta.k8s.io/${transform.version}","metadata":${text}`,
          itemsField: 'items',
        };
      }
      const kind = JSON.stringify(definition.listKind);
      return { head: `{"kind":${kind},"apiVersion":${apiVersion},"metadata":${text}`, itemsField: 'items' };
    },
    bookmark(revision, transform, columns, annotations) {
      const metadata = JSON.stringify({ resourceVersion: String(revision), ...(annotations ? { annotations } : {}) });
      if (transform.type === 'none') {
        return `{"kind":${JSON.stringify(definition.kind)},"apiVersion":${apiVersion},"metadata":${metadata}}`;
      }
      if (transform.type === 'partial') {
        return `${partialMetadataHead(transform.version)}${metadata}}`;
      }
      const own = `{"resourceVersion":"${revision}"}`;
      const head = tableHead(transform.version, own, columns ? table.columns : 'null');
      return `${head},"rows":[${table.bookmarkRow(metadata, transform)}]}`;
    },
  };
}

/** One object as the body of an answer. */
export function encodeAnswer(encoder: ResourceEncoder, object: ServedObject, form: OutputForm, now: number): Buffer {
  const plain = form.format === 'json' && !form.pretty;
  if (plain && form.transform.type === 'none') return object.bytes;
  const out = createByteWriter(4096);
  encoder.writeWhole(out, object, form.transform, now, true);
  const json = Buffer.concat(out.finish());
  return plain ? json : Buffer.from(formatJson(json.toString('utf8'), form.format), 'utf8');
}
