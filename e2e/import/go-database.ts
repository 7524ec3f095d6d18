import pg from 'pg';
import type { PostgresConnection } from '../../packages/apiserver/src/storage/postgres/options.ts';
import type { Json } from '../harness/api-client.ts';

/** A package revision as the Go server's database has it. */
export interface GoRevision {
  readonly repository: string;
  readonly path?: string;
  readonly packageName: string;
  readonly workspaceName: string;
  readonly revision?: number;
  readonly lifecycle: string;
  readonly meta?: Json;
  readonly tasks?: readonly Json[];
  readonly files?: Readonly<Record<string, string>>;
}

/** The columns and tables of the Go server's schema that hold package revisions; triggers and keys are of no concern here. */
const tables = `
  CREATE TABLE packages (k8s_name_space text, k8s_name text, repo_k8s_name text, package_path text,
    PRIMARY KEY (k8s_name_space, k8s_name));
  CREATE TABLE package_revisions (k8s_name_space text, k8s_name text, package_k8s_name text, revision integer,
    meta text, spec text, lifecycle text, tasks text, PRIMARY KEY (k8s_name_space, k8s_name));
  CREATE TABLE resources (k8s_name_space text, k8s_name text, resource_key text, resource_value text,
    PRIMARY KEY (k8s_name_space, k8s_name, resource_key));`;

const insertPackage = 'INSERT INTO packages VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING';
const insertRevision = 'INSERT INTO package_revisions VALUES ($1, $2, $3, $4, $5, $6, $7, $8)';
const insertFile = 'INSERT INTO resources VALUES ($1, $2, $3, $4)';

/** Makes the tables of a Go server in an empty database, and fills them. */
export async function fillGoDatabase(connection: PostgresConnection, revisions: readonly GoRevision[]): Promise<void> {
  const client = new pg.Client({ ...connection });
  await client.connect();
  try {
    await client.query(tables);
    for (const wanted of revisions) {
      const { repository, path = '', packageName, workspaceName, revision = 0, lifecycle } = wanted;
      const name = [repository, ...path.split('/').filter(Boolean), packageName].join('.');
      const full = `${name}.${workspaceName}`;
      const meta = JSON.stringify(wanted.meta ?? {});
      const tasks = JSON.stringify(wanted.tasks ?? []);
      await client.query(insertPackage, ['default', name, repository, path]);
      await client.query(insertRevision, ['default', full, name, revision, meta, '{}', lifecycle, tasks]);
      for (const [file, content] of Object.entries(wanted.files ?? {})) {
        await client.query(insertFile, ['default', full, file, content]);
      }
    }
  } finally {
    await client.end();
  }
}
