/** A patch that has been read and can be applied to any state of an object. */
export interface PreparedPatch {
  /**
   * The patched value; the argument is not changed.
   * @throws PatchError for a patch that does not fit the value
   */
  apply(value: unknown): unknown;
  /** What strict decoding refuses in the patch itself, such as repeated keys. */
  readonly problems: readonly string[];
}

/** A patch that cannot be read (400) or not be applied (422). */
export class PatchError extends Error {
  readonly code: 400 | 422;
  /** What part of the patch it is about. */
  readonly subject: string;

  constructor(code: 400 | 422, subject: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PatchError';
    this.code = code;
    this.subject = subject;
  }
}
