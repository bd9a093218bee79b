import { TemplateError } from './errors.ts';
import { maxText } from './text.ts';
import { asString, Dict, PySet, type Py, Range, Tuple, View } from './values.ts';

/** Nothing in a profile nests deeper, and what holds itself does. */
const maxDepth = 100;

/** The characters of a value once it is text, counted no further than a template may go anyway. */
export function weigh(value: Py, limit = maxText, depth = 0): number {
  const text = asString(value);
  if (text !== undefined) return text.length + 1;
  if (depth > maxDepth) throw new TemplateError(`a value is nested more than ${maxDepth} levels deep`);
  if (value instanceof Range) return value.length + 1;
  let weight = 1;
  for (const item of inside(value)) {
    weight += weigh(item, limit - weight, depth + 1);
    if (weight > limit) break;
  }
  return weight;
}

function inside(value: Py): readonly Py[] {
  if (Array.isArray(value)) return value;
  if (value instanceof Tuple) return value.items;
  if (value instanceof PySet) return value.unordered();
  const dict = value instanceof View ? value.dict : value;
  return dict instanceof Dict ? dict.entries().flat() : [];
}
