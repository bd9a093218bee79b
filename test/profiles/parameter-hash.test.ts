import { expect, test } from 'vitest';
import { parametersSchema, parameterTable } from '../../memory/parameters.ts';
import { hashParameters } from '../../profiles/parameter-hash.ts';

const defaults = { scope: 'agent', parameters: parametersSchema.parse({}) };

test('the hash is the same whether a default is named or not, and in whichever order', () => {
  const reversed = Object.fromEntries(Object.entries(parameterTable).reverse());
  const named = Object.fromEntries(Object.entries(reversed).map(([name, row]) => [name, row.default]));
  expect(Object.keys(named)[0]).not.toBe(Object.keys(defaults.parameters)[0]);
  expect(hashParameters({ scope: 'agent', parameters: named as typeof defaults.parameters })).toBe(
    hashParameters(defaults),
  );
  expect(hashParameters(defaults)).toMatch(/^[0-9a-f]{12}$/);
});

test('each parameter by itself, and the scope, give another hash', () => {
  const others = Object.entries(parameterTable).map(([name, { default: value, min, max }]) => ({
    ...defaults,
    parameters: { ...defaults.parameters, [name]: value === max ? min : max },
  }));
  const all = [defaults, { ...defaults, scope: 'shared' }, ...others].map(hashParameters);
  expect(new Set(all).size).toBe(Object.keys(parameterTable).length + 2);
});
