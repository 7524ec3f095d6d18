/** How V8 says that a text, a list, a regular expression or a recursion has become larger than it can bear. */
const limits = /call stack|Invalid (?:string|array|typed array) length|allocation failed|(?:Map|Set) maximum size/i;

/** Whether an error says that content is too large for the engine, and not that the program is wrong. */
export function isEngineLimit(error: unknown): error is RangeError {
  return error instanceof RangeError && limits.test(error.message);
}
