/** What a person would have written before the story begins. */

/** Where the repositories are and who may use them. */
export interface RepositoryAccess {
  url(name: string): string;
  readonly user: string;
  readonly password: string;
}

/** Files of the story by name. */
export function stageFiles(access: RepositoryAccess): ReadonlyMap<string, string> {
  return new Map([
    ['secrets.yaml', `${secret('blueprints', access)}---\n${secret('deployments', access)}`],
    ['repositories.yaml', `${repository('blueprints', access, false)}---\n${repository('deployments', access, true)}`],
    ['web-v1.yaml', webV1],
    ['web-files.yaml', webFiles],
    ['web-production.yaml', webProduction],
    ['web-v2.yaml', webV2],
    ['approve.sh', approve],
  ]);
}

const secret = (name: string, { user, password }: RepositoryAccess): string => `\
apiVersion: v1
kind: Secret
metadata:
  name: ${name}-auth
type: kubernetes.io/basic-auth
stringData:
  username: ${user}
  password: ${password}
`;

const repository = (name: string, { url }: RepositoryAccess, deployment: boolean): string => `\
apiVersion: config.porch.kpt.dev/v1alpha1
kind: Repository
metadata:
  name: ${name}
spec:
  type: git
  deployment: ${deployment}
  git:
    repo: ${url(name)}
    createBranch: true
    secretRef:
      name: ${name}-auth
`;

const webV1 = `\
apiVersion: porch.kpt.dev/v1alpha1
kind: PackageRevision
metadata:
  generateName: web-
spec:
  repository: blueprints
  packageName: web
  workspaceName: v1
  tasks:
  - type: init
    init:
      description: A web server
`;

const webFiles = `\
spec:
  resources:
    Kptfile: |
      apiVersion: kpt.dev/v1
      kind: Kptfile
      metadata:
        name: web
      info:
        description: A web server
      pipeline:
        mutators:
        - image: set-namespace:v0.4.1
          configMap:
            namespace: shop
        - image: set-labels:v0.2.0
          configMap:
            app: web
    deployment.yaml: |
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: web
      spec:
        replicas: 2 # one for each zone
        selector:
          matchLabels: {}
        template:
          spec:
            containers:
            - name: nginx
              image: nginx:1.27
`;

const webProduction = `\
apiVersion: porch.kpt.dev/v1alpha1
kind: PackageRevision
metadata:
  generateName: web-
spec:
  repository: deployments
  packageName: web
  workspaceName: production
  lifecycle: Proposed
  tasks:
  - type: clone
    clone:
      upstreamRef:
        upstreamRef:
          name: blueprints.web.v1
`;

const webV2 = `\
apiVersion: porch.kpt.dev/v1alpha1
kind: PackageRevision
metadata:
  generateName: web-
spec:
  repository: blueprints
  packageName: web
  workspaceName: v2
  tasks:
  - type: edit
    edit:
      sourceRef:
        name: blueprints.web.v1
`;

const approve = `\
# Approval is an endpoint of its own, so that it can be granted apart from everything else.
path=/apis/porch.kpt.dev/v1alpha1/namespaces/default/packagerevisions/$1
kubectl get --raw $path |
  sed 's/"lifecycle":"Proposed"/"lifecycle":"Published"/' |
  kubectl replace --raw $path/approval -f - > /dev/null && echo "$1 approved"
`;
