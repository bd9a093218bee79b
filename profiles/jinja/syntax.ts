import type { Py } from './values.ts';

/** Jinja's syntax tree. */
export type Expression =
  | { readonly type: 'constant'; readonly value: Py }
  | { readonly type: 'name'; readonly name: string }
  | { readonly type: 'list' | 'tuple' | 'concatenation'; readonly items: readonly Expression[] }
  | { readonly type: 'dict'; readonly pairs: readonly (readonly [Expression, Expression])[] }
  | { readonly type: 'call'; readonly callee: Expression; readonly args: Arguments }
  /** Without an operand in `{% filter %}` and `{% set x | ... %}`: it is what stands inside. */
  | { readonly type: 'filter'; readonly operand: Expression | null; readonly name: string; readonly args: Arguments }
  | { readonly type: 'test'; readonly operand: Expression; readonly name: string; readonly args: Arguments }
  | { readonly type: 'attribute'; readonly object: Expression; readonly name: string }
  | { readonly type: 'item'; readonly object: Expression; readonly key: Expression }
  | { readonly type: 'slice'; readonly object: Expression; readonly bounds: readonly (Expression | null)[] }
  | { readonly type: 'binary'; readonly operator: string; readonly left: Expression; readonly right: Expression }
  | { readonly type: 'sign'; readonly operator: '+' | '-'; readonly operand: Expression }
  | { readonly type: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly type: 'not'; readonly operand: Expression }
  | {
      readonly type: 'comparison';
      readonly first: Expression;
      readonly rest: readonly (readonly [string, Expression])[];
    }
  | {
      readonly type: 'conditional';
      readonly test: Expression;
      readonly then: Expression;
      readonly otherwise: Expression | null;
    };

export interface Arguments {
  readonly positional: readonly Expression[];
  readonly named: readonly (readonly [string, Expression])[];
  /** `*args` and `**kwargs`. */
  readonly spread: Expression | null;
  readonly namedSpread: Expression | null;
}

/** What a value is assigned to. */
export type Target =
  | { readonly type: 'name'; readonly name: string }
  | { readonly type: 'member'; readonly object: string; readonly name: string }
  | { readonly type: 'tuple'; readonly items: readonly Target[] };

type Body = readonly Statement[];

export type Statement =
  /** Text and expressions between two statements, or between a statement and an end. */
  | { readonly type: 'output'; readonly parts: readonly (string | Expression)[] }
  | { readonly type: 'set'; readonly target: Target; readonly value: Expression }
  | { readonly type: 'set block'; readonly target: Target; readonly filter: Expression | null; readonly body: Body }
  | { readonly type: 'if'; readonly branches: readonly (readonly [Expression, Body])[]; readonly otherwise: Body }
  | ForStatement
  | { readonly type: 'with'; readonly pairs: readonly (readonly [Target, Expression])[]; readonly body: Body }
  | { readonly type: 'filter block'; readonly filter: Expression; readonly body: Body }
  | { readonly type: 'do'; readonly expression: Expression }
  | { readonly type: 'break' | 'continue' };

export interface ForStatement {
  readonly type: 'for';
  readonly target: Target;
  readonly iterable: Expression;
  readonly condition: Expression | null;
  readonly body: Body;
  readonly otherwise: Body;
}
