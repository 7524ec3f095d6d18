import type { FixtureRepository } from './fixtures.ts';

// From `git for-each-ref` and `git ls-tree` on the archives.
const tables: Readonly<Record<FixtureRepository, string>> = {
  'test-blueprints': `
    basens main -1 Published heads/main bd4a77f2aa14ece5f8d5180c2e42da1236f44515
    basens v1 1 Published tags/basens/v1 67f29546028f0a48c6bbb08614934d0e070cdd3a
    basens v2 2 Published tags/basens/v2 f9e1d10f9ae59be4547b1dfadcfdd3a15e902e5f
    basens v3 3 Published tags/basens/v3 95856c917d3876c5060e44f53b9b5a271185dd8f
    basens v4 4 Published tags/basens/v4 bd4a77f2aa14ece5f8d5180c2e42da1236f44515
    bucket main -1 Published heads/main bd4a77f2aa14ece5f8d5180c2e42da1236f44515
    bucket v1 1 Published tags/bucket/v1 085e930b57b7003770defbc122cfb869e0e0b9b6
    empty main -1 Published heads/main bd4a77f2aa14ece5f8d5180c2e42da1236f44515
    empty v1 1 Published tags/empty/v1 3de8635354eda8e7de756494a4e0eb5c12af01ab
    redis-bucket main -1 Published heads/main bd4a77f2aa14ece5f8d5180c2e42da1236f44515
    redis-bucket v1 1 Published tags/redis-bucket/v1 49af7ff5a291a082d6ab05524c49bfa0c8921e7f
    unready main -1 Published heads/main bd4a77f2aa14ece5f8d5180c2e42da1236f44515
    unready v1 1 Published tags/unready/v1 7276a0201444a694991a65b81b5bcabe40cc96f7
    update main -1 Published heads/main bd4a77f2aa14ece5f8d5180c2e42da1236f44515
    update v1 1 Published tags/update/v1 214bc51ef41855261879524526866a4b4f28862a
    update v2 2 Published tags/update/v2 d18ace2a32548953bc2c9944a2b78272412f1867`,
  'simple-repository': `
    basens main -1 Published heads/main c7edca419782f88646f9572b0a829d686b2d91bd
    basens v1 1 Published tags/basens/v1 740397bf8f594b785f6802755945bd58a5e94192
    basens v2 2 Published tags/basens/v2 c93d417f1393ae5d7def978da70c42b62e645cda
    empty main -1 Published heads/main c7edca419782f88646f9572b0a829d686b2d91bd
    empty v1 1 Published tags/empty/v1 7a6308e79524221d74f549bac53bf1ed771958f7
    istions main -1 Published heads/main c7edca419782f88646f9572b0a829d686b2d91bd
    istions v1 1 Published tags/istions/v1 f8fb59f626182319ec78dd542afcce35f98811e2
    istions v2 2 Published tags/istions/v2 c7edca419782f88646f9572b0a829d686b2d91bd`,
  'drafts-repository': `
    basens main -1 Published heads/main c7edca419782f88646f9572b0a829d686b2d91bd
    basens v1 1 Published tags/basens/v1 740397bf8f594b785f6802755945bd58a5e94192
    basens v2 2 Published tags/basens/v2 c93d417f1393ae5d7def978da70c42b62e645cda
    bucket v1 0 Draft heads/drafts/bucket/v1 032c503a3921f322850e9bd49319346e0e0b129d
    empty main -1 Published heads/main c7edca419782f88646f9572b0a829d686b2d91bd
    empty v1 1 Published tags/empty/v1 7a6308e79524221d74f549bac53bf1ed771958f7
    istions main -1 Published heads/main c7edca419782f88646f9572b0a829d686b2d91bd
    istions v1 1 Published tags/istions/v1 f8fb59f626182319ec78dd542afcce35f98811e2
    istions v2 2 Published tags/istions/v2 c7edca419782f88646f9572b0a829d686b2d91bd
    none v1 0 Draft heads/drafts/none/v1 487eaa0fe7652a313dcdb05790aa32034398593a
    pkg-with-history v1 0 Draft heads/drafts/pkg-with-history/v1 81d54c8aa3dd939fd36713f7074e9e1ad4f34612`,
  'nested-repository': `
    catalog/empty main -1 Published heads/main 1e155ee719634981881bcb696530e355fa9c9aba
    catalog/empty v1 1 Published tags/catalog/empty/v1 b8d4e1b2c3a87dd98c55f8991391c740a550a0bf
    catalog/gcp/bucket main -1 Published heads/main 1e155ee719634981881bcb696530e355fa9c9aba
    catalog/gcp/bucket v2 0 Draft heads/drafts/catalog/gcp/bucket/v2 e495fc033b38c5873b4575f21ded28e923744d04
    catalog/gcp/bucket v1 1 Published tags/catalog/gcp/bucket/v1 27c4e150a4a6b19ca4f54e3ba68779ebf3a04845
    catalog/gcp/cloud-sql v1 0 Draft heads/drafts/catalog/gcp/cloud-sql/v1 1149bc62eca4a4a28b40695bcf44c22a4d28bc17
    catalog/gcp/spanner v1 0 Draft heads/drafts/catalog/gcp/spanner/v1 d671169ffac0c7587b4dc41c667276f14c023fd1
    catalog/namespace/basens main -1 Published heads/main 1e155ee719634981881bcb696530e355fa9c9aba
    catalog/namespace/basens v1 1 Published tags/catalog/namespace/basens/v1 f006a6654ef6d06010d1460038b993934151da08
    catalog/namespace/basens v2 2 Published tags/catalog/namespace/basens/v2 e7ae90895740d60b01101293311f64c2d16e64eb
    catalog/namespace/basens v3 3 Published tags/catalog/namespace/basens/v3 46ddff37bea3fda36a1b64b88539d89064d7f163
    catalog/namespace/istions main -1 Published heads/main 1e155ee719634981881bcb696530e355fa9c9aba
    catalog/namespace/istions v1 1 Published tags/catalog/namespace/istions/v1 0c94de6fd7f46e8a2d1fe1a60d90a759b54cae94
    catalog/namespace/istions v2 2 Published tags/catalog/namespace/istions/v2 c7b38567d2d12dd1848ed0a6bdc55a121bbe2fa2
    catalog/namespace/istions v3 3 Published tags/catalog/namespace/istions/v3 381c4a21013c5cd7d4304e069e9f7135adeddee3
    sample main -1 Published heads/main 1e155ee719634981881bcb696530e355fa9c9aba
    sample v1 1 Published tags/sample/v1 caac51094e012cf41b4dcdb14a269b8145bf0fbf
    sample v2 2 Published tags/sample/v2 1e155ee719634981881bcb696530e355fa9c9aba`,
};

function rows(table: string): readonly string[] {
  return table
    .trim()
    .split('\n')
    .map((line) => line.trim());
}

/** The package revisions of each fixture repository, in order: package, workspace, revision, lifecycle, reference, commit. */
export const revisionsInFixtures: Readonly<Record<FixtureRepository, readonly string[]>> = {
  'test-blueprints': rows(tables['test-blueprints']),
  'simple-repository': rows(tables['simple-repository']),
  'drafts-repository': rows(tables['drafts-repository']),
  'nested-repository': rows(tables['nested-repository']),
};
