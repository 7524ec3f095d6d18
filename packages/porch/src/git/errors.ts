/**
 * What went wrong with Git: exit codes and standard error become classes of errors with advice.
 */

import { OutputTooLargeError, ProcessLostError, ProcessTimeoutError } from './broker/git-processes.ts';
import { sshMessage } from './ssh-messages.ts';
import { GitError, type GitErrorClass } from './types.ts';

/** How long to wait before a failed remote is asked again, in milliseconds. */
export const RETRY_INTERVAL_MS: Readonly<Record<GitErrorClass, number>> = {
  Unreachable: 30_000,
  Authentication: 600_000,
  NotFound: 120_000,
  Timeout: 60_000,
  Certificate: 300_000,
  HostKey: 300_000,
  RateLimited: 300_000,
  Rejected: 30_000,
  Interrupted: 30_000,
  TooLarge: 600_000,
  Other: 30_000,
};

/** What a person can do about each class. */
export const ADVICE: Readonly<Record<GitErrorClass, string>> = {
  Unreachable: 'check that the host name is right and that the Git server is up and can be reached from here',
  Authentication: 'check the secret named by the repository: its user name, password, token or key, and what it may do',
  NotFound: 'check the address, and that the repository, branch or object exists and the credentials may see it',
  Timeout: 'the Git server is slow; try again later, or check the network between here and there',
  Certificate:
    "check the Git server's certificate; the certificate of a private authority belongs into the Secret NAMESPACE-ca-bundle, key ca.crt",
  HostKey:
    "compare the server's key with what its operator publishes, and put it into known_hosts of the secret named by the repository",
  RateLimited:
    'the Git server allows no more requests for now; sync less often, or use credentials with a higher limit',
  Rejected: "the Git server refused the change; its answer says why (a hook, a protected branch, somebody else's push)",
  Interrupted:
    'the connection broke before the Git server had answered; if it does so again, check the scheme and port of the address, and what is between here and there (a push is not repeated before the server was asked what it has done)',
  TooLarge: 'take large files out of the package, and keep them where they can be fetched from when they are needed',
  Other: 'read what Git said; if it says nothing of use, look at the log of the Git server',
};

/** What a person can do where nobody has given credentials. */
export const NO_CREDENTIALS_ADVICE =
  'if the repository is not for everybody, make a Secret with credentials that may use it, and name it in spec.git.secretRef';

/** What a person can do about a repository whose object ids are longer than is supported. */
export const LONG_IDS_ADVICE = 'use a repository with SHA-1 object ids, as git makes them unless told otherwise';

/** What a person can do about a remote that itself has been cloned with less than all of its history. */
const SHALLOW_ADVICE =
  'the repository lacks the older part of its history; complete it on the Git server with git fetch --unshallow';

/** What a person can do about an address at which files are served and nothing can be pushed. */
export const READ_ONLY_ADVICE =
  "the address serves the files of the repository, not Git's own protocol, and takes no pushes; use the address that the Git server gives for cloning";

/** What a person can do about an address that leads to another one. */
export const REDIRECT_ADVICE =
  'redirects are followed to other addresses of a repository on the same server only; register the address that it has now, and check the secret where a page for signing in is shown instead';

/** What a person can do about an address whose scheme is https and whose port is that of something else. */
export const NO_TLS_ADVICE =
  'what answers there does not speak TLS; check the port of the address, or use http if that is what the Git server has there';

/** What a person can do about a repository of one user whose hooks git would run as another. */
export const OWNER_ADVICE =
  'a repository has to belong to the user that git runs as where it is (for a local one, the user of this server): change its owner there with chown';

const TOO_MANY = /returned error: 429|HTTP 429|rate limit|too many requests/i;

/**
 * How libraries of TLS and HTTP say that a connection has ended in the middle, when the remote may have carried out what it was sent. They
 * use words for it that are those of bad certificates too.
 */
const BROKEN_OFF =
  /RPC failed; curl (?:16|18|52|55|56|92|95)\b|non-properly terminated|Error in the (?:pull|push) function|unexpected eof while reading|SSL_ERROR_SYSCALL|SSL_connect: Connection reset/i;

/** How libraries of TLS say that what they were sent is not TLS at all. */
const NO_TLS = /unexpected TLS packet was received|wrong version number|packet length too long/i;

/** A remote that has no references yet says only to a push that its object ids are of another kind. */
const OTHER_IDS = /does not support this repository's hash algorithm/i;

const OTHER_OWNER = /detected dubious ownership/i;

const SHALLOW = /source repository is shallow/i;

/** Of a push to a web server that only has the files of a repository. */
const FILES_ONLY = /git-http-push failed|no DAV locking support/i;

const REDIRECTED = /returned error: 30\d|HTTP 30\d|unable to update url base from redirection/i;

const PATTERNS: readonly (readonly [GitErrorClass, RegExp])[] = [
  ['Other', OTHER_IDS],
  ['Other', SHALLOW],
  ['Other', OTHER_OWNER],
  ['Rejected', FILES_ONLY],
  ['Interrupted', BROKEN_OFF],
  ['HostKey', /Host key verification failed|HOST IDENTIFICATION HAS CHANGED|host key is known for/i],
  ['NotFound', NO_TLS],
  [
    'Certificate',
    /SSL certificate|certificate verif|server certificate|server verification|certificate subject name|peer certificate|CA cert|issuer certificate|gnutls_handshake|SSL_connect|SSL routines|TLS connect|setting certificate/i,
  ],
  ['RateLimited', TOO_MANY],
  ['TooLarge', /returned error: 413|HTTP 413/i],
  [
    'Authentication',
    /Authentication failed|could not read (Username|Password)|terminal prompts disabled|returned error: 40[137]|HTTP 40[137]|Permission denied|access denied|invalid credentials|Too many authentication failures|^FATAL: .* DENIED by /im,
  ],
  ['NotFound', REDIRECTED],
  [
    'NotFound',
    /repository (?:'.{0,1000}' )?not found|returned error: (404|410)|HTTP (404|410)|does not appear to be a git repository|repository .{0,1000} does not exist|couldn't find remote ref|not valid: is this a git repository/i,
  ],
  ['Timeout', /timed? ?out|Operation too slow|returned error: 504/i],
  [
    'Unreachable',
    /Could not resolve|Connection refused|Failed to connect|Couldn't connect|No route to host|Network is unreachable|returned error: 5\d\d/i,
  ],
  [
    'Interrupted',
    /hung up|early EOF|RPC failed|Connection (was )?reset|Connection (?:to \S+ )?closed by|Empty reply|unexpected disconnect|Broken pipe|transfer closed|HTTP\/2 stream|remote failure/i,
  ],
  ['Rejected', /hook declined|does not support --atomic|protected branch|remote rejected/i],
  ['Other', /Unable to negotiate with/i],
  // How git ends when an SSH server has let it in and then sent nothing of a repository, whatever its words for that are.
  ['NotFound', /Could not read from remote repository/i],
  ['NotFound', /bad object|not a valid (object|commit)|not a commit|missing (blob|tree|commit|object)|tree not found/i],
];

const MAX_TEXT = 2000;

/** Lines that say nothing, or what a class's advice says better. */
const UNHELPFUL =
  /^(warning: redirecting|hint:|to add an exception for this directory|git config --global --add safe|please make sure you have the correct access rights|and the repository exists\.|(?:remote: *)?(?:error:)?$)/i;

/**
 * The class of what git wrote to standard error. What hooks and others on the remote say, which git marks, may be about anything, and
 * decides nothing but that there were too many requests. Nor does what is part of an address.
 */
export function classify(stderr: string): GitErrorClass {
  const own = ownWords(stderr);
  const found = PATTERNS.find(([, pattern]) => pattern.test(own))?.[0];
  return found ?? (TOO_MANY.test(stderr) ? 'RateLimited' : 'Other');
}

function ownWords(stderr: string): string {
  return stderr.replace(/^remote:.*$/gm, '').replace(/'[a-z]+:\/\/[^'\n]*'/gi, "''");
}

/** Whether git was redirected to another address and did not go there. */
export function saysRedirected(stderr: string): boolean {
  return REDIRECTED.test(ownWords(stderr));
}

/** Text from git or a remote, made fit for a message: no secrets, no control characters, one line, not too long. */
export function cleanText(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) if (secret !== '') clean = clean.replaceAll(secret, '***');
  clean = clean
    .replace(/\/\/[^/@\s]*@/g, '//')
    .split(/[\r\n]+/)
    .map((line) => line.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ').trim())
    .filter((line) => line !== '' && !UNHELPFUL.test(line))
    .join('; ');
  return clean.length <= MAX_TEXT ? clean : `${clean.slice(0, MAX_TEXT)} …`;
}

/** What was being done when git failed. */
export interface Attempt {
  /** Reads well before a colon: `fetch https://host/repo.git`. */
  readonly what: string;
  /** Never shown, wherever git or the remote repeats them. */
  readonly secrets?: readonly string[];
}

/** Git speaks of a terminal where it would have asked a person for a password. What that means is another matter. */
function withoutPrompts(stderr: string, hasCredentials: boolean): string {
  const what = hasCredentials ? 'does not accept the credentials' : 'asks for credentials, and there are none';
  return stderr.replace(/^fatal: could not read (?:Username|Password) for '([^'\n]*)'.*$/gm, `$1 ${what}`);
}

/** The error of a command that git ended with a failure. */
export function commandFailed(
  attempt: Attempt,
  result: { readonly exitCode: number; readonly stderr: string },
): GitError {
  const { secrets = [] } = attempt;
  const text = sshMessage(result.stderr) ?? cleanText(withoutPrompts(result.stderr, secrets.length > 0), secrets);
  const errorClass = classify(result.stderr);
  const said = text === '' ? `git ended with exit code ${result.exitCode} and said nothing` : text;
  return new GitError(errorClass, `${attempt.what}: ${said}`, adviceOn(errorClass, result.stderr, secrets.length > 0));
}

function adviceOn(errorClass: GitErrorClass, stderr: string, hasCredentials: boolean): string {
  if (errorClass === 'Authentication' && !hasCredentials) return NO_CREDENTIALS_ADVICE;
  if (SHALLOW.test(stderr)) return SHALLOW_ADVICE;
  if (errorClass === 'Other' && OTHER_OWNER.test(stderr)) return OWNER_ADVICE;
  if (errorClass === 'Rejected' && FILES_ONLY.test(stderr)) return READ_ONLY_ADVICE;
  if (errorClass === 'NotFound' && saysRedirected(stderr)) return REDIRECT_ADVICE;
  if (errorClass === 'NotFound' && NO_TLS.test(stderr)) return NO_TLS_ADVICE;
  return OTHER_IDS.test(stderr) ? LONG_IDS_ADVICE : ADVICE[errorClass];
}

/** The error of a command whose end is not known; others, such as a signal's reason, are passed on as they are. */
export function commandBroken(attempt: Attempt, cause: unknown): unknown {
  const errorClass = classOfBroken(cause);
  if (errorClass === undefined || !(cause instanceof Error)) return cause;
  return new GitError(errorClass, `${attempt.what}: ${cause.message}`, ADVICE[errorClass], { cause });
}

function classOfBroken(cause: unknown): GitErrorClass | undefined {
  if (cause instanceof ProcessTimeoutError) return 'Timeout';
  if (cause instanceof ProcessLostError) return 'Interrupted';
  if (cause instanceof OutputTooLargeError) return 'Other';
  return undefined;
}

/** An error with the advice of its class. */
export function gitError(errorClass: GitErrorClass, message: string, options?: ErrorOptions): GitError {
  return new GitError(errorClass, message, ADVICE[errorClass], options);
}

/** What a person can do about an object that is too large and no file. */
const ADVICE_ON_LARGE: Readonly<Record<string, string>> = {
  tree: 'it is a directory with too many entries, or too long names of them: spread its files over several directories',
  commit: 'it is a commit with a message that is too long: make it anew with a shorter one',
  tag: 'it is a tag with a message that is too long: make it anew with a shorter one',
};

/** An object is larger than one of its type may be. `size`: bytes. */
export function objectTooLarge(object: {
  readonly id: string;
  readonly objectType: string;
  readonly size: number;
}): GitError {
  const { id, objectType, size } = object;
  const advice = ADVICE_ON_LARGE[objectType] ?? ADVICE.TooLarge;
  return new GitError('TooLarge', `object ${id} is too large (${size} bytes)`, advice);
}
