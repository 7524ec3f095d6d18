import { type OpenEndpoint, statusErrors } from '@porch/apiserver';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import type { RepositoryAdmission, RepositoryAdmissionRequest } from '../../api/repository/admission.ts';
import { configApiVersion } from '../../resources/group.ts';
import { type Repository, repositorySchema } from '../../resources/repository.ts';
import { webhookPath } from './names.ts';

const text = Type.Optional(Type.String());

const objectSchema = Type.Intersect([
  repositorySchema,
  Type.Object({
    metadata: Type.Object({ name: text, namespace: text, deletionTimestamp: text }),
  }),
]);

const reviewSchema = Type.Object({
  apiVersion: Type.Literal('admission.k8s.io/v1'),
  kind: Type.Literal('AdmissionReview'),
  request: Type.Object({
    uid: Type.String(),
    operation: Type.String(),
    dryRun: Type.Optional(Type.Boolean()),
    namespace: text,
    userInfo: Type.Object({
      username: text,
      uid: text,
      groups: Type.Optional(Type.Array(Type.String())),
      extra: Type.Optional(Type.Record(Type.String(), Type.Array(Type.String()))),
    }),
    object: objectSchema,
    oldObject: Type.Optional(Type.Union([objectSchema, Type.Null()])),
  }),
});

type Review = Type.Static<typeof reviewSchema>;

const reviews = Compile(reviewSchema);

function parseReview(body: Buffer): Review {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw statusErrors.badRequest('the body is no JSON', { cause: error });
  }
  if (reviews.Check(value)) return value;
  const [first] = reviews.Errors(value);
  throw statusErrors.badRequest(
    `this is no AdmissionReview of a Repository: ${first?.instancePath ?? ''} ${first?.message ?? ''}`,
  );
}

function requestOf({ request }: Review): RepositoryAdmissionRequest {
  const { username = '', uid, groups = [], extra } = request.userInfo;
  const repository = (object: Review['request']['object']): Repository => ({
    ...object,
    apiVersion: configApiVersion,
    kind: 'Repository',
    metadata: { namespace: request.namespace ?? '', ...object.metadata },
    spec: object.spec ?? {},
  });
  return {
    operation: request.operation,
    dryRun: request.dryRun === true,
    user: { name: username, groups, ...(uid === undefined ? {} : { uid }), ...(extra === undefined ? {} : { extra }) },
    object: repository(request.object),
    ...(request.oldObject === undefined || request.oldObject === null
      ? {}
      : { oldObject: repository(request.oldObject) }),
  };
}

/**
 * Where a kube-apiserver asks whether a Repository may be stored (`admission.k8s.io/v1`, a validating webhook). kube-apiserver
 * does not say who it is, so anybody who reaches the server may ask. Nothing is stored, but what is let pass is in the way of
 * registrations that conflict with it for some seconds; of other Repositories no more is told than the name of one that is.
 */
export function admissionEndpoint(
  admit: (request: RepositoryAdmissionRequest) => Promise<RepositoryAdmission>,
): OpenEndpoint {
  return {
    path: webhookPath,
    maxBodyBytes: 4 * 1024 * 1024,
    bodyMs: 10_000,
    inFlight: 64,
    async answer({ body }) {
      const review = parseReview(body);
      const { refusal, warnings } = await admit(requestOf(review));
      return {
        status: 200,
        body: {
          apiVersion: review.apiVersion,
          kind: review.kind,
          response: {
            uid: review.request.uid,
            allowed: refusal === undefined,
            ...(refusal === undefined ? {} : { status: { status: 'Failure', ...refusal } }),
            ...(warnings.length === 0 ? {} : { warnings }),
          },
        },
      };
    },
  };
}
