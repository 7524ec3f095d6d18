import { errno } from './errno.ts';

/** Where a module has its subscriptions, and where it wants to read what happened. */
export interface PollRequest {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly sizeAddress: number;
}

interface Subscription {
  readonly userData: bigint;
  readonly type: number;
  readonly error: number;
  /** For how many nanoseconds it is still to be waited for; 0 and less when it is due. */
  readonly left: bigint;
}

const [subscriptionBytes, eventBytes] = [48, 32];
/** There are a few clocks and streams to wait for. A list of millions at once would be more than the heap of the thread may have. */
const mostSubscriptions = 4096;
const clock = 0;
const [realtime, monotonic] = [0, 1];

/**
 * `poll_oneoff`: waits for the first of several clocks. The streams of a module are in memory, so that they never keep it waiting. It waits
 * as threads do that can be ended meanwhile.
 */
export function poll(view: DataView, open: ReadonlySet<number>, request: PollRequest): number {
  const { from, to, count, sizeAddress } = request;
  if (count === 0 || count > mostSubscriptions) return errno.inval;
  const waited = Array.from({ length: count }, (_, index) => read(view, open, from + index * subscriptionBytes));
  const least = waited.reduce((found, { left }) => (left < found ? left : found), waited[0]?.left ?? 0n);
  if (least > 0n) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(least) / 1e6);
  const due = waited.filter(({ left }) => left <= 0n || left === least);
  due.forEach((subscription, index) => {
    write(view, to + index * eventBytes, subscription);
  });
  view.setUint32(sizeAddress, due.length, true);
  return errno.success;
}

function read(view: DataView, open: ReadonlySet<number>, at: number): Subscription {
  const [userData, type] = [view.getBigUint64(at, true), view.getUint8(at + 8)];
  const subject = view.getUint32(at + 16, true);
  if (type !== clock) return { userData, type, error: open.has(subject) ? errno.success : errno.badf, left: 0n };
  if (subject !== realtime && subject !== monotonic) return { userData, type, error: errno.inval, left: 0n };
  const [time, isAbsolute] = [view.getBigUint64(at + 24, true), (view.getUint16(at + 40, true) & 1) === 1];
  const now = subject === realtime ? BigInt(Date.now()) * 1_000_000n : process.hrtime.bigint();
  return { userData, type, error: errno.success, left: isAbsolute ? time - now : time };
}

function write(view: DataView, at: number, { userData, error, type }: Subscription): void {
  new Uint8Array(view.buffer, at, eventBytes).fill(0);
  view.setBigUint64(at, userData, true);
  view.setUint16(at + 8, error, true);
  view.setUint8(at + 10, type);
}
