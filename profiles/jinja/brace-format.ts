import { TemplateError } from './errors.ts';
import { formatFloat, formatInteger, pad, type Spec } from './format-spec.ts';
import { asInteger } from './numbers.ts';
import { joinTexts, toSource, toText } from './text.ts';
import { asString, type Named, type Py, typeName } from './values.ts';

const field = /\{\{|\}\}|\{(?<name>\w*)(?:!(?<conversion>[rs]))?(?::(?<spec>[^{}]*))?\}|[{}]/gu;

/** Python's `template.format(...)`: `{}`, `{0}`, `{name}`, with `!r` and with a width, an alignment and digits. */
export function formatBraces(template: string, args: readonly Py[], named: Named): string {
  let next = 0;
  let numbered: boolean | undefined;
  const valueOf = (name: string): Py | undefined => {
    if (name !== '' && !/^\d+$/.test(name)) return named.get(name);
    if (numbered === (name === '')) throw new TemplateError('{} and {0} cannot be mixed in one format');
    numbered = name !== '';
    return args[name === '' ? next++ : Number(name)];
  };
  const pieces: string[] = [];
  let at = 0;
  for (const match of template.matchAll(field)) {
    pieces.push(template.slice(at, match.index), formatField(match, valueOf));
    at = match.index + match[0].length;
  }
  return joinTexts([...pieces, template.slice(at)], '');
}

function formatField(match: RegExpExecArray, valueOf: (name: string) => Py | undefined): string {
  const { name, conversion, spec = '' } = match.groups ?? {};
  if (match[0] === '{{' || match[0] === '}}') return match[0].charAt(0);
  if (name === undefined)
    throw new TemplateError('a format has {}, {0} or {name} here, with nothing looked up inside the braces');
  const value = valueOf(name);
  if (value === undefined) throw new TemplateError(`the format asks for {${name}}, which is not given`);
  return formatValue(conversion === 'r' ? toSource(value) : conversion === 's' ? toText(value) : value, spec);
}

const specification =
  /^(?:(?<fill>.)?(?<align>[<>^=]))?(?<sign>[-+ ])?(?<alternate>#)?(?<zero>0)?(?<width>\d+)?(?<grouping>[_,])?(?:\.(?<precision>\d+))?(?<type>[sdfFxXob%])?$/su;

/** Python's `format(value, spec)`. */
function formatValue(value: Py, text: string): string {
  if (text === '') return toText(value);
  const parts = specification.exec(text)?.groups;
  if (!parts) throw new TemplateError(`the format '${text}' is not offered in a profile`);
  const isText = asString(value) !== undefined;
  const spec: Spec = {
    fill: parts['fill'] ?? (parts['zero'] === undefined ? ' ' : '0'),
    align: parts['align'] ?? (parts['zero'] === undefined || isText ? (isText ? '<' : '>') : '='),
    sign: parts['sign'] ?? '-',
    alternate: parts['alternate'] !== undefined,
    width: Number(parts['width'] ?? 0),
    grouping: parts['grouping'] ?? '',
    precision: parts['precision'] === undefined ? undefined : Number(parts['precision']),
    type: parts['type'] ?? '',
  };
  if (isText) return formatText(toText(value), spec, text);
  return formatNumber(value, spec, text);
}

function formatText(value: string, spec: Spec, text: string): string {
  if (!/^s?$/.test(spec.type) || spec.sign !== '-' || spec.alternate || spec.grouping !== '' || spec.align === '=')
    throw new TemplateError(`the format '${text}' does not fit a text`);
  return pad(spec.precision === undefined ? value : Array.from(value).slice(0, spec.precision).join(''), spec);
}

function formatNumber(value: Py, spec: Spec, text: string): string {
  // With zeros in front the commas of Python go on into them.
  if (spec.grouping !== '' && (spec.align === '=' || /[xXob]/.test(spec.type)))
    throw new TemplateError(`the format '${text}' is not offered in a profile`);
  if (typeof value === 'bigint' && /^[dxXob]?$/.test(spec.type) && spec.precision === undefined)
    return formatInteger(value, spec);
  const whole = typeof value === 'boolean' ? undefined : asInteger(value);
  if (typeof value === 'number' && /^[fF%]?$/.test(spec.type)) return formatFloat(value, spec);
  if (whole !== undefined && /^[fF%]$/.test(spec.type)) return formatFloat(Number(whole), spec);
  throw new TemplateError(`the format '${text}' does not fit ${typeName(value)} here`);
}
