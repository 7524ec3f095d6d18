import { cutShort, type Exchange, flushHeaders } from '../http/exchange.ts';
import { asStatusError, prepareAnswer } from '../http/respond.ts';
import { type ByteWriter, createByteWriter } from '../negotiation/byte-writer.ts';
import type { Transform } from '../negotiation/output-form.ts';
import type { ResourceEncoder } from '../negotiation/resource-encoder.ts';
import type { WatchSink } from '../registry/resource.ts';
import type { ServedEvent } from '../storage/served-object.ts';
import type { WatchShared } from './watch-hub.ts';

/** A watch as its client asked for it. */
export interface WatchRequest {
  readonly exchange: Exchange;
  readonly encoder: ResourceEncoder;
  readonly transform: Transform;
  readonly bookmarks: boolean;
  /** Whether the current state comes first, as synthetic events. */
  readonly initial: boolean;
  readonly markInitialEnd: boolean;
  readonly timeoutSeconds: number | undefined;
}

/** One watch on its way to its client. */
export interface WatchStream extends WatchSink {
  /** Sends the headers, then events as they come. */
  begin(): void;
  /** Ends the stream after what has been handed over, with a last bookmark. */
  finish(): void;
  /** Resolves when nothing more will be sent, whatever the reason. */
  readonly done: Promise<void>;
}

/** A bookmark that waits for its turn: whether its table says what the columns are depends on what has gone before it. */
interface Bookmark {
  readonly revision: number;
  readonly annotations: Readonly<Record<string, string>> | undefined;
}

type Item = { readonly event: ServedEvent; readonly live: boolean } | Bookmark | Buffer;

/** What an event or a bookmark takes beside its object, at about the most. */
const bytesBeside = 512;

function bytesOf(item: Item): number {
  if (Buffer.isBuffer(item)) return item.length;
  return bytesBeside + ('event' in item ? item.event.object.bytes.length : 0);
}

/** The stream of one watch. */
export function createWatchStream(request: WatchRequest, shared: WatchShared): WatchStream {
  const { exchange, encoder, transform } = request;
  const { settings } = shared;
  const { response, abort } = exchange;
  const ended = Promise.withResolvers<void>();
  const timers: NodeJS.Timeout[] = [];
  let queue: Item[] = [];
  let head = 0;
  let pendingBytes = 0;
  let state: 'waiting' | 'open' | 'finishing' | 'ended' = 'waiting';
  let initial = request.initial;
  let seen = 0;
  let sent = 0;
  let bookmarked = 0;
  let columnsSent = transform.type !== 'table';
  let blocked = false;
  let scheduled = false;
  let stall: NodeJS.Timeout | undefined;
  let release: (() => void) | undefined;
  let taken: PromiseWithResolvers<void> | undefined;

  const goOn = (): void => {
    taken?.resolve();
    taken = undefined;
  };

  const leave = (): void => {
    release?.();
    release = undefined;
  };

  const end = (): void => {
    if (state === 'ended') return;
    state = 'ended';
    queue = [];
    head = 0;
    for (const timer of timers) clearTimeout(timer);
    clearTimeout(stall);
    leave();
    response.off('drain', onDrain);
    ended.resolve();
    goOn();
  };

  const disconnect = (): void => {
    if (state === 'ended') return;
    shared.metrics.terminated.add(encoder.resource);
    end();
    cutShort(exchange);
  };

  const watchForStall = (bytes: number): void => {
    clearTimeout(stall);
    stall = setTimeout(disconnect, settings.stallMs);
    stall.unref();
    try {
      release = shared.waiting.add(exchange, bytes);
    } catch {
      disconnect(); // for a large event there is no room
    }
  };

  const take = (): Item | undefined => {
    const item = queue[head];
    if (item === undefined) return undefined;
    head++;
    if (head === queue.length) {
      queue = [];
      head = 0;
    }
    if (!('event' in item)) return item;
    sent++;
    if (item.live) pendingBytes -= item.event.object.bytes.length;
    return item;
  };

  /** Whether the next table says what its columns are: the first one does. */
  const takeColumns = (): boolean => {
    const first = !columnsSent;
    columnsSent = true;
    return first;
  };

  const bookmarkText = ({ revision, annotations }: Bookmark): string => {
    const object = encoder.bookmark(revision, transform, takeColumns(), annotations);
    return `{"type":"BOOKMARK","object":${object}}\n`;
  };

  const write = (out: ByteWriter, item: Item): void => {
    if (Buffer.isBuffer(item)) out.bytes(item);
    else if ('event' in item) shared.encoder.write(out, encoder, item.event, transform, takeColumns());
    else out.text(bookmarkText(item));
  };

  /** The bytes of an event that goes out alone, where there is no need to gather anything. */
  const single = (item: Item): Buffer | undefined => {
    if (Buffer.isBuffer(item)) return item;
    if (!('event' in item)) return Buffer.from(bookmarkText(item));
    return columnsSent ? shared.encoder.shared(encoder, item.event, transform) : undefined;
  };

  /** About as many bytes as the next piece needs: thousands of streams may make theirs in the same turn. */
  const pieceSize = (): number => {
    const { pieceBytes } = shared.waiting;
    let size = 0;
    for (let at = head; size < pieceBytes; at++) {
      const item = queue[at];
      if (item === undefined) return size;
      size += bytesOf(item);
    }
    return pieceBytes;
  };

  const nextPiece = (): Buffer | undefined => {
    const first = queue[head];
    if (first === undefined) return undefined;
    const alone = head + 1 === queue.length ? single(first) : undefined;
    if (alone !== undefined) {
      take();
      return alone;
    }
    const out = createByteWriter(pieceSize());
    for (let item = take(); item !== undefined; item = take()) {
      write(out, item);
      const full = out.take();
      if (full.length > 0) return Buffer.concat([...full, ...out.finish()]);
    }
    const [rest] = out.finish();
    return rest;
  };

  const flush = (): void => {
    scheduled = false;
    if (state === 'waiting' || state === 'ended') return;
    while (!blocked) {
      const piece = nextPiece();
      if (piece === undefined) break;
      if (!response.write(piece)) {
        blocked = true;
        watchForStall(piece.length);
      }
    }
    if (sent > 0) shared.metrics.events.add(encoder.resource, sent);
    sent = 0;
    if (state === 'finishing' && !blocked && queue.length === 0) {
      response.end();
      end();
    }
    if (!blocked) goOn();
  };

  const onDrain = (): void => {
    blocked = false;
    clearTimeout(stall);
    leave();
    flush();
  };

  const push = (item: Item): void => {
    if (state === 'finishing' || state === 'ended') return;
    queue.push(item);
    if (scheduled || blocked || state === 'waiting') return;
    scheduled = true;
    shared.schedule(flush);
  };

  const bookmark = (annotations?: Readonly<Record<string, string>>): void => {
    bookmarked = seen;
    push({ revision: seen, annotations });
  };

  const bookmarkWhenDue = (): void => {
    if (request.bookmarks && !initial && seen > 0) bookmark();
  };

  const close = (): void => {
    const begun = state !== 'waiting';
    state = 'finishing';
    goOn();
    if (begun) flush();
  };

  const finish = (): void => {
    if (state === 'finishing' || state === 'ended') return;
    if (seen > bookmarked) bookmarkWhenDue();
    close();
  };

  const startTimers = (): void => {
    const asked = request.timeoutSeconds;
    const duration = asked === undefined ? settings.minDurationMs * (1 + Math.random()) : asked * 1000;
    timers.push(setTimeout(finish, Math.min(duration, 2 ** 31 - 1)));
    if (!request.bookmarks) return;
    const interval = settings.bookmarkIntervalMs * (0.9 + 0.2 * Math.random());
    timers.push(setInterval(bookmarkWhenDue, interval));
  };

  response.once('close', end);
  response.on('error', end);
  abort.signal.addEventListener('abort', end, { once: true });
  if (abort.signal.aborted) end();

  return {
    done: ended.promise,
    finish,
    begin() {
      if (state === 'ended') return;
      const finished = state === 'finishing';
      state = finished ? 'finishing' : 'open';
      prepareAnswer(exchange, 200, 'application/json');
      // Nothing follows the headers that HEAD asks for, and nobody would be told when the client has left.
      if (exchange.method === 'HEAD') {
        response.end();
        return end();
      }
      flushHeaders(response);
      response.on('drain', onDrain);
      if (!finished) startTimers();
      flush();
    },
    event(event) {
      if (state === 'finishing' || state === 'ended') return;
      const live = !initial;
      if (live) shared.measure(event, encoder.resource);
      if (live && (blocked || state === 'waiting')) {
        pendingBytes += event.object.bytes.length;
        if (blocked && pendingBytes > settings.maxPendingBytes) return disconnect();
        push({ event, live });
      } else push({ event, live: false });
    },
    initialDone(revision) {
      initial = false;
      seen = revision;
      if (request.markInitialEnd) bookmark({ 'k8s.io/initial-events-end': 'true' });
    },
    progress(revision) {
      seen = Math.max(seen, revision);
    },
    taken() {
      if (state === 'finishing' || state === 'ended' || (state === 'open' && !blocked)) return undefined;
      taken ??= Promise.withResolvers();
      return taken.promise;
    },
    fail(error) {
      const { status, code } = asStatusError(error, exchange.auditId);
      if (code >= 500) shared.onFailure(error, exchange.auditId);
      if (state === 'finishing' || state === 'ended') return;
      push(Buffer.from(`{"type":"ERROR","object":${JSON.stringify(status)}}\n`));
      // Without a bookmark: nothing follows an error.
      close();
    },
  };
}
