import { kptfileApiVersion } from '../kptfile/kptfile.ts';
import type { FieldValue } from '../yaml/node-edits.ts';
import type { FunctionResult, FunctionResultItem, FunctionResultList } from './results.ts';

/** A function that was run, or could not be. */
export interface PipelineStep {
  readonly kind: 'mutator' | 'validator';
  readonly name: string | undefined;
  /** The full name of the image. */
  readonly image: string | undefined;
  readonly exec: string | undefined;
  readonly exitCode: number;
  readonly stderr: string | undefined;
  /** Why the function could not be run, or what it returned could not be used. */
  readonly executionError: string | undefined;
  readonly results: readonly FunctionResultItem[];
}

/** The results of all functions that ran, in order. */
export function resultList(steps: readonly PipelineStep[], failed: boolean): FunctionResultList {
  const items = steps.map(functionResult);
  return {
    apiVersion: kptfileApiVersion,
    kind: 'FunctionResultList',
    metadata: { name: 'fnresults' },
    exitCode: failed ? 1 : 0,
    ...(items.length > 0 && { items }),
  };
}

function functionResult(step: PipelineStep): FunctionResult {
  const stderr = [step.stderr, step.executionError].filter((text) => text !== undefined && text !== '').join('\n');
  return {
    ...(step.image !== undefined && { image: step.image }),
    ...(step.exec !== undefined && { exec: step.exec }),
    ...(stderr !== '' && { stderr }),
    exitCode: step.exitCode,
    ...(step.results.length > 0 && { results: step.results.map(normalizeItem) }),
  };
}

/** A result with its fields in the usual order and without those that say nothing. */
function normalizeItem(item: FunctionResultItem): FunctionResultItem {
  const { message, severity, resourceRef, field, file, tags } = item;
  return {
    message,
    ...(severity !== undefined && { severity }),
    ...(resourceRef !== undefined && { resourceRef }),
    ...(field !== undefined && { field }),
    ...(file?.path !== undefined && { file: { path: file.path, ...(file.index && { index: file.index }) } }),
    ...(tags !== undefined && { tags }),
  };
}

/** What the Kptfile's `status.renderStatus` says of the steps; undefined where there were none. */
export function renderStatus(steps: readonly PipelineStep[]): FieldValue | undefined {
  if (steps.length === 0) return undefined;
  const errors = steps.filter((step) => step.exitCode !== 0).map(errorLine);
  return {
    mutationSteps: stepList(steps, 'mutator'),
    validationSteps: stepList(steps, 'validator'),
    errorSummary: errors.length > 0 ? errors.join('\n') : undefined,
  };
}

function stepList(steps: readonly PipelineStep[], kind: PipelineStep['kind']): FieldValue[] | undefined {
  const list = steps.filter((step) => step.kind === kind).map(stepStatus);
  return list.length > 0 ? list : undefined;
}

function stepStatus(step: PipelineStep): FieldValue {
  const results = step.results.map(resultStatus);
  const errors = step.results.filter((item) => item.severity === 'error').map(resultStatus);
  return {
    name: step.name || undefined,
    image: step.image,
    exec: step.exec,
    executionError: step.executionError || undefined,
    stderr: step.stderr || undefined,
    exitCode: step.exitCode,
    results: results.length > 0 ? results : undefined,
    errorResults: errors.length > 0 ? errors : undefined,
  };
}

function resultStatus(item: FunctionResultItem): FieldValue {
  const { message, severity, resourceRef: ref, field, file } = normalizeItem(item);
  return {
    message,
    severity,
    resourceRef: ref && {
      apiVersion: ref.apiVersion,
      kind: ref.kind,
      name: ref.name,
      namespace: ref.namespace || undefined,
    },
    field: field && { path: field.path, currentValue: field.currentValue, proposedValue: field.proposedValue },
    file: file && { path: file.path, index: file.index },
  };
}

function errorLine(step: PipelineStep): string {
  const title = step.name || step.image || step.exec || '';
  return `${title}: ${step.executionError || `exit code ${step.exitCode}`}`;
}
