import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { MessagePort } from 'node:worker_threads';
import type { Evaluate } from '../runtimes/evaluate-function-call.ts';
import { FunctionRunError } from '../runtimes/evaluator.ts';
import { imageParts } from '../runtimes/function-rule.ts';
import type { Hold } from '../runtimes/pipeline-runtime.ts';
import type { DeskRequest, FunctionAnswer, FunctionRequest } from './function-messages.ts';

/** The job is to end, and is begun again when there is room for it to wait for a function. */
export class PostponedError extends Error {
  constructor() {
    super('the job is begun again later');
    this.name = 'PostponedError';
  }
}

/** What a job asks the thread for that gave it out. */
export interface FunctionClient {
  readonly evaluate: Evaluate;
  readonly hold: Hold;
}

/**
 * Asks the thread that gave out the job for functions. The port is that thread's other end; nothing else may use it.
 */
export function functionClient(port: MessagePort): FunctionClient {
  const ask = async (request: DeskRequest): Promise<FunctionAnswer> => {
    const answered = once(port, 'message');
    port.postMessage(request);
    const [answer] = (await answered) as [FunctionAnswer];
    if (answer.type === 'failed') throw new FunctionRunError(answer.message);
    if (answer.type === 'later') throw new PostponedError();
    return answer;
  };
  const evaluate: Evaluate = async (image, resourceList) => {
    const isPinned = imageParts(image).digest !== undefined;
    const request: FunctionRequest = {
      image,
      resourceList,
      ...(isPinned && { reuseKey: createHash('sha256').update(`${image}\0`).update(resourceList).digest('base64') }),
    };
    const answer = await ask(request);
    return answer.type === 'ran' ? answer : undefined;
  };
  const hold: Hold = async (milliseconds) => {
    await ask({ holdMs: milliseconds });
  };
  return { evaluate, hold };
}
