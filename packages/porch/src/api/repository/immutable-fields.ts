import { type FieldError, fieldError } from '@porch/apiserver';
import { trimDirectory } from '../../resources/registration-overlap.ts';
import { redactedUrl } from '../../resources/remote-url.ts';
import type { Repository } from '../../resources/repository.ts';

/** Refuses to turn a registration into one of something else: its package revisions are named and numbered after it. */
export function immutableFieldErrors(object: Repository, old: Repository): FieldError[] {
  const errors: FieldError[] = [];
  const compare = (field: string, now = '', before = '', form = (text: string) => text) => {
    if (form(now) === form(before)) return;
    const shown = field === 'git.repo' ? redactedUrl(now) : now;
    errors.push(fieldError.invalid(`spec.${field}`, shown, `spec.${field} is immutable`));
  };
  const now = object.spec;
  const before = old.spec;
  compare('type', now.type, before.type);
  compare('git.repo', now.git?.repo, before.git?.repo);
  compare('git.branch', now.git?.branch ?? 'main', before.git?.branch ?? 'main');
  compare('git.directory', now.git?.directory, before.git?.directory, trimDirectory);
  compare('oci.registry', now.oci?.registry, before.oci?.registry);
  return errors;
}
