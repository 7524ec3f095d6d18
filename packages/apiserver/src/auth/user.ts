/** Who makes a request (Kubernetes `user.Info`). */
export interface UserInfo {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** A user as the API shows it (`UserInfo` of authentication.k8s.io/v1). */
export interface ShownUser {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** A user in the form in which reviews and audit events show it. */
export function shownUser({ name, uid, groups, extra }: UserInfo): ShownUser {
  return {
    username: name,
    ...(uid === undefined ? {} : { uid }),
    groups,
    ...(extra === undefined ? {} : { extra }),
  };
}

/** The group of those who may do everything. */
export const systemMasters = 'system:masters';
/** The group of all who have proved who they are. */
export const systemAuthenticated = 'system:authenticated';
/** The group of those who watch how servers are. */
export const systemMonitoring = 'system:monitoring';
/** The group of those who have not said who they are. */
export const systemUnauthenticated = 'system:unauthenticated';

/** The identity of requests that carry no credentials. */
export const anonymous: UserInfo = { name: 'system:anonymous', groups: [systemUnauthenticated] };
