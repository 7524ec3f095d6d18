import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { ImportError } from '../import/import-error.ts';
import type { RecordedRevision } from '../import/recorded-revision.ts';
import { defaultSettings } from '../server/settings.ts';
import { StartupError } from '../server/startup-error.ts';
import { PathOption } from './path-options.ts';

/** What the command needs beside its flags. */
export interface ImportCommandParts {
  readonly process: Pick<NodeJS.Process, 'stdout' | 'stdin'>;
  /** Takes the exit code: 1 where something could not be taken over. */
  finish(exitCode: number): void;
}

interface Flags {
  readonly packagerevs?: string;
  readonly databaseUrlFile?: string;
  readonly kubeconfig: string;
  readonly context?: string;
  readonly dryRun?: boolean;
}

/** Adds `porch import`, which takes over from a Go server what Git does not hold. */
export function addImportCommand(program: Command, parts: ImportCommandParts): void {
  program
    .command('import')
    .description('take over drafts, labels, annotations, finalizers and owners from the records of a Go server')
    .helpOption('-h, --help', 'print this')
    .addOption(
      new PathOption(
        '--packagerevs <file>',
        'output of kubectl get packagerevs -A -o yaml; - for standard input',
        'a file or -',
      ),
    )
    .addOption(
      new PathOption(
        '--database-url-file <file>',
        "file with the URL of the Go server's PostgreSQL database",
        'a file',
      ),
    )
    .addOption(
      new PathOption('--kubeconfig <file>', 'how to reach the server that is imported into', 'a file').default(
        join(defaultSettings.dataDirectory, 'kubeconfig'),
      ),
    )
    .option('--context <name>', "context of the kubeconfig, in place of its current one's")
    .option('--dry-run', 'print what would be done, and do nothing')
    .action(async (flags: Flags, command: Command) => {
      if ((flags.packagerevs === undefined) === (flags.databaseUrlFile === undefined)) {
        command.error('give one of --packagerevs and --database-url-file');
      }
      try {
        parts.finish(await importRecords(flags, parts.process));
      } catch (error) {
        if (error instanceof ImportError) throw new StartupError(error.message, { cause: error });
        throw error;
      }
    });
}

async function fileText(path: string, flag: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new ImportError(`${flag}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

async function records(flags: Flags, stdin: NodeJS.ReadStream): Promise<readonly RecordedRevision[]> {
  if (flags.databaseUrlFile !== undefined) {
    const { readGoDatabase } = await import('../import/go-database.ts');
    const url = (await fileText(flags.databaseUrlFile, '--database-url-file')).trim();
    return readGoDatabase(url, flags.databaseUrlFile);
  }
  const path = flags.packagerevs ?? '-';
  const { readPackageRevs } = await import('../import/package-rev-file.ts');
  if (path === '-') return readPackageRevs(await text(stdin), 'standard input');
  return readPackageRevs(await fileText(path, '--packagerevs'), path);
}

async function importRecords(flags: Flags, process: ImportCommandParts['process']): Promise<number> {
  const { openClusterTarget } = await import('../import/cluster-target.ts');
  const { RefusedError } = await import('../import/import-target.ts');
  const { runImport } = await import('../import/run-import.ts');
  const target = openClusterTarget(flags.kubeconfig, flags.context);
  const found = await records(flags, process.stdin);
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  const dryRun = flags.dryRun === true;
  if (dryRun) print('Dry run: nothing is changed.');
  try {
    const { changed, unchanged, failed } = await runImport({ records: found, target, dryRun, print });
    const verb = dryRun ? 'would change' : 'changed';
    print(`${found.length} package revisions: ${changed} ${verb}, ${unchanged} unchanged, ${failed} not taken over`);
    return failed > 0 ? 1 : 0;
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    throw new ImportError(`the server cannot be asked for its package revisions: ${error.message}`, { cause: error });
  }
}
