/** The thread that reads long YAML bodies: one message in, one message out. */
import { parentPort } from 'node:worker_threads';
import { DecodeError } from './decoding.ts';
import type { ReadValue } from './read-json.ts';
import { readYaml } from './read-yaml.ts';

/** A body read, or why it is refused. */
export type YamlAnswer = ReadValue | { readonly refused: string };

function answerTo(body: Uint8Array): YamlAnswer {
  try {
    return readYaml(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
  } catch (error) {
    if (error instanceof DecodeError) return { refused: error.message };
    throw error;
  }
}

const port = parentPort;
if (port === null) throw new Error('this module is the entry of a worker thread');
port.on('message', (body: Uint8Array) => port.postMessage(answerTo(body)));
