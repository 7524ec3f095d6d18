/** A condition in a Kptfile's status. */
export interface KptfileCondition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason?: string;
  message?: string;
}

/** Where a package was cloned from, as it was asked for. */
export interface KptfileUpstream {
  type: 'git';
  git: { repo: string; directory: string; ref: string };
}

/** Where a package was cloned from, down to the commit. */
export interface KptfileUpstreamLock {
  type: 'git';
  git: { repo: string; directory: string; ref: string; commit: string };
}

/** What the server shows of a Kptfile. Unreadable Kptfiles give an `error` and nothing else. */
export interface KptfileSummary {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly readinessGates: readonly { readonly conditionType: string }[];
  readonly conditions: readonly KptfileCondition[];
  /** Present only where upstream, its git part and the lock all exist. */
  readonly upstreamLock?: KptfileUpstreamLock;
  /** Why it could not be read, in words for a person. */
  readonly error?: string;
}
