/** What `git check-ref-format` refuses in full names of references. */
const forbidden = /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|\/\.|\.lock(\/|$)|\.$|\/$/;

/** Whether a name is a full, well-formed reference name, such as `refs/heads/main`. */
export function isReferenceName(name: string): boolean {
  return /^refs\/[^/.].*\/?/.test(name) && !forbidden.test(name);
}
