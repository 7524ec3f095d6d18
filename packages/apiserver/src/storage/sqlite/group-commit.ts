import type { Sealing } from '../sealing.ts';
import type { WriteSet } from '../store.ts';
import { isDiskError } from './disk-error.ts';
import type { Position } from './position.ts';
import type { SlimChange } from './protocol.ts';
import type { Statements } from './statements.ts';
import { applyWriteSet } from './write-set.ts';

/** One write set of a group. */
export interface GroupMember {
  readonly writeSet: WriteSet;
  readonly dryRun: boolean;
}

/** What one write set has come to. */
interface Committed {
  readonly revision: number;
  readonly changes: readonly SlimChange[];
}

/** What became of one write set: its own error does not touch the others. */
export type Outcome<Member> = { readonly member: Member } & (
  | { readonly result: Committed }
  | { readonly error: unknown }
);

/** What a group is committed with. */
export interface GroupContext {
  readonly statements: Statements;
  readonly sealing: Sealing;
  readonly position: Position;
}

/**
 * Commits write sets in order, in one transaction and with one sync of the disk, each in its own savepoint.
 * @throws what SQLite throws when the disk fails: then nothing of the group may be acknowledged
 */
export function commitGroup<Member extends GroupMember>(
  context: GroupContext,
  group: readonly Member[],
): Outcome<Member>[] {
  const { statements, position } = context;
  const before = position.revision;
  statements.begin.run();
  const outcomes = group.map((member) => commitOne(context, member));
  if (position.revision !== before) statements.writeMeta.run('revision', position.revision);
  statements.commit.run();
  return outcomes;
}

function commitOne<Member extends GroupMember>(context: GroupContext, member: Member): Outcome<Member> {
  const { statements, sealing, position } = context;
  const { writeSet, dryRun } = member;
  const before = position.revision;
  const undo = () => {
    statements.rollbackTo.run();
    statements.release.run();
    position.revision = before;
  };
  statements.savepoint.run();
  try {
    const changes = applyWriteSet({ statements, sealing, position, now: Date.now() }, writeSet);
    if (!dryRun) {
      statements.release.run();
      return { member, result: { revision: position.revision, changes } };
    }
    undo();
    const untaken = changes.map((change) => ({
      ...change,
      revision: 0,
      object: {
        ...change.object,
        revision: 0,
        contentRevision: change.object.contentRevision > before ? 0 : change.object.contentRevision,
      },
    }));
    return { member, result: { revision: before, changes: untaken } };
  } catch (error) {
    if (isDiskError(error)) throw error;
    undo();
    return { member, error };
  }
}
