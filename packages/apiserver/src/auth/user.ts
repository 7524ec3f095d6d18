/** Who makes a request (Kubernetes `user.Info`). */
export interface UserInfo {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export const systemMasters = 'system:masters';
export const systemAuthenticated = 'system:authenticated';
export const systemMonitoring = 'system:monitoring';
export const systemUnauthenticated = 'system:unauthenticated';

/** The identity of requests that carry no credentials. */
export const anonymous: UserInfo = { name: 'system:anonymous', groups: [systemUnauthenticated] };
