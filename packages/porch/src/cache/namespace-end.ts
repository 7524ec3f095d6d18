/** Knows which namespaces are being deleted. */
export interface NamespaceEnd {
  /** Whether a namespace is on its way out, as far as is known here. */
  isTerminating(namespace: string): boolean;
}
