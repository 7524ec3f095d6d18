import type { kptfileApiVersion } from '../kptfile/kptfile.ts';

/** One thing that a function has to say, as kpt and Porch's RenderStatus have it. */
export interface FunctionResultItem {
  message: string;
  severity?: 'error' | 'warning' | 'info';
  resourceRef?: { apiVersion?: string; kind?: string; name?: string; namespace?: string };
  field?: { path?: string; currentValue?: string; proposedValue?: string };
  file?: { path?: string; index?: number };
  tags?: Record<string, string>;
}

/** What one run of a function has come to. */
export interface FunctionResult {
  image?: string;
  exec?: string;
  stderr?: string;
  exitCode: number;
  results?: FunctionResultItem[];
}

/** What all functions of a rendering have come to, in their order (`kpt.dev/v1 FunctionResultList`). */
export interface FunctionResultList {
  apiVersion: typeof kptfileApiVersion;
  kind: 'FunctionResultList';
  metadata: { name: 'fnresults' };
  exitCode: number;
  items?: FunctionResult[];
}
