import type { BinaryOperator } from '../operators/binary.ts';
import type { OrderOperator } from '../operators/order.ts';
import type { UnaryOperator } from '../operators/unary.ts';
import type { Binding, FunctionScope } from '../resolve/binding.ts';
import type { Value } from '../values/value.ts';
import type { Position } from './position.ts';

interface Node {
  readonly position: Position;
}

/** A variable that is read or assigned; the resolver finds out which. */
export interface Name extends Node {
  readonly kind: 'name';
  readonly name: string;
  binding?: Binding;
}

export interface Literal extends Node {
  readonly kind: 'literal';
  readonly value: Value;
}

export interface ListExpression extends Node {
  readonly kind: 'list';
  readonly items: readonly Expression[];
}

export interface TupleExpression extends Node {
  readonly kind: 'tuple';
  readonly items: readonly Expression[];
}

export interface DictEntry extends Node {
  readonly key: Expression;
  readonly value: Expression;
}

export interface DictExpression extends Node {
  readonly kind: 'dict';
  readonly entries: readonly DictEntry[];
}

export interface UnaryExpression extends Node {
  readonly kind: 'unary';
  readonly operator: UnaryOperator | 'not';
  readonly operand: Expression;
}

export interface BinaryExpression extends Node {
  readonly kind: 'binary';
  readonly operator: BinaryOperator | OrderOperator | '==' | '!=' | 'in' | 'not in' | 'and' | 'or';
  readonly left: Expression;
  readonly right: Expression;
}

export interface ConditionalExpression extends Node {
  readonly kind: 'conditional';
  readonly condition: Expression;
  readonly whenTrue: Expression;
  readonly whenFalse: Expression;
}

export interface ForClause extends Node {
  readonly kind: 'for';
  readonly target: Expression;
  readonly iterable: Expression;
}

export interface IfClause extends Node {
  readonly kind: 'if';
  readonly condition: Expression;
}

/** `[body for … if …]`, or with braces and an entry for the body. */
export interface Comprehension extends Node {
  readonly kind: 'comprehension';
  readonly body: Expression | DictEntry;
  readonly isDict: boolean;
  /** The first is a `for`. */
  readonly clauses: readonly (ForClause | IfClause)[];
}

export interface Argument extends Node {
  /** How the argument is given: by position, by name, or as the elements of a sequence or dict. */
  readonly form: 'positional' | 'named' | 'sequence' | 'dict';
  /** The name of a named argument; empty for others. */
  readonly name: string;
  readonly value: Expression;
}

export interface CallExpression extends Node {
  readonly kind: 'call';
  readonly callee: Expression;
  readonly arguments: readonly Argument[];
}

/** `x.name`; the position is the dot's. */
export interface DotExpression extends Node {
  readonly kind: 'dot';
  readonly object: Expression;
  readonly name: string;
}

export interface IndexExpression extends Node {
  readonly kind: 'index';
  readonly object: Expression;
  readonly key: Expression;
}

export interface SliceExpression extends Node {
  readonly kind: 'slice';
  readonly object: Expression;
  readonly start: Expression | undefined;
  readonly end: Expression | undefined;
  readonly step: Expression | undefined;
}

export interface Parameter extends Node {
  /** `sequence` is `*args`, or a bare `*` with an empty name; `dict` is `**kwargs`. */
  readonly form: 'plain' | 'sequence' | 'dict';
  readonly name: Name;
  readonly default: Expression | undefined;
}

export interface LambdaExpression extends Node {
  readonly kind: 'lambda';
  readonly parameters: readonly Parameter[];
  readonly body: Expression;
  scope?: FunctionScope;
}

export type Expression =
  | Name
  | Literal
  | ListExpression
  | TupleExpression
  | DictExpression
  | UnaryExpression
  | BinaryExpression
  | ConditionalExpression
  | Comprehension
  | CallExpression
  | DotExpression
  | IndexExpression
  | SliceExpression
  | LambdaExpression;

export interface ExpressionStatement extends Node {
  readonly kind: 'expression';
  readonly expression: Expression;
}

/** `target = value`, or `target += value` with the operator before the equals sign. */
export interface AssignStatement extends Node {
  readonly kind: 'assign';
  readonly operator: BinaryOperator | undefined;
  readonly target: Expression;
  readonly value: Expression;
}

export interface DefStatement extends Node {
  readonly kind: 'def';
  readonly name: Name;
  readonly parameters: readonly Parameter[];
  readonly body: readonly Statement[];
  scope?: FunctionScope;
}

export interface IfBranch extends Node {
  readonly condition: Expression;
  readonly body: readonly Statement[];
}

/** `if` and its `elif`s, then what is left. */
export interface IfStatement extends Node {
  readonly kind: 'if';
  readonly branches: readonly IfBranch[];
  readonly otherwise: readonly Statement[];
}

export interface ForStatement extends Node {
  readonly kind: 'for';
  readonly target: Expression;
  readonly iterable: Expression;
  readonly body: readonly Statement[];
}

export interface WhileStatement extends Node {
  readonly kind: 'while';
  readonly condition: Expression;
  readonly body: readonly Statement[];
}

export interface ReturnStatement extends Node {
  readonly kind: 'return';
  readonly value: Expression | undefined;
}

export interface SimpleStatement extends Node {
  readonly kind: 'break' | 'continue' | 'pass';
}

/** `load("module", "name", local="name")`. */
export interface LoadStatement extends Node {
  readonly kind: 'load';
  readonly module: string;
  readonly names: readonly { readonly from: string; readonly local: Name }[];
}

export type Statement =
  | ExpressionStatement
  | AssignStatement
  | DefStatement
  | IfStatement
  | ForStatement
  | WhileStatement
  | ReturnStatement
  | SimpleStatement
  | LoadStatement;

/** A parsed program. */
export interface Program {
  readonly file: string;
  readonly statements: readonly Statement[];
}
