import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StatusError } from '../../meta/status.ts';
import { decodeProtobufBody } from './decode.ts';

/** Just enough of an encoder: fields as `[number, value]`, with nested lists as messages. */
type Encodable = readonly (readonly [number, bigint | string | Buffer | Encodable])[];

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}

function encode(message: Encodable): Buffer {
  return Buffer.concat(
    message.map(([number, value]) => {
      if (typeof value === 'bigint') return Buffer.concat([varint(BigInt(number << 3)), varint(value)]);
      const bytes = typeof value === 'string' ? Buffer.from(value) : Buffer.isBuffer(value) ? value : encode(value);
      return Buffer.concat([varint(BigInt((number << 3) | 2)), varint(BigInt(bytes.length)), bytes]);
    }),
  );
}

function envelope(apiVersion: string, kind: string, message: Encodable): Buffer {
  const outer: Encodable = [
    [
      1,
      [
        [1, apiVersion],
        [2, kind],
      ],
    ],
    [2, encode(message)],
    [3, ''],
    [4, ''],
  ];
  return Buffer.concat([Buffer.from('k8s\0'), encode(outer)]);
}

describe('bodies in protobuf', () => {
  it('become what their JSON form would be', () => {
    const metadata: Encodable = [
      [1, 'name'],
      [2, ''],
      [3, 'ns'],
      [7, 0n],
      [8, []],
      [
        11,
        [
          [1, 'a'],
          [2, 'b'],
        ],
      ],
      [
        11,
        [
          [1, '__proto__'],
          [2, 'c'],
        ],
      ],
      [
        13,
        [
          [1, 'Kind'],
          [3, 'owner'],
          [4, 'uid'],
          [5, 'v1'],
          [6, 1n],
        ],
      ],
      [14, 'one'],
      [14, 'two'],
      [
        17,
        [
          [1, 'kubectl'],
          [4, [[1, 1_700_000_000n]]],
          [7, [[1, '{"f:data":{}}']]],
        ],
      ],
      [99, 'unknown'],
    ];
    const body = envelope('v1', 'Secret', [
      [1, metadata],
      [
        2,
        [
          [1, 'key'],
          [2, Buffer.from([0, 255])],
        ],
      ],
      [3, 'Opaque'],
      [
        4,
        [
          [1, 'text'],
          [2, 'plain'],
        ],
      ],
    ]);
    const secret = decodeProtobufBody(body);
    expect(JSON.parse(JSON.stringify(secret))).toEqual(
      JSON.parse(`{
        "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
        "data": {"key": "AP8="}, "stringData": {"text": "plain"},
        "metadata": {
          "name": "name", "namespace": "ns", "generation": 0, "labels": {"a": "b", "__proto__": "c"},
          "ownerReferences": [{"apiVersion": "v1", "kind": "Kind", "name": "owner", "uid": "uid", "controller": true}],
          "finalizers": ["one", "two"],
          "managedFields": [{"manager": "kubectl", "time": "2023-11-14T22:13:20Z", "fieldsV1": {"f:data": {}}}]
        }}`),
    );
  });

  it('keep a grace period of zero, and know delete options of every group', () => {
    expect(
      decodeProtobufBody(
        envelope('example.com/v1', 'DeleteOptions', [
          [1, 0n],
          [5, 'All'],
        ]),
      ),
    ).toEqual({
      apiVersion: 'example.com/v1',
      kind: 'DeleteOptions',
      gracePeriodSeconds: 0,
      dryRun: ['All'],
    });
    expect(decodeProtobufBody(envelope('v1', 'DeleteOptions', [[1, -1n]]))).toMatchObject({ gracePeriodSeconds: -1 });
  });

  it('are refused for kinds without a message type, and without the envelope', () => {
    expect(() => decodeProtobufBody(envelope('v1', 'Pod', []))).toThrow(expect.objectContaining({ code: 415 }));
    expect(() => decodeProtobufBody(Buffer.from('{}'))).toThrow(expect.objectContaining({ code: 400 }));
    const cut = envelope('v1', 'Secret', [[3, 'Opaque']]);
    expect(() => decodeProtobufBody(cut.subarray(0, -6))).toThrow(/not a valid protobuf message/);
  });

  it('are read to the end, however often a field is repeated', () => {
    const message = Buffer.alloc(600_000, Buffer.from([0x2a, 0x00])); // dryRun, empty each time
    const outer = [
      [1, [[2, 'DeleteOptions']]],
      [2, message],
    ] as const;
    const { dryRun } = decodeProtobufBody(Buffer.concat([Buffer.from('k8s\0'), encode(outer)]));
    expect((dryRun as unknown[]).length).toBe(300_000);
  });

  it('never fail in another way, whatever the bytes are', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom('Secret', 'Namespace', 'DeleteOptions'),
        (bytes, kind) => {
          const header = encode([
            [
              1,
              [
                [1, 'v1'],
                [2, kind],
              ],
            ],
            [2, Buffer.from(bytes)],
          ]);
          for (const body of [
            Buffer.concat([Buffer.from('k8s\0'), header]),
            Buffer.concat([Buffer.from('k8s\0'), bytes]),
          ]) {
            try {
              decodeProtobufBody(body);
            } catch (error) {
              expect(error).toBeInstanceOf(StatusError);
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('have microseconds where the kind has them', () => {
    const at: Encodable = [
      [1, 1_767_323_045n],
      [2, 678_901_234n],
    ];
    const lease: Encodable = [
      [1, [[1, 'leader']]],
      [
        2,
        [
          [1, 'a'],
          [2, 15n],
          [3, []],
          [4, at],
        ],
      ],
    ];
    expect(decodeProtobufBody(envelope('coordination.k8s.io/v1', 'Lease', lease))).toEqual({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'leader' },
      spec: { holderIdentity: 'a', leaseDurationSeconds: 15, renewTime: '2026-01-02T03:04:05.678901Z' },
    });
    const event: Encodable = [
      [2, [[1, 'Repository']]],
      [7, at],
      [8, 2n],
      [11, [[2, at]]],
    ];
    expect(decodeProtobufBody(envelope('v1', 'Event', event))).toMatchObject({
      involvedObject: { kind: 'Repository' },
      lastTimestamp: '2026-01-02T03:04:05Z',
      count: 2,
      series: { lastObservedTime: '2026-01-02T03:04:05.678901Z' },
    });
  });

  it('may ask who may do what, and say who gets which role', () => {
    const review: Encodable = [
      [
        2,
        [
          [
            1,
            [
              [1, 'default'],
              [2, 'get'],
              [5, 'secrets'],
            ],
          ],
          [3, 'jane'],
          [4, 'dev'],
          [
            5,
            [
              [1, 'scopes'],
              [
                2,
                [
                  [1, 'a'],
                  [1, 'b'],
                ],
              ],
            ],
          ],
        ],
      ],
    ];
    expect(decodeProtobufBody(envelope('authorization.k8s.io/v1', 'SubjectAccessReview', review))).toMatchObject({
      spec: {
        resourceAttributes: { namespace: 'default', verb: 'get', resource: 'secrets' },
        user: 'jane',
        groups: ['dev'],
        extra: { scopes: ['a', 'b'] },
      },
    });
    const role: Encodable = [
      [
        2,
        [
          [1, 'get'],
          [2, ''],
          [3, 'secrets'],
        ],
      ],
    ];
    expect(decodeProtobufBody(envelope('rbac.authorization.k8s.io/v1', 'Role', role))).toMatchObject({
      rules: [{ verbs: ['get'], apiGroups: [''], resources: ['secrets'] }],
    });
  });
});
