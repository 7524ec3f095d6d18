import { isIP } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import {
  Client,
  type ClientOptions,
  connectivityState,
  credentials,
  Metadata,
  type MethodDefinition,
  type ServiceError,
  status,
  type VerifyOptions,
} from '@grpc/grpc-js';
import { boundedText, mostStderrBytes } from '../bounded-text.ts';
import {
  type EvaluationOutcome,
  type EvaluationRequest,
  type FunctionEvaluator,
  FunctionRunError,
  printedTooMuch,
  tookTooLong,
} from '../evaluator.ts';
import { readFailureDetails } from './failure-details.ts';
import { checkMethod, type EvaluateFunctionRequest, evaluateFunctionMethod } from './services.ts';

/** Where a function runner is. */
export interface GrpcEvaluatorOptions {
  /** Host and port, `127.0.0.1:9445`. */
  readonly address: string;
  /** PEM certificates that the runner's is checked against; the connection is not encrypted unless given. */
  readonly ca?: Buffer;
  /** Most bytes of one message, either way; 6 MiB unless given, as the runner's. */
  readonly maxMessageBytes?: number;
  /** How long a call waits for a runner that cannot be reached, in milliseconds; 10 s unless given. */
  readonly connectTimeoutMs?: number;
  /** Is told when the runner goes and comes back. */
  readonly onChange?: (state: RunnerState) => void;
}

/** Whether a runner takes calls, and why not. */
export type RunnerState = { readonly serving: true } | { readonly serving: false; readonly reason: string };

/** Runners bound what functions print, each in its own way; this is for one that does not. */
const mostLogBytes = 2 * mostStderrBytes;
/** Servers in Go end a connection on which they are asked more often than every five minutes whether it is still there. */
const keepAliveMs = 310_000;
const healthTrustMs = 5_000;
const healthDeadlineMs = 2_000;

/**
 * Runs functions by Porch's function runner, or by anything that serves `evaluator.FunctionEvaluator`. It connects when it is first
 * needed and again whenever the connection is lost. A runner that says of itself that it does not serve gets no calls.
 */
export class GrpcEvaluator implements FunctionEvaluator {
  readonly name = 'function runner';
  readonly #options: GrpcEvaluatorOptions;
  readonly #newClient: () => Client;
  #client: Client;
  readonly #maxMessageBytes: number;
  #healthyUntil = 0;
  #state: RunnerState | undefined;
  #isClosed = false;
  /** Settles when there is a connection, or when there will be none any more. */
  #connected: Promise<void> | undefined;

  constructor(options: GrpcEvaluatorOptions) {
    const { address, ca, maxMessageBytes = 6 << 20 } = options;
    this.#options = options;
    this.#maxMessageBytes = maxMessageBytes;
    const settings: ClientOptions = {
      'grpc.max_receive_message_length': maxMessageBytes,
      'grpc.max_send_message_length': maxMessageBytes,
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.min_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 2_000,
      'grpc.keepalive_time_ms': keepAliveMs,
      'grpc.enable_http_proxy': 0,
      // One channel a client: a global one could be shared with others of other settings.
      'grpc.use_local_subchannel_pool': 1,
    };
    this.#newClient = () => {
      if (ca === undefined) return new Client(address, credentials.createInsecure(), settings);
      const { verification, channel } = identityOf(address);
      return new Client(address, credentials.createSsl(ca, null, null, verification), { ...settings, ...channel });
    };
    this.#client = this.#newClient();
  }

  async evaluate(request: EvaluationRequest): Promise<EvaluationOutcome | undefined> {
    const deadline = Date.now() + request.limits.timeoutMs;
    try {
      await this.#reach(deadline, request.signal);
      return await this.#call(request, deadline);
    } catch (error) {
      // A runner that went away before it could answer: functions have no effect but their answer, so another one may be asked.
      if (request.signal.aborted || !isServiceError(error) || !isLost(error)) throw this.#explained(error, request);
    }
    this.#healthyUntil = 0;
    try {
      await this.#reach(deadline, request.signal);
      return await this.#call(request, deadline);
    } catch (error) {
      throw this.#explained(error, request);
    }
  }

  /**
   * Asks the runner how it is, without waiting for one that cannot be reached. Changes are told to `onChange`.
   */
  async check(): Promise<RunnerState> {
    try {
      await this.#connect(Date.now() + healthDeadlineMs, undefined);
      await this.#askHealth(Number.POSITIVE_INFINITY, undefined);
      return this.#note({ serving: true });
    } catch (error) {
      const reason = isServiceError(error)
        ? this.#refusal(error)
        : String(error instanceof Error ? error.message : error);
      return this.#note({ serving: false, reason });
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#client.close();
  }

  async #reach(deadline: number, signal: AbortSignal): Promise<void> {
    const { connectTimeoutMs = 10_000 } = this.#options;
    await this.#connect(Math.min(deadline, Date.now() + connectTimeoutMs), signal);
    signal.throwIfAborted();
    if (Date.now() < this.#healthyUntil) return;
    await this.#askHealth(deadline, signal);
    this.#note({ serving: true });
  }

  async #connect(deadline: number, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => reject(new Error('it does not answer')), deadline - Date.now());
    const abort = () => reject(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    this.#connected ??= this.#connection().finally(() => {
      this.#connected = undefined;
    });
    this.#connected.then(resolve, reject);
    try {
      await promise;
    } catch (error) {
      signal?.throwIfAborted();
      const why = (await this.#lastConnectionError()) ?? (error instanceof Error ? error.message : String(error));
      const reason = `the function runner at ${this.#options.address} cannot be reached${why && `: ${why}`}`;
      this.#note({ serving: false, reason });
      throw new FunctionRunError(reason, { cause: error });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  }

  /**
   * Waits for a connection, however long that takes. All calls share one wait: the library takes none back, so each of their own would stay,
   * with its timer, after its call was given up.
   */
  async #connection(): Promise<void> {
    // A closed channel that is asked for its state would connect again.
    while (!this.#isClosed) {
      const channel = this.#client.getChannel();
      const state = channel.getConnectivityState(true);
      if (state === connectivityState.READY) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      channel.watchConnectivityState(state, Number.POSITIVE_INFINITY, () => resolve());
      await promise;
    }
    throw new Error('the connection is closed');
  }

  /**
   * Why connecting failed, which the library says to calls only; empty where it does not say, undefined where it has not failed. A call
   * would wait as long as the library connects.
   */
  async #lastConnectionError(): Promise<string | undefined> {
    if (this.#isClosed) return undefined;
    if (this.#client.getChannel().getConnectivityState(false) !== connectivityState.TRANSIENT_FAILURE) return undefined;
    try {
      await this.#unary(checkMethod, { service: '' }, Date.now() + healthDeadlineMs, undefined);
      return '';
    } catch (error) {
      const details = isServiceError(error) && error.code === status.UNAVAILABLE ? error.details : '';
      const [, reason = ''] = /Last error: (?:Error: )?(.*?)(?:\. Resolution note:.*)?$/s.exec(details) ?? [];
      return plainReason(reason, this.#options.ca !== undefined);
    }
  }

  async #askHealth(mostDeadline: number, signal: AbortSignal | undefined): Promise<void> {
    const deadline = Math.min(Date.now() + healthDeadlineMs, mostDeadline);
    const client = this.#client;
    try {
      const answer = await this.#unary(checkMethod, { service: '' }, deadline, signal);
      if (answer.status !== 'SERVING') {
        const reason = `the function runner at ${this.#options.address} says that it is ${answer.status}`;
        this.#note({ serving: false, reason });
        throw new FunctionRunError(reason);
      }
    } catch (error) {
      if (!isServiceError(error)) throw error;
      if (error.code === status.DEADLINE_EXCEEDED) {
        // Perhaps it is the connection that leads nowhere any more, which TCP takes a quarter of an hour to find out.
        this.#replace(client);
        const reason = `the function runner at ${this.#options.address} does not answer`;
        this.#note({ serving: false, reason });
        throw new FunctionRunError(reason, { cause: error });
      }
      // Not every runner says how it is.
      if (error.code !== status.UNIMPLEMENTED) throw error;
    }
    this.#healthyUntil = Date.now() + healthTrustMs;
  }

  async #call(
    { image, resourceList, limits, signal }: EvaluationRequest,
    deadline: number,
  ): Promise<EvaluationOutcome | undefined> {
    const request: EvaluateFunctionRequest = { image, resourceList: Buffer.from(resourceList) };
    try {
      const answer = await this.#unary(evaluateFunctionMethod, request, deadline, signal);
      if (answer.resourceList.length > limits.outputBytes) throw printedTooMuch(limits);
      return {
        resourceList: answer.resourceList,
        exitCode: 0,
        stderr: boundedText(answer.log.toString(), mostLogBytes),
      };
    } catch (error) {
      if (!isServiceError(error)) throw error;
      if (error.code === status.NOT_FOUND) return undefined;
      return failureOutcome(error);
    }
  }

  #unary<Request, Response>(
    method: MethodDefinition<Request, Response>,
    request: Request,
    deadline: number,
    signal: AbortSignal | undefined,
  ): Promise<Response> {
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const { path, requestSerialize, responseDeserialize } = method;
    const client = this.#client;
    const call = client.makeUnaryRequest<Request, Response>(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      new Metadata(),
      { deadline },
      (error, answer) => {
        if (error === null && answer !== undefined) return resolve(answer);
        if (error !== null && isBroken(error) && signal?.aborted !== true) this.#replace(client);
        reject(error);
      },
    );
    const abort = () => call.cancel();
    signal?.addEventListener('abort', abort, { once: true });
    return promise.finally(() => signal?.removeEventListener('abort', abort));
  }

  /**
   * Takes a new client in place of one whose connection is broken, or seems to be: the library learns of that after its calls, and would use
   * it for the next ones. Calls that are under way go on.
   */
  #replace(client: Client): void {
    if (this.#isClosed || client !== this.#client) return;
    this.#client = this.#newClient();
    this.#healthyUntil = 0;
    client.close();
  }

  /** What to say of an error that is no failure of the function. */
  #explained(error: unknown, { limits, signal }: EvaluationRequest): unknown {
    if (signal.aborted) return signal.reason;
    if (!isServiceError(error)) return error;
    if (error.code === status.DEADLINE_EXCEEDED) return tookTooLong(limits);
    const { address } = this.#options;
    if (error.code === status.RESOURCE_EXHAUSTED) {
      const reason = `more was sent or answered than the ${this.#maxMessageBytes} bytes of a message`;
      return new FunctionRunError(`${reason}, or the function runner at ${address} is busy: ${error.details}`, {
        cause: error,
      });
    }
    return new FunctionRunError(this.#refusal(error), { cause: error });
  }

  #refusal(error: ServiceError): string {
    const { code, details } = error;
    // Other runners send all that a failed function has printed in the header of the answer, for which HTTP/2 has a limit.
    const other =
      code === status.INTERNAL && isBroken(error)
        ? ', or the function failed and printed more to standard error than an answer can hold'
        : '';
    const what = isLost(error) ? 'is unavailable' : 'failed';
    return `the function runner at ${this.#options.address} ${what}${other}: ${details}`;
  }

  #note(state: RunnerState): RunnerState {
    if (this.#state?.serving !== state.serving) this.#options.onChange?.(state);
    this.#state = state;
    return state;
  }
}

/**
 * How the certificate of a runner is held against its address. TLS sends names of servers and no IP addresses, which Node.js refuses: for
 * one of those a name that means nothing is sent, and the certificate must be for the address.
 */
function identityOf(address: string): { readonly verification?: VerifyOptions; readonly channel: ClientOptions } {
  const host = /^\[?(.*?)\]?:\d+$/.exec(address)?.[1] ?? address;
  if (isIP(host) === 0) return { channel: {} };
  return {
    verification: { checkServerIdentity: (_, certificate) => checkServerIdentity(host, certificate) },
    channel: { 'grpc.ssl_target_name_override': 'function-runner' },
  };
}

/** Why a connection could not be made, without what makes the same reason another one each time, and advice for other programs. */
function plainReason(reason: string, isEncrypted: boolean): string {
  const plain = reason.replace(/ \(\d{4}-[-\dT:.]+Z\)|; if the root CA is installed locally.*/gs, '').trim();
  if (isEncrypted && /wrong version number/.test(plain))
    return 'it does not encrypt, though a certificate of it is wanted';
  if (!isEncrypted && plain === 'Failed to connect')
    return `${plain}; if it encrypts, its certificate authority must be named`;
  return plain;
}

/** Whether a connection broke with the call, rather than that the runner failed it. */
function isBroken({ code, details }: ServiceError): boolean {
  return code === status.CANCELLED || (code === status.INTERNAL && details.includes('internal client error'));
}

/** Whether the runner went away with the call, or takes none. */
function isLost(error: ServiceError): boolean {
  return error.code === status.UNAVAILABLE || isBroken(error);
}

/** Errors by which runners say that the function itself failed. */
const functionFailures: readonly number[] = [status.INTERNAL, status.UNKNOWN, status.INVALID_ARGUMENT, status.ABORTED];

function failureOutcome(error: ServiceError): EvaluationOutcome {
  if (!functionFailures.includes(error.code) || isBroken(error)) throw error;
  const reported = readFailureDetails(error.metadata);
  const log = reported?.log.toString() ?? '';
  return {
    resourceList: reported?.resourceList ?? new Uint8Array(),
    exitCode: 1,
    stderr: boundedText(log === '' ? error.details : log, mostLogBytes),
  };
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' && 'details' in error;
}
