/** Most parameters of a request. Few clients send more than ten. */
export const maxParameters = 1000;

/**
 * The parameters of a query; undefined when there are too many. For each one without a value Node looks through all that follows, and
 * a query of a megabyte would hold up everybody for seconds. For each plus sign it makes a string that refers to what stands before it, and
 * so a query of a megabyte would take thirty: an escaped space stands for the same.
 */
export function parseQuery(text: string): URLSearchParams | undefined {
  let separators = 0;
  for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', at + 1)) {
    if (++separators >= maxParameters) return undefined;
  }
  return new URLSearchParams(text.replaceAll('+', '%20'));
}
