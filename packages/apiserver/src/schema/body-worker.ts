/** The thread that reads long bodies: one message in, one message out. */
import { parentPort } from 'node:worker_threads';
import { DecodeError } from './decoding.ts';
import { checkJson, type ReadValue } from './read-json.ts';
import { readYaml } from './read-yaml.ts';

/** A body to be read. */
export interface BodyQuestion {
  readonly format: 'json' | 'yaml';
  readonly body: Uint8Array;
}

/** YAML read, JSON checked, or why it is refused. */
export type BodyAnswer = ReadValue | Pick<ReadValue, 'problems'> | { readonly refused: string };

function answerTo({ format, body: { buffer, byteOffset, byteLength } }: BodyQuestion): BodyAnswer {
  try {
    const body = Buffer.from(buffer, byteOffset, byteLength);
    return format === 'yaml' ? readYaml(body) : { problems: checkJson(body) };
  } catch (error) {
    if (error instanceof DecodeError) return { refused: error.message };
    throw error;
  }
}

const port = parentPort;
if (port === null) throw new Error('this module is the entry of a worker thread');
port.on('message', (question: BodyQuestion) => port.postMessage(answerTo(question)));
