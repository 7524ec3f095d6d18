import { checkPostgresUrl, withoutOuterSlashes } from '@porch/apiserver';
import pg from 'pg';
import { ImportError } from './import-error.ts';
import { recordedMetadata } from './recorded-metadata.ts';
import type { RecordedDraft, RecordedRevision } from './recorded-revision.ts';

/** A row of `package_revisions` with its package's. Names are those of the Go server's schema. */
interface Row {
  readonly namespace: string;
  readonly name: string;
  readonly package_name: string;
  readonly package_path: string;
  readonly repository: string;
  readonly meta: string;
  readonly tasks: string;
  readonly lifecycle: string;
}

/** A row of `resources`: a file of a draft. */
export interface FileRow {
  readonly namespace: string;
  readonly name: string;
  readonly path: string;
  readonly content: string;
}

const revisionsQuery = `
  SELECT r.k8s_name_space AS namespace, r.k8s_name AS name, r.package_k8s_name AS package_name,
    p.package_path, p.repo_k8s_name AS repository, r.meta, r.tasks, r.lifecycle
  FROM package_revisions r
  JOIN packages p ON p.k8s_name_space = r.k8s_name_space AND p.k8s_name = r.package_k8s_name
  ORDER BY r.k8s_name_space, r.package_k8s_name, r.revision DESC, r.k8s_name`;

const draftFilesQuery = `
  SELECT f.k8s_name_space AS namespace, f.k8s_name AS name, f.resource_key AS path, f.resource_value AS content
  FROM resources f
  JOIN package_revisions r ON r.k8s_name_space = f.k8s_name_space AND r.k8s_name = f.k8s_name
  WHERE r.lifecycle IN ('Draft', 'Proposed')
  ORDER BY f.k8s_name_space, f.k8s_name, f.resource_key`;

/** Undefined table or column: SQLSTATE class 42. */
const wrongSchemaStates = new Set(['42P01', '42703']);

/**
 * Reads all package revisions of a Go server's PostgreSQL database, drafts with their files, as of one moment. Published ones come
 * before drafts of the same package, so that what drafts are made from is there first.
 * @param url as `postgresql://user:password@host/database`
 * @param source names where the URL is from in errors, which do not show it
 * @throws ImportError when the database cannot be reached, or is no database of Porch
 */
export async function readGoDatabase(url: string, source: string): Promise<readonly RecordedRevision[]> {
  requireUrl(url, source);
  const client = new pg.Client({ connectionString: url });
  // A connection that is lost is told of here too, and would end the process; what is being asked fails with it.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const revisions = await client.query<Row>(revisionsQuery);
    const files = await client.query<FileRow>(draftFilesQuery);
    const contents = filesByDraft(files.rows);
    return revisions.rows.map((row) => recorded(row, contents.get(`${row.namespace}/${row.name}`) ?? {}));
  } catch (error) {
    if (error instanceof ImportError) throw error;
    throw databaseError(error);
  } finally {
    await client.end();
  }
}

/** The files of each draft by their paths; drafts by namespace and name. */
export function filesByDraft(rows: readonly FileRow[]): ReadonlyMap<string, Record<string, string>> {
  const found = new Map<string, [string, string][]>();
  for (const { namespace, name, path, content } of rows) {
    const key = `${namespace}/${name}`;
    const files = found.get(key);
    if (files === undefined) found.set(key, [[path, content]]);
    else files.push([path, content]);
  }
  return new Map([...found].map(([key, files]) => [key, Object.fromEntries(files)]));
}

function requireUrl(url: string, source: string): void {
  try {
    checkPostgresUrl(url);
  } catch (error) {
    throw new ImportError(`${source}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function databaseError(error: unknown): ImportError {
  const state = error instanceof pg.DatabaseError ? error.code : undefined;
  const why = error instanceof Error ? error.message : String(error);
  return new ImportError(
    state !== undefined && wrongSchemaStates.has(state)
      ? `this is no database of the Go server, or one of a version that is not known: ${why}`
      : `the database cannot be read: ${why}`,
    { cause: error },
  );
}

function recorded(row: Row, files: Readonly<Record<string, string>>): RecordedRevision {
  const { namespace, name, lifecycle } = row;
  const base = {
    namespace,
    name,
    lifecycle,
    ...recordedMetadata(json(row.meta, 'meta', row), name),
  };
  return lifecycle === 'Draft' || lifecycle === 'Proposed' ? { ...base, draft: draft(row, lifecycle, files) } : base;
}

function draft(row: Row, lifecycle: RecordedDraft['lifecycle'], files: RecordedDraft['files']): RecordedDraft {
  const path = withoutOuterSlashes(row.package_path);
  const leaf = row.package_name.slice(`${row.repository}.${path === '' ? '' : `${path.replaceAll('/', '.')}.`}`.length);
  const tasks = json(row.tasks, 'tasks', row);
  return {
    repository: row.repository,
    packageName: path === '' ? leaf : `${path}/${leaf}`,
    workspaceName: row.name.slice(row.package_name.length + 1),
    lifecycle,
    tasks: Array.isArray(tasks) ? (tasks as RecordedDraft['tasks']) : [],
    files,
  };
}

function json(text: string, column: string, row: Row): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ImportError(`package_revisions.${column} of ${row.namespace}/${row.name} is not JSON`, { cause: error });
  }
}
