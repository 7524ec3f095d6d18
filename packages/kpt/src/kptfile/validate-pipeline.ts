import { posix } from 'node:path';
import { PackageError } from '../pipeline/job.ts';
import { isImageReference } from './image-reference.ts';
import type { Kptfile, PipelineFunction } from './kptfile.ts';

/** A field of a Kptfile that cannot be used as it is. */
export class KptfileFieldError extends PackageError {
  readonly field: string;

  constructor(path: string, field: string, value: string | undefined, reason: string) {
    const lines = ['Kptfile is invalid:', `Field: \`${field}\``];
    if (value !== undefined) lines.push(`Value: ${JSON.stringify(value)}`);
    super([...lines, `Reason: ${reason}`].join('\n'), path);
    this.name = 'KptfileFieldError';
    this.field = field;
  }
}

/**
 * Checks the functions of a pipeline: what each of them says of itself, not what its configuration holds.
 *
 * @throws KptfileFieldError for the first field that is wrong
 */
export function validatePipeline(path: string, { pipeline }: Kptfile): void {
  for (const kind of ['mutators', 'validators'] as const) {
    for (const [index, entry] of (pipeline?.[kind] ?? []).entries()) {
      validateFunction(path, `pipeline.${kind}[${index}]`, entry);
    }
  }
}

function validateFunction(path: string, field: string, entry: PipelineFunction): void {
  if (!entry.image && !entry.exec) {
    throw new KptfileFieldError(path, field, undefined, 'must specify either `image` or `exec`');
  }
  if (entry.image && entry.exec) {
    throw new KptfileFieldError(
      path,
      field,
      undefined,
      'must not specify both `image` and `exec`; specify one of them',
    );
  }
  if (entry.image && !isImageReference(entry.image)) {
    throw new KptfileFieldError(
      path,
      `${field}.image`,
      entry.image,
      'must be the name of an image, like "registry.example/name:tag"; a range of versions goes into `tag`',
    );
  }
  if (entry.configMap && Object.keys(entry.configMap).length > 0 && entry.configPath) {
    throw new KptfileFieldError(
      path,
      field,
      undefined,
      'must not specify both `configMap` and `configPath`; specify one of them',
    );
  }
  if (entry.configPath !== undefined && entry.configPath !== '') {
    validateConfigPath(path, `${field}.configPath`, entry.configPath);
  }
}

function validateConfigPath(path: string, field: string, value: string): void {
  if (value.trim() === '') throw new KptfileFieldError(path, field, value, 'path must not be empty');
  const clean = posix.normalize(value);
  if (posix.isAbsolute(clean)) throw new KptfileFieldError(path, field, value, 'path must be relative');
  if (clean === '..' || clean.startsWith('../')) {
    throw new KptfileFieldError(path, field, value, 'path must not be outside the package');
  }
}
