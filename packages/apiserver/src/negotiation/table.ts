import { type AnyResourceDefinition, ageCell, SinceCell, type TableColumn } from '../registry/resource.ts';
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

/** A row's cells as JSON, cut where a duration belongs: all that stays the same as time passes. */
interface CellParts {
  readonly parts: readonly string[];
  /** Since when each of the durations between the parts counts; undefined where all are the object's age. */
  readonly since: readonly string[] | undefined;
}

function cellParts({ cells, creationTimestamp }: ServedObject): CellParts {
  const parts: string[] = [];
  const since: string[] = [];
  let text = '{"cells":[';
  cells.forEach((cell, index) => {
    if (index > 0) text += ',';
    if (cell === ageCell || cell instanceof SinceCell) {
      since.push(cell instanceof SinceCell ? cell.time : creationTimestamp);
      parts.push(`${text}"`);
      text = '"';
    } else text += JSON.stringify(cell ?? null);
  });
  parts.push(`${text}]`);
  return { parts, since: cells.some((cell) => cell instanceof SinceCell) ? since : undefined };
}

function joinCells({ parts, since }: CellParts, creationTimestamp: string, now: number): string {
  if (parts.length === 1) return parts[0] ?? '';
  if (since === undefined) return parts.join(ageSince(creationTimestamp, now));
  return parts.reduce((text, part, index) => `${text}${ageSince(since[index - 1] ?? '', now)}${part}`);
}

/** The table form of a resource. Keeps what it has computed for as long as the objects live. */
export function createTableForm(definition: Pick<AnyResourceDefinition, 'table'>): TableForm {
  const partsOf = new WeakMap<ServedObject, CellParts>();

  const parts = (object: ServedObject): CellParts => {
    const known = partsOf.get(object);
    if (known !== undefined) return known;
    const made = cellParts(object);
    partsOf.set(object, made);
    return made;
  };

  return {
    columns: printColumns(definition.table.columns),
    writeRow(out, object, transform, now) {
      const cells = joinCells(parts(object), object.creationTimestamp, now);
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
