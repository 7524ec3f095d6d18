import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { plainGitEnvironment } from './git-command.ts';
import type { GitServerFault } from './git-server.ts';

/** What a request means to `git http-backend`. */
export interface BackendRequest {
  readonly root: string;
  readonly path: string;
  readonly query: string;
  readonly user: string | undefined;
  readonly fault: GitServerFault['fault'] | undefined;
}

let backendPath: string | undefined;

/**
 * The program itself, not `git http-backend`: that one is the parent of the program, which would not end with it, and which reads for
 * ever from a client that has gone in the middle of its body. Looked up when first needed: where git is missing, whoever starts the
 * server says so.
 */
function backend(): string {
  backendPath ??= join(execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim(), 'git-http-backend');
  return backendPath;
}

/** Git that can write no file: as on a full disk, its writes fail. */
const withoutDisk = ['-c', 'trap "" XFSZ; ulimit -f 0; exec "$0"'];

/** Starts `git http-backend` for a request: the body goes in as it comes, the answer goes out as it comes. */
export function serveWithBackend(
  request: IncomingMessage,
  response: ServerResponse,
  target: BackendRequest,
): ChildProcess {
  const [program, args] = target.fault === 'disk-full' ? ['sh', [...withoutDisk, backend()]] : [backend(), []];
  const child = spawn(program, args, { env: environment(request, target), stdio: ['pipe', 'pipe', 'pipe'] });
  const errors: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  const hasBody = pipeline(target.fault === 'cut' ? firstHalf(request, response) : request, child.stdin).then(
    () => target.fault !== 'cut',
    (error: NodeJS.ErrnoException) => {
      // A backend that refuses a request ends before it has read the body: its answer says why.
      if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_PREMATURE_CLOSE') fail(error);
      return false;
    },
  );
  // As with a real server, a client that goes ends no push that has arrived. A signal could leave a lock behind besides: git knows of a
  // lock only after it has made the file. Without its whole body the program has nothing to lock for, and reads for ever.
  const abandon = (): void => {
    child.stdout.destroy();
    void hasBody.then((whole) => whole || child.kill());
  };
  const fail = (error: Error): void => {
    abandon();
    if (response.headersSent) response.destroy(error);
    else response.writeHead(500, { 'content-type': 'text/plain' }).end(`${error.message}\n`);
  };
  child.on('error', fail);
  response.on('close', () => {
    if (!response.writableFinished) abandon();
  });
  answer(child, response, target.fault).catch((error: Error) =>
    fail(new Error(`git http-backend: ${error.message} ${Buffer.concat(errors).toString('utf8')}`, { cause: error })),
  );
  return child;
}

function environment(request: IncomingMessage, target: BackendRequest): NodeJS.ProcessEnv {
  const { headers } = request;
  const protocol = headers['git-protocol'];
  return {
    ...plainGitEnvironment(),
    GIT_PROJECT_ROOT: target.root,
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'safe.directory',
    GIT_CONFIG_VALUE_0: '*',
    REQUEST_METHOD: request.method,
    PATH_INFO: target.path,
    QUERY_STRING: target.query,
    REMOTE_ADDR: request.socket.remoteAddress,
    CONTENT_TYPE: headers['content-type'] ?? '',
    ...(headers['content-length'] === undefined ? {} : { CONTENT_LENGTH: headers['content-length'] }),
    ...(headers['content-encoding'] === undefined ? {} : { HTTP_CONTENT_ENCODING: headers['content-encoding'] }),
    ...(typeof protocol === 'string' ? { GIT_PROTOCOL: protocol } : {}),
    ...(target.user === undefined ? {} : { REMOTE_USER: target.user }),
  };
}

async function answer(
  child: ChildProcess,
  response: ServerResponse,
  fault: GitServerFault['fault'] | undefined,
): Promise<void> {
  const { stdout } = child;
  if (stdout === null) throw new Error('no output.');
  if (fault === 'answer-lost') {
    stdout.resume();
    await once(child, 'close');
    response.destroy();
    return;
  }
  const sent = body(stdout, response);
  await pipeline(fault === 'drip' ? drip(sent) : sent, response);
}

/** Ends the connection in the middle of a request. */
async function* firstHalf(request: IncomingMessage, response: ServerResponse): AsyncGenerator<Buffer> {
  let left = Math.floor(Number(request.headers['content-length'] ?? '0') / 2);
  for await (const chunk of request as AsyncIterable<Buffer>) {
    yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) break;
  }
  response.destroy();
}

async function* drip(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    for (const byte of chunk) {
      yield Buffer.of(byte);
      await delay(200);
    }
  }
}

/** What follows the head of a CGI answer; the head itself goes to the response as soon as it is complete. */
async function* body(stdout: Readable, response: ServerResponse): AsyncGenerator<Buffer> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of stdout as AsyncIterable<Buffer>) {
    if (head === undefined) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) continue;
    writeHead(response, head.toString('latin1', 0, end));
    const rest = head.subarray(end + 4);
    head = undefined;
    if (rest.length > 0) yield rest;
  }
  if (head !== undefined) throw new Error('ended without an answer.');
}

function writeHead(response: ServerResponse, head: string): void {
  let status = 200;
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).trim();
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
    else response.appendHeader(name, value);
  }
  response.writeHead(status);
}
