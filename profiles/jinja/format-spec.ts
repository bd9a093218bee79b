import { TemplateError } from './errors.ts';
import { fixed, floatText } from './numbers.ts';
import { repeat } from './text.ts';

/** How a value is written: what stands after the colon in `{:>8.2f}`, and after the % in `%-8.2f`. */
export interface Spec {
  readonly fill: string;
  readonly align: string;
  readonly sign: string;
  readonly alternate: boolean;
  readonly width: number;
  readonly grouping: string;
  readonly precision: number | undefined;
  readonly type: string;
}

/** A text within its width. */
export function pad(
  text: string,
  { fill, align, width }: Pick<Spec, 'fill' | 'align' | 'width'>,
  signLength = 0,
): string {
  const missing = width - Array.from(text).length;
  if (missing <= 0) return text;
  if (align === '=') return text.slice(0, signLength) + repeat(fill, missing) + text.slice(signLength);
  const before = align === '<' ? 0 : align === '^' ? Math.floor(missing / 2) : missing;
  return repeat(fill, before) + text + repeat(fill, missing - before);
}

const bases: Readonly<Record<string, [number, string]>> = { b: [2, '0b'], o: [8, '0o'], x: [16, '0x'], X: [16, '0X'] };

export function formatInteger(value: bigint, spec: Spec): string {
  const [base, prefix] = bases[spec.type] ?? [10, ''];
  const magnitude = (value < 0n ? -value : value).toString(base);
  const digits = spec.type === 'X' ? magnitude.toUpperCase() : magnitude;
  return withSign(value < 0n, (spec.alternate ? prefix : '') + grouped(digits, spec), spec);
}

export function formatFloat(value: number, spec: Spec): string {
  const precision = spec.precision ?? 6;
  const negative = value < 0 || Object.is(value, -0);
  const magnitude = Math.abs(value);
  if (!Number.isFinite(value)) return withSign(negative, cased(floatText(magnitude), spec), spec);
  switch (spec.type.toLowerCase()) {
    case 'f':
      return withSign(negative, grouped(fixed(magnitude, precision), spec), spec);
    case '%':
      return withSign(negative, `${grouped(fixed(magnitude * 100, precision), spec)}%`, spec);
    case '':
      if (spec.precision === undefined) return withSign(negative, grouped(floatText(magnitude), spec), spec);
      break;
  }
  throw new TemplateError(`the format '${spec.type || 'a precision alone'}' is not offered in a profile; f is`);
}

function cased(text: string, { type }: Spec): string {
  return /[A-Z]/.test(type) ? text.toUpperCase() : text;
}

function grouped(digits: string, { grouping }: Spec): string {
  const [whole = '', rest] = digits.split('.');
  const parts = grouping === '' ? whole : whole.replace(/\B(?=(?:\d{3})+$)/g, grouping);
  return rest === undefined ? parts : `${parts}.${rest}`;
}

function withSign(negative: boolean, digits: string, spec: Spec): string {
  const mark = negative ? '-' : spec.sign === '-' ? '' : spec.sign;
  const prefix = /^0[box]/i.exec(digits)?.[0].length ?? 0;
  return pad(mark + digits, spec, mark.length + (spec.alternate ? prefix : 0));
}
