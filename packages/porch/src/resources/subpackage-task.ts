import { dns1123SubdomainErrors } from '@porch/apiserver';
import type { PackageRevision, Task } from './package-revision.ts';

/** A task that an update adds to a draft, for a subpackage of it. */
export interface SubpackageTask {
  readonly task: Task;
  /** Where it is: `spec.tasks[1]`. */
  readonly field: string;
  /** Where its directory is said: `spec.tasks[1].clone.subpackageDir`. */
  readonly directoryField: string;
  /** Directory of the subpackage within the package. */
  readonly directory: string;
}

/** The directory of the subpackage that a task is about; undefined for one that is about a whole package. */
function subpackageDirectory(task: Task): string | undefined {
  return (task.type === 'upgrade' ? task.upgrade?.subpackageDir : task.clone?.subpackageDir) || undefined;
}

/** The task for a subpackage that stands in an object behind the `tasks` that it has had. */
export function addedSubpackageTask({ spec }: PackageRevision, tasks: number): SubpackageTask | undefined {
  const task = spec.tasks?.[tasks];
  const directory = task === undefined ? undefined : subpackageDirectory(task);
  if (task === undefined || directory === undefined) return undefined;
  const field = `spec.tasks[${tasks}]`;
  return { task, field, directoryField: `${field}.${task.type}.subpackageDir`, directory };
}

/** The name of a subpackage in its Kptfile: `a.b` for the directory `a/b`. */
export function subpackageName(directory: string): string {
  return directory.replaceAll('/', '.');
}

/** What is wrong with the directory of a subpackage: its parts, joined by dots, have to be a name. */
export function subpackageDirectoryErrors(directory: string): readonly string[] {
  if (/^\/|\/$|\/\/|\./.test(directory)) {
    const message = `subpackageDir is invalid: subpackage directory ${JSON.stringify(directory)} is invalid`;
    return [`${message}: it must be relative, without '.' and without '/' at its end`];
  }
  return dns1123SubdomainErrors(subpackageName(directory));
}
