import { isObject, setMember } from '../meta/json-object.ts';
import { annotationBytes, maxAnnotationBytes } from '../meta/validate-metadata-maps.ts';
import { DecodeError } from '../schema/decoding.ts';
import { scanJson } from '../schema/json-scan.ts';
import { appliedFields } from './applied-fields.ts';
import { compare } from './compare.ts';
import { difference, emptySet, type FieldSet, union } from './field-set.ts';
import { StructureError } from './list-items.ts';
import { type JsonObject, member } from './shape.ts';
import type { MapStructure } from './structure.ts';

/** The annotation in which kubectl's client-side apply keeps what it applied last. */
export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';
/** The manager whose server-side apply goes on where client-side apply has left off. */
export const migratingManager = 'kubectl';

function annotationsOf(object: JsonObject): JsonObject {
  const metadata = member(object, 'metadata');
  const annotations = isObject(metadata) ? member(metadata, 'annotations') : undefined;
  return isObject(annotations) ? annotations : {};
}

/** The text of the annotation; empty when there is none. */
function lastAppliedOf(object: JsonObject): string {
  const text = member(annotationsOf(object), lastAppliedAnnotation);
  return typeof text === 'string' ? text : '';
}

/** An object from its text; undefined for other values, for what is not JSON, and for what is nested deeper than objects may be. */
function parseObject(text: string): JsonObject | undefined {
  try {
    scanJson(Buffer.from(text));
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof DecodeError) return undefined;
    throw error;
  }
}

/**
 * Fields of an object that still have the value which client-side apply gave them: they were kubectl's all the time, so its
 * server-side apply may take them from whoever is their owner on paper.
 */
export function fieldsOfLastApplied(live: JsonObject, structure: MapStructure): FieldSet {
  const text = lastAppliedOf(live);
  const config = text === '' ? undefined : parseObject(text);
  if (config === undefined) return emptySet;
  try {
    const { added, modified, removed } = compare(config, live, structure);
    return difference(appliedFields(config, structure), union(union(added, modified), removed));
  } catch (error) {
    if (error instanceof StructureError) return emptySet;
    throw error;
  }
}

/** The annotation's text for a configuration. */
function lastAppliedText(config: JsonObject): string {
  const { managedFields: _, annotations: __, ...metadata } = isObject(config['metadata']) ? config['metadata'] : {};
  const annotations: JsonObject = {};
  for (const [name, value] of Object.entries(annotationsOf(config))) {
    if (name !== lastAppliedAnnotation) setMember(annotations, name, value);
  }
  return `${JSON.stringify({ ...config, metadata: { ...metadata, annotations } })}\n`;
}

/**
 * An object that has the annotation, with the configuration that has been applied now, or without it where that would make the
 * annotations too long. The arguments are not changed.
 */
export function withLastApplied(object: JsonObject, config: JsonObject): JsonObject {
  if (lastAppliedOf(object) === '') return object;
  const metadata = isObject(object['metadata']) ? object['metadata'] : {};
  const { [lastAppliedAnnotation]: _, ...others } = annotationsOf(object) as Record<string, string>;
  const renewed = { ...others, [lastAppliedAnnotation]: lastAppliedText(config) };
  const annotations = annotationBytes(renewed) > maxAnnotationBytes ? others : renewed;
  return { ...object, metadata: { ...metadata, annotations } };
}
