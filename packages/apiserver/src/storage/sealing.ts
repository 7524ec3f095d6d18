import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { keyText } from './key-text.ts';
import type { ObjectKey } from './store.ts';
import type { EncryptionOptions } from './store-options.ts';

/** A value as a column has it: text, or bytes where it is sealed. */
export type StoredValue = string | Uint8Array;

/** Turns values into what is written to disk and back. */
export interface Sealing {
  /** What is written: sealed for the resources that are to be encrypted, as it is for others. */
  seal(key: ObjectKey, value: string): StoredValue;
  /**
   * What was handed to `seal`.
   * @throws Error when the value is sealed and cannot be opened with this key
   */
  open(key: ObjectKey, stored: StoredValue): string;
}

const nonceLength = 12;
const tagLength = 16;

/** The object that a sealed value belongs to is authenticated with it, so that values cannot be swapped in the file. */
function associatedData(key: ObjectKey): Buffer {
  return Buffer.from(keyText(key));
}

/** Sealing with AES-256-GCM: nonce, tag, ciphertext. Without settings nothing is sealed and nothing sealed can be opened. */
export function createSealing(encryption: EncryptionOptions | undefined): Sealing {
  if (encryption !== undefined && encryption.key.length !== 32) {
    throw new Error(`the encryption key must have 32 bytes, not ${encryption.key.length}`);
  }
  return {
    seal(key, value) {
      if (encryption === undefined || !encryption.resources.has(key.resource)) return value;
      const nonce = randomBytes(nonceLength);
      const cipher = createCipheriv('aes-256-gcm', encryption.key, nonce);
      cipher.setAAD(associatedData(key));
      const sealed = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
    },
    open(key, stored) {
      if (typeof stored === 'string') return stored;
      const named = `${key.resource} ${key.namespace}/${key.name}`;
      if (encryption === undefined) throw new Error(`${named} is encrypted and no encryption key was given`);
      try {
        const decipher = createDecipheriv('aes-256-gcm', encryption.key, stored.subarray(0, nonceLength));
        decipher.setAuthTag(stored.subarray(nonceLength, nonceLength + tagLength));
        decipher.setAAD(associatedData(key));
        const opened = decipher.update(stored.subarray(nonceLength + tagLength));
        return Buffer.concat([opened, decipher.final()]).toString();
      } catch (cause) {
        throw new Error(`${named} cannot be decrypted: the encryption key is not the one it was written with`, {
          cause,
        });
      }
    },
  };
}
