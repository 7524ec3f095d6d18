/** What a cluster is reached with, as it is at this moment. PEM. */
export interface ClusterCredentials {
  /** Authorities of the cluster's certificate; those of the system when missing. */
  readonly authorities?: string;
  /** Name that the certificate must be for, where that is not the host of the address. */
  readonly serverName?: string;
  /** Take any certificate. */
  readonly insecure?: boolean;
  readonly certificate?: string;
  readonly key?: string;
  readonly token?: string;
}

/** A cluster, and who we are there. */
export interface ClusterAddress {
  /** For instance `https://10.0.0.1:443`, without a slash at its end. */
  readonly server: string;
  /** Where this was read, for messages. */
  readonly source: string;
  /** Reads again what may have been renewed. Rejects when that cannot be read. */
  credentials(): Promise<ClusterCredentials>;
}

/** Why a cluster cannot be asked: what it was told of it is incomplete or cannot be used. */
export class ClusterConfigError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ClusterConfigError';
  }
}
