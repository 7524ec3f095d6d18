import { type AnyResourceDefinition, ageCell, SinceCell, type TableColumn } from '../registry/resource.ts';
import type { ServedObject } from '../storage/served-object.ts';
import { ageSince } from './age.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { Transform } from './output-form.ts';
import { partialMetadataHead } from './partial-metadata.ts';

/** More different times than this are not remembered. */
const mostAges = 10_000;

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
  /** The row as last written with one age. Old objects keep it for hours. */
  joined: { readonly age: string; readonly text: string } | undefined;
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
  return { parts, since: cells.some((cell) => cell instanceof SinceCell) ? since : undefined, joined: undefined };
}

/** Ages at one time. Rows often share their times, and working an age out costs more than finding it again. */
class Ages {
  readonly #known = new Map<string, string>();
  #now = 0;

  at(time: string, now: number): string {
    if (now !== this.#now || this.#known.size > mostAges) {
      this.#now = now;
      this.#known.clear();
    }
    let age = this.#known.get(time);
    if (age === undefined) {
      age = ageSince(time, now);
      this.#known.set(time, age);
    }
    return age;
  }
}

function joinCells(cells: CellParts, creationTimestamp: string, ages: Ages, now: number): string {
  const { parts, since } = cells;
  if (parts.length === 1) return parts[0] ?? '';
  if (since === undefined) {
    const age = ages.at(creationTimestamp, now);
    if (cells.joined?.age !== age) cells.joined = { age, text: parts.join(age) };
    return cells.joined.text;
  }
  return parts.reduce((text, part, index) => `${text}${ages.at(since[index - 1] ?? '', now)}${part}`);
}

/** The table form of a resource. Keeps what it has computed for as long as the objects live. */
export function createTableForm(definition: Pick<AnyResourceDefinition, 'table'>): TableForm {
  const partsOf = new WeakMap<ServedObject, CellParts>();
  const ages = new Ages();

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
      const cells = joinCells(parts(object), object.creationTimestamp, ages, now);
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
