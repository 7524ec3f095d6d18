import { StarlarkSyntaxError } from '../errors.ts';
import type {
  Comprehension,
  DefStatement,
  DictEntry,
  Expression,
  LambdaExpression,
  Name,
  Parameter,
  Program,
  Statement,
} from '../syntax/ast.ts';
import type { Position } from '../syntax/position.ts';
import type { Value } from '../values/value.ts';
import { assignedNames, targetNames } from './assigned-names.ts';
import { type Binding, FunctionScope, GlobalNames, type Variable } from './binding.ts';
import { didYouMean } from './spelling.ts';

/** What a program's own names need room for. */
export interface ResolvedProgram {
  readonly globals: GlobalNames;
  /** The variables of comprehensions outside of functions. */
  readonly scope: FunctionScope;
}

/**
 * Finds out what every name of a program stands for, and notes it in the tree.
 *
 * @param predeclared - the names that the program can use without defining them
 * @throws StarlarkSyntaxError for names that stand for nothing and statements where they may not stand
 */
export function resolveProgram(program: Program, predeclared: ReadonlyMap<string, Value>): ResolvedProgram {
  const resolver = new Resolver(program.file, predeclared);
  resolver.run(program.statements);
  return { globals: resolver.globals, scope: resolver.scope };
}

/** Names that are known in part of a function: its parameters and variables, or those of a comprehension. */
interface Block {
  readonly parent: Block | undefined;
  readonly names: ReadonlyMap<string, Variable>;
}

/** What statements around a statement allow. */
interface Surroundings {
  readonly inFunction: boolean;
  readonly inLoop: boolean;
  readonly inBlock: boolean;
}

class Resolver {
  readonly globals = new GlobalNames();
  readonly scope = new FunctionScope(undefined);
  readonly #file: string;
  readonly #predeclared: ReadonlyMap<string, Value>;
  #function = this.scope;
  #block: Block | undefined;

  constructor(file: string, predeclared: ReadonlyMap<string, Value>) {
    this.#file = file;
    this.#predeclared = predeclared;
  }

  run(statements: readonly Statement[]): void {
    for (const { name } of assignedNames(statements)) this.globals.declare(name);
    this.#statements(statements, { inFunction: false, inLoop: false, inBlock: false });
  }

  #statements(statements: readonly Statement[], around: Surroundings): void {
    for (const statement of statements) this.#statement(statement, around);
  }

  #statement(statement: Statement, around: Surroundings): void {
    switch (statement.kind) {
      case 'expression':
        return this.#expression(statement.expression);
      case 'assign':
        this.#expression(statement.value);
        if (
          statement.operator !== undefined &&
          (statement.target.kind === 'tuple' || statement.target.kind === 'list')
        ) {
          throw this.#error(
            statement.position,
            `can't use ${statement.target.kind} expression in augmented assignment`,
          );
        }
        return this.#target(statement.target);
      case 'def':
        this.#name(statement.name);
        return this.#def(statement);
      case 'if': {
        const within = { ...around, inBlock: true };
        for (const { condition, body } of statement.branches) {
          this.#expression(condition);
          this.#statements(body, within);
        }
        return this.#statements(statement.otherwise, within);
      }
      case 'for':
        this.#expression(statement.iterable);
        this.#target(statement.target);
        return this.#statements(statement.body, { ...around, inBlock: true, inLoop: true });
      case 'while':
        this.#expression(statement.condition);
        return this.#statements(statement.body, { ...around, inBlock: true, inLoop: true });
      case 'return':
        if (!around.inFunction) throw this.#error(statement.position, 'return statement not within a function');
        if (statement.value !== undefined) this.#expression(statement.value);
        return;
      case 'break':
      case 'continue':
        if (!around.inLoop) throw this.#error(statement.position, `${statement.kind} not in a loop`);
        return;
      case 'load':
        if (around.inFunction) throw this.#error(statement.position, 'load statement within a function');
        if (around.inBlock) throw this.#error(statement.position, 'load statement within a conditional or a loop');
        for (const { local } of statement.names) this.#name(local);
        return;
      default:
    }
  }

  #target(target: Expression): void {
    switch (target.kind) {
      case 'name':
        return this.#name(target);
      case 'tuple':
      case 'list':
        for (const item of target.items) this.#target(item);
        return;
      case 'index':
      case 'dot':
        return this.#expression(target);
      default:
        throw this.#error(target.position, `can't assign to ${target.kind} expression`);
    }
  }

  #def(statement: DefStatement): void {
    statement.scope = this.#functionBody(statement.parameters, assignedNames(statement.body), () =>
      this.#statements(statement.body, { inFunction: true, inLoop: false, inBlock: false }),
    );
  }

  #lambda(lambda: LambdaExpression): void {
    lambda.scope = this.#functionBody(lambda.parameters, [], () => this.#expression(lambda.body));
  }

  #functionBody(parameters: readonly Parameter[], assigned: readonly Name[], visit: () => void): FunctionScope {
    for (const { default: value } of parameters) if (value !== undefined) this.#expression(value);
    const outer = { scope: this.#function, block: this.#block };
    const scope = new FunctionScope(outer.scope);
    const names = new Map<string, Variable>();
    for (const { name } of [...parameters.map((parameter) => parameter.name), ...assigned]) {
      if (!names.has(name)) names.set(name, scope.declare(name));
    }
    this.#function = scope;
    this.#block = { parent: outer.block, names };
    visit();
    this.#function = outer.scope;
    this.#block = outer.block;
    return scope;
  }

  #comprehension({ body, clauses, isDict }: Comprehension): void {
    const outer = this.#block;
    const names = new Map<string, Variable>();
    for (const [index, clause] of clauses.entries()) {
      if (clause.kind === 'if') {
        this.#expression(clause.condition);
        continue;
      }
      this.#expression(clause.iterable);
      // The first sequence is found outside of the comprehension, all others within it.
      if (index === 0) {
        for (const other of clauses) {
          if (other.kind !== 'for') continue;
          for (const { name } of targetNames(other.target)) {
            if (!names.has(name)) names.set(name, this.#function.declare(name));
          }
        }
        this.#block = { parent: outer, names };
      }
      this.#target(clause.target);
    }
    if (isDict) this.#entry(body as DictEntry);
    else this.#expression(body as Expression);
    this.#block = outer;
  }

  #entry({ key, value }: DictEntry): void {
    this.#expression(key);
    this.#expression(value);
  }

  #expression(expression: Expression): void {
    switch (expression.kind) {
      case 'name':
        return this.#name(expression);
      case 'literal':
        return;
      case 'list':
      case 'tuple':
        for (const item of expression.items) this.#expression(item);
        return;
      case 'dict':
        for (const entry of expression.entries) this.#entry(entry);
        return;
      case 'unary':
        return this.#expression(expression.operand);
      case 'binary':
        this.#expression(expression.left);
        return this.#expression(expression.right);
      case 'conditional':
        this.#expression(expression.condition);
        this.#expression(expression.whenTrue);
        return this.#expression(expression.whenFalse);
      case 'comprehension':
        return this.#comprehension(expression);
      case 'call':
        this.#expression(expression.callee);
        for (const { value } of expression.arguments) this.#expression(value);
        return;
      case 'dot':
        return this.#expression(expression.object);
      case 'index':
        this.#expression(expression.object);
        return this.#expression(expression.key);
      case 'slice':
        this.#expression(expression.object);
        for (const part of [expression.start, expression.end, expression.step]) {
          if (part !== undefined) this.#expression(part);
        }
        return;
      case 'lambda':
        return this.#lambda(expression);
    }
  }

  #name(name: Name): void {
    name.binding = this.#find(name);
  }

  #find({ name, position }: Name): Binding {
    for (let block = this.#block; block !== undefined; block = block.parent) {
      const variable = block.names.get(name);
      if (variable === undefined) continue;
      if (variable.owner === this.#function) return { scope: 'local', variable };
      return { scope: 'free', index: this.#function.freeIndex(variable) };
    }
    const index = this.globals.find(name);
    if (index !== undefined) return { scope: 'global', index };
    const value = this.#predeclared.get(name);
    if (value !== undefined) return { scope: 'predeclared', value };
    throw this.#error(position, `undefined: ${name}${didYouMean(name, this.#knownNames())}`);
  }

  *#knownNames(): Generator<string> {
    for (let block = this.#block; block !== undefined; block = block.parent) yield* block.names.keys();
    yield* this.globals.names;
    yield* this.#predeclared.keys();
  }

  #error(position: Position, reason: string): StarlarkSyntaxError {
    return new StarlarkSyntaxError(this.#file, position, reason);
  }
}
