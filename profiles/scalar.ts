type Scalar = string | number | boolean | null;

/** YAML 1.1 as PyYAML reads it, which is what dbt uses: `yes` is true, `010` is 8, `1:30` is 90, `1e3` and `y` are text. */
const yes = /^(?:yes|true|on)$|^(?:Yes|True|On)$|^(?:YES|TRUE|ON)$/;
const no = /^(?:no|false|off)$|^(?:No|False|Off)$|^(?:NO|FALSE|OFF)$/;
const nothing = /^(?:~|null|Null|NULL)?$/;
const binary = /^[-+]?0b[01_]+$/;
const octal = /^[-+]?0[0-7_]+$/;
const decimal = /^[-+]?(?:0|[1-9][0-9_]*)$/;
const hexadecimal = /^[-+]?0x[0-9a-fA-F_]+$/;
const sexagesimal = /^[-+]?(?:[1-9][0-9_]*(?::[0-5]?[0-9])+|[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*)$/;
const float = /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+][0-9]+)?$/;
const infinite = /^[-+]?\.(?:inf|Inf|INF)$/;
const notANumber = /^\.(?:nan|NaN|NAN)$/;

const moment =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?(?:[ \t]*(?:(Z)|([-+])(\d\d?)(?::(\d\d))?))?$/;

/** The value of a plain (unquoted) YAML scalar. Dates are text, which is what dbt makes of them in the end. */
export function readScalar(text: string): Scalar {
  if (nothing.test(text)) return null;
  if (yes.test(text)) return true;
  if (no.test(text)) return false;
  return readNumber(text) ?? readMoment(text);
}

/** A date with a time as Python writes it: `2026-03-01 9:00:00Z` is 2026-03-01T09:00:00+00:00; any other text as it is. */
function readMoment(text: string): string {
  const match = moment.exec(text);
  if (match === null) return text;
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '', fraction = '', utc, sign, ...zone] =
    match;
  const two = (digits = '00') => digits.padStart(2, '0');
  const micros = fraction.padEnd(6, '0').slice(0, 6);
  const offset = utc ? '+00:00' : sign ? `${sign}${two(zone[0])}:${two(zone[1])}` : '';
  const time = `${two(hour)}:${minute}:${second}${/[1-9]/.test(micros) ? `.${micros}` : ''}`;
  return `${year}-${two(month)}-${two(day)}T${time}${offset}`;
}

function readNumber(text: string): number | undefined {
  const negative = text.startsWith('-');
  const magnitude = readMagnitude(text, text.replace(/^[-+]/, '').replaceAll('_', ''));
  return magnitude === undefined ? undefined : negative ? -magnitude : magnitude;
}

function readMagnitude(text: string, digits: string): number | undefined {
  if (binary.test(text)) return parseInt(digits.slice(2), 2);
  if (octal.test(text)) return parseInt(digits, 8);
  if (decimal.test(text) || float.test(text)) return Number(digits);
  if (hexadecimal.test(text)) return parseInt(digits, 16);
  if (sexagesimal.test(text)) return digits.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  if (infinite.test(text)) return Infinity;
  return notANumber.test(text) ? NaN : undefined;
}
