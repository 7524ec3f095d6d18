import type { Expression, Name, Statement } from '../syntax/ast.ts';

/** The names that a block assigns to, those of functions within left out; blocks within are part of it. */
export function assignedNames(statements: readonly Statement[]): Name[] {
  const names: Name[] = [];
  for (const statement of statements) collect(statement, names);
  return names;
}

/** The names among the targets of an assignment. */
export function targetNames(target: Expression): Name[] {
  const names: Name[] = [];
  collectTarget(target, names);
  return names;
}

function collect(statement: Statement, names: Name[]): void {
  switch (statement.kind) {
    case 'assign':
      collectTarget(statement.target, names);
      break;
    case 'def':
      names.push(statement.name);
      break;
    case 'load':
      for (const { local } of statement.names) names.push(local);
      break;
    case 'if':
      for (const { body } of statement.branches) names.push(...assignedNames(body));
      names.push(...assignedNames(statement.otherwise));
      break;
    case 'for':
      collectTarget(statement.target, names);
      names.push(...assignedNames(statement.body));
      break;
    case 'while':
      names.push(...assignedNames(statement.body));
      break;
    default:
  }
}

function collectTarget(target: Expression, names: Name[]): void {
  if (target.kind === 'name') names.push(target);
  else if (target.kind === 'tuple' || target.kind === 'list')
    for (const item of target.items) collectTarget(item, names);
}
