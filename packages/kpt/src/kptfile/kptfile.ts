import type { KptfileCondition } from './types.ts';

/** A selector of a pipeline function; all that is given must match exactly. */
export interface ResourceSelector {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** One entry of `pipeline.mutators` or `pipeline.validators`. */
export interface PipelineFunction {
  readonly image?: string;
  readonly exec?: string;
  readonly tag?: string;
  readonly name?: string;
  readonly configPath?: string;
  readonly configMap?: Readonly<Record<string, string>>;
  readonly selectors?: readonly ResourceSelector[];
  readonly exclude?: readonly ResourceSelector[];
}

/** Where in a Git repository a package comes from. */
export interface KptfileGitSource {
  readonly repo?: string;
  readonly directory?: string;
  readonly ref?: string;
}

/** The Kptfile's content, decoded strictly. */
export interface Kptfile {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly upstream?: { readonly type?: string; readonly git?: KptfileGitSource; readonly updateStrategy?: string };
  readonly upstreamLock?: { readonly type?: string; readonly git?: KptfileGitSource & { readonly commit?: string } };
  readonly info?: { readonly readinessGates?: readonly { readonly conditionType?: string }[] };
  readonly pipeline?: {
    readonly mutators?: readonly PipelineFunction[];
    readonly validators?: readonly PipelineFunction[];
  };
  readonly status?: { readonly conditions?: readonly Partial<KptfileCondition>[] };
}

/** The apiVersion and kind of every Kptfile that can be read; kpt's lists of results have the same apiVersion. */
export const kptfileApiVersion = 'kpt.dev/v1';
export const kptfileKind = 'Kptfile';

/** The condition that says how the last rendering went. */
export const renderedCondition = 'Rendered';
