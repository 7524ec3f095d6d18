/** What commands add that print how a server is started on a state which has had one. */
export const otherFlags =
  'Give it the other flags that the server had: behind a kube-apiserver, --aggregated or --kubeconfig.';
