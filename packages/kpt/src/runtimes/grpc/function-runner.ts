import { once } from 'node:events';
import { type AddressInfo, createServer, type Server as Listener, type Socket } from 'node:net';
import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { boundedText } from '../bounded-text.ts';
import { type EvaluationOutcome, type FunctionEvaluator, FunctionRunError, type RunLimits } from '../evaluator.ts';
import { failureDetails } from './failure-details.ts';
import {
  type EvaluateFunctionRequest,
  type EvaluateFunctionResponse,
  functionEvaluatorName,
  functionEvaluatorService,
  type HealthCheckRequest,
  type HealthCheckResponse,
  healthService,
} from './services.ts';

/** Most bytes of what is said of an error: it travels in trailers, where each may become three. */
const mostDetailBytes = 4096;

/** Options of a function runner. */
export interface FunctionRunnerOptions {
  /** What it runs functions with. It is not closed with the runner. */
  readonly evaluator: FunctionEvaluator;
  readonly limits: RunLimits;
  /** Host and port to listen on; port 0 takes any free one. */
  readonly address: string;
  /** PEM key and certificate; connections are not encrypted unless given. */
  readonly tls?: { readonly key: Buffer; readonly certificate: Buffer };
  /** Most bytes of one message, either way. */
  readonly maxMessageBytes: number;
  /** Most functions that run at once; what comes beyond is refused as RESOURCE_EXHAUSTED. */
  readonly mostRuns: number;
  /** Is told of each call. */
  readonly onCall?: (call: RunnerCall) => void;
}

/** How a call went. */
export interface RunnerCall {
  readonly image: string;
  readonly milliseconds: number;
  /** Undefined where it succeeded. */
  readonly error?: string;
}

/**
 * Serves `evaluator.FunctionEvaluator` and `grpc.health.v1.Health`, as Porch's function runner does, so that either can take the
 * other's place.
 */
export class FunctionRunner {
  readonly #options: FunctionRunnerOptions;
  readonly #server: Server;
  readonly #listener: Listener;
  readonly #sockets = new Set<Socket>();
  /** Those that have said nothing yet. The library would wait for them at the end, for ever. */
  readonly #silent = new Set<Socket>();
  readonly #watchers = new Set<ServerWritableStream<HealthCheckRequest, HealthCheckResponse>>();
  #running = 0;
  #isServing = true;

  constructor(options: FunctionRunnerOptions) {
    const { maxMessageBytes, tls } = options;
    this.#options = options;
    this.#server = new Server({
      'grpc.max_receive_message_length': maxMessageBytes,
      'grpc.max_send_message_length': maxMessageBytes,
    });
    this.#server.addService(functionEvaluatorService, { EvaluateFunction: this.#evaluate.bind(this) });
    this.#server.addService(healthService, { Check: this.#check.bind(this), Watch: this.#watch.bind(this) });
    const injector = this.#server.createConnectionInjector(
      tls === undefined
        ? ServerCredentials.createInsecure()
        : ServerCredentials.createSsl(null, [{ private_key: tls.key, cert_chain: tls.certificate }]),
    );
    this.#listener = createServer((socket) => {
      this.#sockets.add(socket);
      this.#silent.add(socket);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        this.#silent.delete(socket);
      });
      socket.on('error', () => socket.destroy());
      socket.once('readable', () => {
        if (!this.#silent.delete(socket)) return;
        if (socket.readableLength === 0) socket.destroy();
        else injector.injectConnection(socket);
      });
    });
  }

  /** Starts listening; gives the port. @throws Error where the address is none, or cannot be listened on */
  async listen(): Promise<number> {
    const { address } = this.#options;
    const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(address) ?? [];
    if (port === undefined) throw new Error(`${address} is no address to listen on: give HOST:PORT`);
    await once(this.#listener.listen(Number(port), host), 'listening');
    return (this.#listener.address() as AddressInfo).port;
  }

  /** Takes no more calls, says so to whoever asks, and waits for those that run; after `graceMs` they are given up. */
  async close(graceMs: number): Promise<void> {
    this.#isServing = false;
    for (const watcher of this.#watchers) {
      watcher.write({ status: 'NOT_SERVING' });
      watcher.end();
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#listener.close(() => resolve());
    for (const socket of this.#silent) socket.destroy();
    const timer = setTimeout(() => {
      this.#server.forceShutdown();
      for (const socket of this.#sockets) socket.destroy();
    }, graceMs);
    // Connections end with their last call. The library itself does not wait for those that were handed to it.
    this.#server.tryShutdown(() => undefined);
    await promise;
    clearTimeout(timer);
  }

  #evaluate(
    call: ServerUnaryCall<EvaluateFunctionRequest, EvaluateFunctionResponse>,
    answer: sendUnaryData<EvaluateFunctionResponse>,
  ): void {
    const { image, resourceList } = call.request;
    const { onCall, mostRuns } = this.#options;
    const begun = performance.now();
    const finish = (outcome: Answer) => {
      const milliseconds = performance.now() - begun;
      if (outcome.error === undefined) {
        onCall?.({ image, milliseconds });
        answer(null, outcome.value);
        return;
      }
      // Longer ones would break the connection, with everybody else's calls.
      const details = boundedText(outcome.error.details, mostDetailBytes);
      onCall?.({ image: boundedText(image, mostDetailBytes), milliseconds, error: details });
      answer({ ...outcome.error, details });
    };
    if (!this.#isServing) {
      finish({ error: { code: status.UNAVAILABLE, details: 'the function runner is stopping' } });
      return;
    }
    if (this.#running >= mostRuns) {
      finish({ error: { code: status.RESOURCE_EXHAUSTED, details: `${mostRuns} functions run already` } });
      return;
    }
    this.#running += 1;
    const given = new AbortController();
    call.on('cancelled', () => given.abort(new Error('the caller gave up')));
    void this.#run(image, resourceList, given.signal)
      .then(finish)
      .finally(() => {
        this.#running -= 1;
      });
  }

  async #run(image: string, resourceList: Buffer, signal: AbortSignal): Promise<Answer> {
    const { evaluator, limits } = this.#options;
    try {
      const outcome = await evaluator.evaluate({ image, resourceList, limits, signal });
      if (outcome !== undefined) return answerOf(image, outcome);
      const details = `function ${JSON.stringify(image)} is not known here`;
      return { error: { code: status.NOT_FOUND, details } };
    } catch (error) {
      const reason = error instanceof FunctionRunError ? error.message : `it could not be run: ${messageOf(error)}`;
      return { error: { code: status.INTERNAL, details: reason } };
    }
  }

  #check(
    { request }: ServerUnaryCall<HealthCheckRequest, HealthCheckResponse>,
    answer: sendUnaryData<HealthCheckResponse>,
  ): void {
    if (isOurs(request.service)) answer(null, this.#health());
    else answer({ code: status.NOT_FOUND, details: `there is no service ${JSON.stringify(request.service)}` });
  }

  #watch(call: ServerWritableStream<HealthCheckRequest, HealthCheckResponse>): void {
    call.write(isOurs(call.request.service) ? this.#health() : { status: 'SERVICE_UNKNOWN' });
    this.#watchers.add(call);
    call.on('cancelled', () => this.#watchers.delete(call));
  }

  #health(): HealthCheckResponse {
    return { status: this.#isServing ? 'SERVING' : 'NOT_SERVING' };
  }
}

type Answer =
  | { readonly error?: undefined; readonly value: EvaluateFunctionResponse }
  | { readonly error: { readonly code: status; readonly details: string; readonly metadata?: Metadata } };

function answerOf(image: string, { resourceList, exitCode, stderr }: EvaluationOutcome): Answer {
  const value: EvaluateFunctionResponse = { resourceList: Buffer.from(resourceList), log: Buffer.from(stderr) };
  if (exitCode === 0) return { value };
  const details = `function ${JSON.stringify(image)} failed: ${stderr === '' ? `exit code ${exitCode}` : stderr}`;
  const metadata = failureDetails(status.INTERNAL, details, value);
  return { error: { code: status.INTERNAL, details, metadata } };
}

function isOurs(service: string): boolean {
  return service === '' || service === functionEvaluatorName;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
