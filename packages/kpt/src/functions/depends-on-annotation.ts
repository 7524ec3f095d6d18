/** The annotation that names the objects that one is applied after, `group/namespaces/namespace/kind/name` each. */
export const dependsOnAnnotation = 'config.kubernetes.io/depends-on';
