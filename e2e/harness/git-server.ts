import type { ChildProcess } from 'node:child_process';
import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBareRepository, importBareRepository } from './git-repository.ts';
import { serveWithBackend } from './http-backend.ts';

/** A request to the Git server, as tests see it. */
export interface GitServerRequest {
  readonly method: string;
  /** Path with the query, for example `/name.git/info/refs?service=git-upload-pack`. */
  readonly url: string;
  /** Name of the repository, without `.git`. */
  readonly repository: string;
  readonly service: 'git-upload-pack' | 'git-receive-pack' | undefined;
  readonly headers: IncomingHttpHeaders;
  /** User who was let in, where the server has users. */
  readonly user: string | undefined;
}

/**
 * What goes wrong while Git does its work. `cut`: the connection ends in the middle of the request. `answer-lost`: it ends
 * when Git is done. `disk-full`: Git can write nothing. `drip`: the answer comes byte by byte, a fifth of a second apart.
 */
export interface GitServerFault {
  readonly fault: 'cut' | 'answer-lost' | 'disk-full' | 'drip';
}

/** An answer that a test gives in place of Git. */
export interface GitServerAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Nothing: Git answers. */
export type GitServerReaction = void | GitServerAnswer | GitServerFault;

export interface GitServerOptions {
  /** Folder for the repositories; it stays after `close`. Without it, a temporary one that `close` removes. */
  readonly root?: string;
  /** Passwords by user; without it everybody gets in. */
  readonly users?: Readonly<Record<string, string>>;
  /** Port of an earlier server, to come back after an outage. Without it, any free one. */
  readonly port?: number;
  /** Serves over TLS with this certificate and key (PEM). */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Sees every request that was let in before Git does; it may hold it up, answer it itself, or let something go wrong. */
  onRequest?(request: GitServerRequest): GitServerReaction | Promise<GitServerReaction>;
}

/** A smart-HTTP Git server on 127.0.0.1, over real bare repositories. */
export interface GitServer {
  readonly root: string;
  readonly port: number;
  /** Makes an empty repository whose first branch will be `main`, and gives its URL. */
  createRepository(name: string): Promise<string>;
  /** Makes a repository from a bundle, an archive of a work tree or another repository, and gives its URL. */
  importRepository(name: string, source: string): Promise<string>;
  url(name: string): string;
  /** The bare repository on disk, to look at with plain git. */
  directory(name: string): string;
  /** Cuts all connections, ends all processes, and waits for both. */
  close(): Promise<void>;
}

/** Starts a Git server. Push is allowed to everyone who gets in. */
export async function startGitServer(options: GitServerOptions = {}): Promise<GitServer> {
  const root = options.root ?? (await mkdtemp(join(tmpdir(), 'porch-git-server-')));
  await mkdir(root, { recursive: true });
  const children = new Set<ChildProcess>();
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    serve(options, root, children, request, response).catch((error: Error) => response.destroy(error));
  };
  const server = options.tls ? createTlsServer(options.tls, handle) : createServer(handle);
  server.requestTimeout = 0;
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const directory = (name: string): string => join(root, `${name}.git`);
  const url = (name: string): string => `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}/${name}.git`;
  return {
    root,
    port,
    url,
    directory,
    async createRepository(name) {
      await createBareRepository(directory(name));
      return url(name);
    },
    async importRepository(name, source) {
      await importBareRepository(source, directory(name));
      return url(name);
    },
    async close() {
      const ended = [...children].map((child) => once(child, 'close'));
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      for (const child of children) child.kill();
      await Promise.all([closed, ...ended]);
      if (options.root === undefined) await rm(root, { recursive: true, force: true });
    },
  };
}

async function serve(
  options: GitServerOptions,
  root: string,
  children: Set<ChildProcess>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [path = '/', query = ''] = splitOnce(request.url ?? '/', '?');
  const user = options.users && authenticate(options.users, request.headers.authorization);
  if (options.users && user === undefined) {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="git"', connection: 'close' }).end('who are you?\n');
    return;
  }
  const service = /git-(?:upload|receive)-pack/.exec(request.url ?? '')?.[0];
  const answer = await options.onRequest?.({
    method: request.method ?? 'GET',
    url: request.url ?? '/',
    repository: path.slice(1).replace(/\.git(\/.*)?$/, ''),
    headers: request.headers,
    service: service as GitServerRequest['service'],
    user,
  });
  if (response.destroyed) return;
  if (answer && 'status' in answer) {
    response.writeHead(answer.status, { connection: 'close', ...answer.headers }).end(answer.body);
    return;
  }
  const target = { root, path: decodeURIComponent(path), query, user };
  const child = serveWithBackend(request, response, { ...target, fault: answer?.fault });
  children.add(child);
  child.on('close', () => children.delete(child));
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function authenticate(users: Readonly<Record<string, string>>, header: string | undefined): string | undefined {
  const encoded = /^basic\s+(\S+)$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const [name, password] = splitOnce(Buffer.from(encoded, 'base64').toString('utf8'), ':');
  const expected = Object.hasOwn(users, name) ? users[name] : undefined;
  return expected !== undefined && timingSafeEqual(digest(expected), digest(password)) ? name : undefined;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
