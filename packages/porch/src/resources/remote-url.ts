/** What kinds of remotes are allowed. */
export interface RemoteUrlOptions {
  /** Whether paths and file URLs of the server's own machine may be used. */
  readonly allowLocal: boolean;
}

const advice = 'give an http or https URL without user information';

/**
 * What keeps a text from being the URL of a Git repository that this server talks to. The messages never hold the URL, which
 * may carry a password.
 */
export function remoteUrlErrors(text: string, options: RemoteUrlOptions): string[] {
  if (/[\u0000-\u0020\u007f]/.test(text)) return ['must not contain spaces or control characters'];
  if (text.startsWith('/')) return localErrors(options);
  let url: URL;
  try {
    url = new URL(text);
  } catch (error) {
    if (error instanceof TypeError) return [`is not a URL; ${advice}`];
    throw error;
  }
  if (url.protocol === 'file:') return localErrors(options);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return [`the scheme ${JSON.stringify(url.protocol.slice(0, -1))} is not supported; ${advice}`];
  }
  if (url.username !== '' || url.password !== '') {
    return ['must not contain user information; keep credentials in a Secret and name it in secretRef'];
  }
  return url.hostname === '' ? [`has no host; ${advice}`] : [];
}

function localErrors(options: RemoteUrlOptions): string[] {
  return options.allowLocal
    ? []
    : [
        'local repositories are not allowed; start the server with --allow-local-repositories, or give an http or https URL',
      ];
}

/** The text without anything that may be user information, for messages: nothing before the last `@` is shown. */
export function redactedUrl(text: string): string {
  return text.replace(/^([a-zA-Z][a-zA-Z0-9+.-]*:\/\/)?.*@/s, '$1***@');
}

/** One form of the URLs of one remote: host in lower case, without `.git` and slashes at the end. */
export function remoteKey(text: string): string {
  const trimmed = (path: string) => path.replace(/\/+$/, '').replace(/\.git$/, '');
  if (text.startsWith('/')) return `file://${trimmed(text)}`;
  if (!URL.canParse(text)) return trimmed(text);
  const url = new URL(text);
  return `${url.protocol}//${url.host}${trimmed(url.pathname)}${url.search}`;
}
