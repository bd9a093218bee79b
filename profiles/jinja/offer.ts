import { TemplateError } from './errors.ts';
import { sequenceFilters } from './sequence-filters.ts';
import type { Operation } from './signature.ts';
import { tests } from './tests.ts';
import { textFilters } from './text-filters.ts';
import { valueFilters } from './value-filters.ts';

const filters: ReadonlyMap<string, Operation> = new Map([...textFilters, ...sequenceFilters, ...valueFilters]);

/** Filters of Jinja whose result a template of a profile has no use for, or which is not the same from run to run. */
const instead: Readonly<Record<string, string>> = {
  attr: 'write value.name',
  groupby: 'use | selectattr',
  pprint: 'use | string',
  random: 'a profile must not change from run to run',
  striptags: 'it is for HTML',
  urlize: 'it is for HTML',
  wordwrap: 'write the line breaks',
  xmlattr: 'it is for HTML',
  filter: 'it is always known',
  test: 'it is always known',
};

/** The filter of this name. Throws when there is none. */
export function knownFilter(name: string): Operation {
  return filters.get(name) ?? refuse('filter', name, filters);
}

/** The test of this name. Throws when there is none. */
export function knownTest(name: string): Operation {
  return tests.get(name) ?? refuse('test', name, tests);
}

function refuse(kind: string, name: string, known: ReadonlyMap<string, Operation>): never {
  const advice = Object.hasOwn(instead, name) ? instead[name] : undefined;
  if (advice !== undefined) throw new TemplateError(`the ${kind} '${name}' is not offered in a profile; ${advice}`);
  const names = [...known.keys()].filter((each) => /^\w\w/.test(each)).sort();
  throw new TemplateError(`there is no ${kind} '${name}' in a profile; there are ${names.join(', ')}`);
}
