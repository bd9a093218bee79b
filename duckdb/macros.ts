import type { DuckDBConnection } from '@duckdb/node-api';
import { parameterTable, type Parameters } from '../memory/parameters.ts';
import type { Profile } from '../profiles/profile.ts';
import { quoteLiteral } from '../profiles/sql.ts';
import { readSql } from './statement.ts';

const FORMULAS = new URL('./macros.sql', import.meta.url);
const STATE = new URL('./macros.state.sql', import.meta.url);

interface Opened {
  readonly connection: DuckDBConnection;
  readonly profile: Profile;
}

/** Parameters, formulas, and what is true as of a time; the state's tables have to be there. */
export async function createMacros(opened: Opened): Promise<void> {
  await createFormulas(opened);
  await opened.connection.run(readSql(STATE));
}

/** The science parameters and the formulas that rest on them, each once, as scalar macros; they need no table. */
export async function createFormulas({ connection, profile }: Opened): Promise<void> {
  await connection.run(parameterMacros(profile.pipeline.parameters));
  await connection.run(scopeMacro(profile.pipeline.scope));
  await connection.run(readSql(FORMULAS));
}

/**
 * Each parameter as a macro without arguments that has the profile's value: `edge_half_life_days()`. DuckDB puts it in while it
 * binds a statement, so it costs what a literal does, and stands where only a constant may, as in `limit rem_seeds()`. (One
 * struct with all of them took 0.3 to 0.6 ms more for each place that names one, this takes 0.01 ms.)
 */
function parameterMacros(parameters: Parameters): string {
  const names = Object.keys(parameterTable) as (keyof Parameters)[];
  return names
    .map((name) => `create or replace macro ${name}() as ${literal(parameterTable[name].kind, parameters[name])};`)
    .join('\n');
}

/**
 * `scope_of(agent, metadata)`: memories with the same scope may be linked. A field's value is told from an agent's name by a character
 * that no text of PostgreSQL has.
 */
function scopeMacro(scope: string): string {
  const path = quoteLiteral(`$.${JSON.stringify(scope.replace(/^metadata\./, ''))}`);
  const field = `case when json_valid(metadata) then chr(0) || json_extract_string(metadata, ${path}) end`;
  const body = scope === 'agent' ? 'agent' : scope === 'shared' ? "''" : `coalesce(${field}, agent)`;
  return `create or replace macro scope_of(agent, metadata) as ${body};`;
}

/** A literal with an exponent is a DOUBLE, one with a point a DECIMAL. */
function literal(kind: 'whole' | 'number', value: number): string {
  return kind === 'whole' ? String(value) : value.toExponential();
}
