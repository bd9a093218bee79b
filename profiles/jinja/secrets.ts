import { TemplateError } from './errors.ts';
import { asString, type Py } from './values.ts';

/**
 * A secret variable is filled in after the template; until then a mark stands for it, as in dbt. These leave it whole, what
 * else reads or changes a text would see the mark and mean the secret.
 */
const harmless = new Set(
  [
    'as_text as_native as_bool as_number string default d trim strip lstrip rstrip upper replace join format safe list',
    'append extend insert get setdefault update copy items keys values is_list',
  ].flatMap((names) => names.split(' ')),
);

/** Throws where an operation is given a secret that it would look into; `shown` is what the error calls it. */
export function secretCheck(shown: string, name: string, values: readonly Py[]): void {
  if (harmless.has(name) || !values.some((value) => asString(value)?.includes('\uE000') === true)) return;
  throw new TemplateError(
    `a secret cannot be taken apart or changed: ${shown} is not for a variable called DBT_ENV_SECRET...; ` +
      `prepare its value outside, or name the variable otherwise`,
  );
}
