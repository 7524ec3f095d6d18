import { CertificateAuthorities } from './certificate-authorities.ts';

/** How a front proxy says on whose behalf it asks. */
export interface RequestHeaderTrust {
  /** Who issues the certificates of front proxies. */
  readonly authorities: CertificateAuthorities;
  /** Common names that such a certificate may have; any when empty. */
  readonly allowedNames: readonly string[];
  /** Names of headers, in lower case. The first of the user's and UID's that has a value counts; of groups, all. */
  readonly usernameHeaders: readonly string[];
  readonly uidHeaders: readonly string[];
  readonly groupHeaders: readonly string[];
  /** In lower case. What follows in the name of a header is the key. */
  readonly extraHeaderPrefixes: readonly string[];
}

/** Whom a server behind a kube-apiserver believes. What is missing is believed from nobody. */
export interface DelegatedTrust {
  /** Who issues certificates of clients. */
  readonly clients: CertificateAuthorities | undefined;
  readonly requestHeader: RequestHeaderTrust | undefined;
}

function namesIn(data: Readonly<Record<string, string>>, key: string): readonly string[] {
  const text = data[key];
  if (text === undefined || text === '') return [];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`${key} is no JSON`, { cause: error });
  }
  if (!Array.isArray(value) || !value.every((name) => typeof name === 'string')) {
    throw new Error(`${key} must be a list of texts`);
  }
  return value;
}

function headersIn(data: Readonly<Record<string, string>>, key: string): readonly string[] {
  return namesIn(data, key).map((name) => name.trim().toLowerCase());
}

/**
 * Reads the data of the ConfigMap `kube-system/extension-apiserver-authentication`, in which a kube-apiserver says whom servers
 * behind it may believe.
 * @throws Error that names the key which cannot be used
 */
export function parseDelegatedTrust(data: Readonly<Record<string, string>>): DelegatedTrust {
  const authorities = (key: string): CertificateAuthorities | undefined => {
    const pem = data[key] ?? '';
    if (pem.trim() === '') return undefined;
    try {
      return new CertificateAuthorities(pem);
    } catch (error) {
      throw new Error(`${key} holds no certificates that can be read`, { cause: error });
    }
  };
  const proxies = authorities('requestheader-client-ca-file');
  const usernameHeaders = headersIn(data, 'requestheader-username-headers');
  return {
    clients: authorities('client-ca-file'),
    requestHeader:
      proxies === undefined || usernameHeaders.length === 0
        ? undefined
        : {
            authorities: proxies,
            allowedNames: namesIn(data, 'requestheader-allowed-names'),
            usernameHeaders,
            uidHeaders: headersIn(data, 'requestheader-uid-headers'),
            groupHeaders: headersIn(data, 'requestheader-group-headers'),
            extraHeaderPrefixes: headersIn(data, 'requestheader-extra-headers-prefix'),
          },
  };
}

/** All certificates of a trust, for the handshake in which clients are told whose certificates are welcome. */
export function trustedCertificates(trust: DelegatedTrust): readonly string[] {
  return [...(trust.clients?.pem ?? []), ...(trust.requestHeader?.authorities.pem ?? [])];
}
