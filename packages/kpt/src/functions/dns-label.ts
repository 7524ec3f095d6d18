/** Whether a text is a label of a name as DNS and Kubernetes allow it (RFC 1123), of whatever length. */
export function isDnsLabel(text: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(text);
}
