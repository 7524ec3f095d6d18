import { describe, expect, test } from 'vitest';
import { OutputTooLargeError, ProcessLostError, ProcessTimeoutError } from './broker/git-processes.ts';
import {
  ADVICE,
  classify,
  cleanText,
  commandBroken,
  commandFailed,
  NO_TLS_ADVICE,
  OWNER_ADVICE,
  READ_ONLY_ADVICE,
  REDIRECT_ADVICE,
  RETRY_INTERVAL_MS,
} from './errors.ts';
import { rejectionKind } from './push-report.ts';

test.each([
  [['s3cret'], 'https://h does not accept the credentials', /^check the secret/],
  [[], 'https://h asks for credentials, and there are none', /make a Secret .* spec\.git\.secretRef/],
])('where git would ask a person, with secrets %j: %s', (secrets, said, advice) => {
  const stderr = "remote: wrong token\nfatal: could not read Username for 'https://h': terminal prompts disabled\n";
  const error = commandFailed({ what: 'fetch x', secrets }, { exitCode: 128, stderr });
  expect(error).toMatchObject({ errorClass: 'Authentication', message: `fetch x: remote: wrong token; ${said}` });
  expect(error.advice).toMatch(advice);
});

describe('classes', () => {
  test('of what a remote repeats a thousand times', () => {
    expect(classify("fatal: repository '".repeat(60_000))).toBe('Other');
  });

  test.each([
    ["fatal: unable to access 'http://h/': Could not resolve host: h", 'Unreachable'],
    ["fatal: unable to access 'http://h/': Failed to connect to h port 1: Connection refused", 'Unreachable'],
    ["fatal: could not read Username for 'http://h': terminal prompts disabled", 'Authentication'],
    ["fatal: unable to access 'http://h/': The requested URL returned error: 403", 'Authentication'],
    ["fatal: repository 'http://h/x.git/' not found", 'NotFound'],
    ["fatal: '/x' does not appear to be a git repository", 'NotFound'],
    ["fatal: repository '/x' does not exist", 'NotFound'],
    ["fatal: unable to access 'http://h/': The requested URL returned error: 301", 'NotFound'],
    ["fatal: unable to access 'http://h/': Failed to connect to h port 1: Connection timed out", 'Timeout'],
    ['server certificate verification failed. CAfile: none CRLfile: none', 'Certificate'],
    ["fatal: unable to access 'http://h/': The requested URL returned error: 429", 'RateLimited'],
    ['error: RPC failed; curl 56 Recv failure: Connection reset by peer', 'Interrupted'],
    ['fatal: the remote end hung up unexpectedly', 'Interrupted'],
    ['fatal: the receiving end does not support --atomic push', 'Rejected'],
    ['fatal: something new', 'Other'],
    ['remote: hook: permission denied on the notice board\nfatal: something new', 'Other'],
    ['remote: API rate limit exceeded\nfatal: something new', 'RateLimited'],
    ['ERROR: Repository not found.\nfatal: Could not read from remote repository.', 'NotFound'],
    ['No ED25519 host key is known for x and you have requested strict checking.', 'HostKey'],
    [
      'remote: ERROR: The project you were looking for could not be found.\nfatal: Could not read from remote repository.',
      'NotFound',
    ],
    [
      'FATAL: W any blueprints porch DENIED by fallthru\nfatal: Could not read from remote repository.',
      'Authentication',
    ],
    [
      'Received disconnect from ::1 port 22:2: Too many authentication failures\nfatal: Could not read from remote repository.',
      'Authentication',
    ],
    [
      'Unable to negotiate with ::1 port 22: no matching host key type found. Their offer: ssh-rsa\nfatal: Could not read from remote repository.',
      'Other',
    ],
    ['kex_exchange_identification: Connection closed by remote host', 'Interrupted'],
    ["fatal: unable to access 'http://h/': Operation too slow. Less than 1 bytes/sec", 'Timeout'],
    ["SSL: no alternative certificate subject name matches target host name 'h'", 'Certificate'],
    ['server verification failed: certificate signer not trusted. (CAfile: none CRLfile: none)', 'Certificate'],
    ["fatal: unable to access 'https://h/': gnutls_handshake() failed: Error in the pull function.", 'Interrupted'],
    ['error: RPC failed; curl 28 Operation too slow. Less than 1 bytes/sec', 'Timeout'],
    ['error: RPC failed; HTTP 413 curl 22 The requested URL returned error: 413', 'TooLarge'],
    ['error: RPC failed; HTTP 403 curl 22 The requested URL returned error: 403', 'Authentication'],
    [
      'error: RPC failed; curl 56 OpenSSL SSL_read: error:0A000126:SSL routines::unexpected eof while reading, errno 0',
      'Interrupted',
    ],
    [
      'error: RPC failed; curl 56 GnuTLS recv error (-110): The TLS connection was non-properly terminated.',
      'Interrupted',
    ],
    [
      "fatal: unable to access 'https://h/': OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to h:443",
      'Interrupted',
    ],
    [
      "fatal: unable to access 'https://h/': TLS connect error: error:0A000086:SSL routines::certificate verify failed",
      'Certificate',
    ],
    ["fatal: unable to access 'https://h/': OpenSSL SSL_connect: wrong version number", 'NotFound'],
    ["fatal: unable to access 'https://timeout/rpc/': The requested URL returned error: 500", 'Unreachable'],
  ])('%s: %s', (stderr, errorClass) => expect(classify(stderr)).toBe(errorClass));

  test('each has an interval and advice', () => {
    expect(Object.keys(RETRY_INTERVAL_MS)).toEqual(Object.keys(ADVICE));
    expect(RETRY_INTERVAL_MS.Authentication).toBe(600_000);
  });
});

test('an empty repository with long object ids is told from a broken connection', () => {
  const stderr =
    "fatal: the receiving end does not support this repository's hash algorithm\nfatal: the remote end hung up unexpectedly\n";
  const error = commandFailed({ what: 'push x' }, { exitCode: 128, stderr });
  expect(error.errorClass).toBe('Other');
  expect(error.advice).toContain('SHA-1');
});

test.each([
  ["fatal: unable to access 'https://h/old/': The requested URL returned error: 301", 'NotFound', REDIRECT_ADVICE],
  [
    'error: Cannot access URL http://h/x.git/, return code 22\nfatal: git-http-push failed\n',
    'Rejected',
    READ_ONLY_ADVICE,
  ],
  [
    "fatal: detected dubious ownership in repository at '/srv/x.git'\nfatal: Could not read from remote repository.\n",
    'Other',
    OWNER_ADVICE,
  ],
  ['error: no DAV locking support on http://h/x.git/\nfatal: git-http-push failed\n', 'Rejected', READ_ONLY_ADVICE],
  [
    "fatal: unable to access 'https://h:80/x/': gnutls_handshake() failed: An unexpected TLS packet was received.",
    'NotFound',
    NO_TLS_ADVICE,
  ],
])('what to do about %s', (stderr, errorClass, advice) => {
  expect(commandFailed({ what: 'push x' }, { exitCode: 128, stderr })).toMatchObject({ errorClass, advice });
});

describe('messages', () => {
  test('leave out lines of a remote that say nothing', () => {
    const stderr = 'remote: \nremote: error:\nremote: error: Not allowed to push\nerror:\nfatal: no\n';
    expect(cleanText(stderr, [])).toBe('remote: error: Not allowed to push; fatal: no');
  });

  test('leave out advice of git that does not help here', () => {
    const stderr =
      "fatal: detected dubious ownership in repository at '/srv/x'\nTo add an exception for this directory, call:\n\n\tgit config --global --add safe.directory /srv/x\n";
    expect(cleanText(stderr, [])).toBe("fatal: detected dubious ownership in repository at '/srv/x'");
  });

  test('hide secrets and user information, are one line, and are not endless', () => {
    expect(cleanText('s3cret and again s3cret', ['s3cret'])).toBe('*** and again ***');
    const text = cleanText(`a s3cret\r\n\u001b[31mb https://u:p@host/x\n${'y'.repeat(5000)}`, ['s3cret', '']);
    expect(text).toMatch(/^a \*\*\*; \[31mb https:\/\/host\/x; y+ …$/);
    expect(text.length).toBeLessThan(2100);
  });

  test('hide what git or the remote repeats of the credentials', () => {
    const stderr = 'remote: no such user: alice:s3cret\nfatal: Authorization: Basic YWxpY2U6czNjcmV0 was refused\n';
    const secrets = ['YWxpY2U6czNjcmV0', 's3cret'];
    const { message } = commandFailed({ what: 'fetch x', secrets }, { exitCode: 128, stderr });
    expect(message).toBe('fetch x: remote: no such user: alice:***; fatal: Authorization: Basic *** was refused');
  });

  test.each([
    [new ProcessTimeoutError(5), 'Timeout', 'push x: git took longer than 5 ms and was ended'],
    [new ProcessLostError('the broker ended'), 'Interrupted', 'push x: a git process was lost: the broker ended'],
    [new OutputTooLargeError(9), 'Other', 'push x: git wrote more than 9 bytes and was ended'],
  ])('say what was being done when it is not known how it ended: %s', (cause, errorClass, message) => {
    expect(commandBroken({ what: 'push x' }, cause)).toMatchObject({ name: 'GitError', errorClass, message, cause });
  });

  test('are left alone where it was given up', () => {
    const reason = new Error('nobody waits for it');
    expect(commandBroken({ what: 'push x' }, reason)).toBe(reason);
  });

  test('say something even when git says nothing', () => {
    const error = commandFailed({ what: 'fetch x' }, { exitCode: 3, stderr: '' });
    expect(error.message).toBe('fetch x: git ended with exit code 3 and said nothing');
  });
});

describe('rejections', () => {
  test.each([
    ['stale info', 'moved'],
    ["failed to update ref: error: cannot lock ref 'x'", 'moved'],
    ["cannot lock ref 'refs/heads/x': is at 1 but expected 2", 'moved'],
    ['atomic push failed', 'others'],
    ['atomic transaction failed', 'moved'],
    ['pre-receive hook declined: the tag already exists', 'declined'],
    ['protected branch hook declined', 'declined'],
  ])('%s: %s', (reason, kind) => expect(rejectionKind(reason)).toBe(kind));
});
