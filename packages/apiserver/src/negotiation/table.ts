import { type AnyResourceDefinition, ageCell, type TableColumn } from '../registry/resource.ts';
import type { ServedObject } from '../storage/served-object.ts';
import { ageSince } from './age.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { Transform } from './output-form.ts';
import { partialMetadataHead } from './partial-metadata.ts';

/** Turns objects of one resource into rows of a table. */
export interface TableForm {
  /** The value of `columnDefinitions`, JSON. */
  readonly columns: string;
  writeRow(out: ByteWriter, object: ServedObject, transform: Transform & { type: 'table' }, now: number): void;
  /** A row of a bookmark, which has metadata only (JSON). */
  bookmarkRow(metadata: string, transform: Transform & { type: 'table' }): string;
}

function printColumns(columns: readonly TableColumn[]): string {
  return JSON.stringify(
    columns.map(({ name, type, format, description, priority }) => ({ name, type, format, description, priority })),
  );
}

/** The JSON of a row's cells, cut where an age belongs: all that stays the same as time passes. */
function cellParts(cells: readonly unknown[]): readonly string[] {
  const parts: string[] = [];
  let text = '{"cells":[';
  cells.forEach((cell, index) => {
    if (index > 0) text += ',';
    if (cell !== ageCell) text += JSON.stringify(cell ?? null);
    else {
      parts.push(`${text}"`);
      text = '"';
    }
  });
  parts.push(`${text}]`);
  return parts;
}

/** The table form of a resource. Keeps what it has computed for as long as the objects live. */
export function createTableForm(definition: Pick<AnyResourceDefinition, 'table'>): TableForm {
  const partsOf = new WeakMap<ServedObject, readonly string[]>();

  const parts = (object: ServedObject): readonly string[] => {
    const known = partsOf.get(object);
    if (known !== undefined) return known;
    const made = cellParts(object.cells);
    partsOf.set(object, made);
    return made;
  };

  return {
    columns: printColumns(definition.table.columns),
    writeRow(out, object, transform, now) {
      const pieces = parts(object);
      const cells = pieces.length === 1 ? (pieces[0] ?? '') : pieces.join(ageSince(object.creationTimestamp, now));
      switch (transform.includeObject) {
        case 'None':
          out.text(`${cells}}`);
          break;
        case 'Object':
          out.text(`${cells},"object":`);
          out.bytes(object.bytes);
          out.text('}');
          break;
        case 'Metadata':
          out.text(`${cells},"object":${partialMetadataHead(transform.version)}`);
          out.range(object.bytes, object.metadataStart, object.metadataEnd);
          out.text('}}');
      }
    },
    bookmarkRow(metadata, transform) {
      const cells = JSON.stringify(definition.table.columns.map(() => null));
      if (transform.includeObject === 'None') return `{"cells":${cells}}`;
      return `{"cells":${cells},"object":${partialMetadataHead(transform.version)}${metadata}}}`;
    },
  };
}
