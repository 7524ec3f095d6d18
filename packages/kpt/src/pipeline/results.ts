/** Function results as kpt and Porch's RenderStatus have them (`kpt.dev/v1 FunctionResultList`). */
export interface FunctionResultItem {
  message: string;
  severity?: 'error' | 'warning' | 'info';
  resourceRef?: { apiVersion?: string; kind?: string; name?: string; namespace?: string };
  field?: { path?: string; currentValue?: string; proposedValue?: string };
  file?: { path?: string; index?: number };
  tags?: Record<string, string>;
}

export interface FunctionResult {
  image?: string;
  exec?: string;
  stderr?: string;
  exitCode: number;
  results?: FunctionResultItem[];
}

export interface FunctionResultList {
  apiVersion: 'kpt.dev/v1';
  kind: 'FunctionResultList';
  metadata: { name: 'fnresults' };
  exitCode: number;
  items?: FunctionResult[];
}
