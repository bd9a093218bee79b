import { TemplateError, TemplateSyntaxError } from './errors.ts';
import { type Names, parseWork, type Spend } from './evaluate.ts';
import { Execution } from './execute.ts';
import { normalizeLines } from './lexer.ts';
import { readLiteral } from './literal.ts';
import { parseTemplate } from './statements.ts';
import { joinTexts, maxText, toText } from './text.ts';
import { asString, Marked, type Py, Undefined } from './values.ts';

/** Long enough for a certificate as a default. */
const maxTemplate = 10_000;

/** A text that is no template: Jinja makes one kind of line break of all, and drops one at the end. */
export { normalizeLines as renderPlain };

/**
 * Evaluates a template as dbt 1.10 does: what is exactly one expression keeps that expression's type, unless it is a constant;
 * anything else becomes text. `spend` is called before work is done, with about the number of characters that it reads or makes,
 * and throws when it is enough. Throws TemplateError.
 */
export function evaluateTemplate(template: string, names: Names, spend: Spend): Py {
  if (template.length > maxTemplate) throw new TemplateSyntaxError(`a template may have ${maxTemplate} characters`);
  spend(template.length * parseWork);
  try {
    const pieces = [...new Execution(names, spend).run(parse(template))];
    const [only] = pieces;
    return pieces.length === 1 && only !== undefined ? read(only) : joinTexts(pieces.map(toText), '');
  } catch (error) {
    if (error instanceof RangeError) throw new TemplateError('it nests too deeply');
    throw error;
  }
}

function parse(template: string): ReturnType<typeof parseTemplate> {
  try {
    return parseTemplate(template);
  } catch (error) {
    if (!(error instanceof TemplateSyntaxError)) throw error;
    // Without the colon: what follows "token:" is masked as a secret.
    throw new TemplateSyntaxError(`it is not a valid template (${error.message.replaceAll(': ', ' ')})`);
  }
}

/** What `as_number` and the like have marked is read now, as a literal of Python: `True` is a bool and `true` is not. */
function read(value: Py): Py {
  if (value instanceof Undefined) throw new TemplateError(value.message);
  const text = asString(value);
  if (text !== undefined && text.length > maxText) throw new TemplateError(`a value may have ${maxText} characters`);
  if (!(value instanceof Marked)) return value;
  if (value.kind === 'text' || value.kind === 'html') return value.text;
  const literal = readLiteral(value.text);
  const result = literal === undefined ? value.text : literal;
  if (value.kind === 'bool' && typeof result !== 'boolean')
    return unfit(value.text, 'bool', ', which must be True or False');
  const isNumber = typeof result === 'bigint' || typeof result === 'number';
  return value.kind === 'number' && !isNumber ? unfit(value.text, 'number', '') : result;
}

function unfit(text: string, type: string, hint: string): never {
  throw new TemplateError(`could not convert value '${text}' into type '${type}'${hint}`);
}
