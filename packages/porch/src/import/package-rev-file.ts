import { type Document, parseAllDocuments, type Tags } from 'yaml';
import { ImportError } from './import-error.ts';
import { recordedMetadata } from './recorded-metadata.ts';
import type { RecordedRevision } from './recorded-revision.ts';

/** What prints the records. */
const command = 'kubectl get packagerevs -A -o yaml';

interface RecordObject {
  readonly kind?: unknown;
  readonly metadata?: { readonly name?: unknown; readonly namespace?: unknown } | null;
  readonly items?: unknown;
}

/**
 * The records in what `kubectl get packagerevs -A -o yaml` (or `-o json`) prints: lists and single objects, several documents.
 * @param source names the text in errors
 * @throws ImportError for text that is no YAML, and for objects that are no `PackageRev`
 */
export function readPackageRevs(text: string, source: string): readonly RecordedRevision[] {
  const objects = parseAllDocuments(text, { customTags: withoutFloats }).flatMap((document) => {
    const [problem] = document.errors;
    if (problem !== undefined) {
      throw new ImportError(`${source} is not YAML: ${problem.message.split('\n', 1)[0]}`, { cause: problem });
    }
    const value = plainValue(document, source);
    return value === null ? [] : [value as RecordObject];
  });
  // A command that fails leaves an empty file behind; one that finds nothing prints an empty list.
  if (objects.length === 0) throw new ImportError(`${source} is empty; make it with: ${command}`);
  return objects.flatMap(objectsOf).map((object) => revision(object, source));
}

/** Labels and annotations are texts; those that look like numbers too large for kubectl it prints without quotes: `7e93021`. */
function withoutFloats(tags: Tags): Tags {
  return tags.filter((tag) => typeof tag !== 'object' || !('tag' in tag) || !String(tag.tag).endsWith(':float'));
}

/** Aliases are none of kubectl's, and can make a small file endless. */
function plainValue(document: Document.Parsed, source: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ImportError(`${source} cannot be used: ${why}; make it with: ${command}`, { cause: error });
  }
}

function objectsOf(object: RecordObject): readonly RecordObject[] {
  return Array.isArray(object.items) ? (object.items as readonly RecordObject[]) : [object];
}

function revision(object: RecordObject, source: string): RecordedRevision {
  const name = object?.metadata?.name;
  if (object?.kind !== 'PackageRev' || typeof name !== 'string') {
    const found = typeof object?.kind === 'string' ? `a ${object.kind}` : 'something without a kind';
    throw new ImportError(
      `${source} holds ${found} where a PackageRev with a name was expected; make it with: ${command}`,
    );
  }
  const { namespace } = object.metadata ?? {};
  return {
    namespace: typeof namespace === 'string' ? namespace : 'default',
    name,
    ...recordedMetadata(object.metadata, name),
  };
}
