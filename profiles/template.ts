import type { Document } from './document.ts';
import { createNames, type Variables } from './functions.ts';
import { toValue } from './jinja/conversion.ts';
import { MissingVariableError, TemplateError, TemplateSyntaxError } from './jinja/errors.ts';
import type { Spend } from './jinja/evaluate.ts';
import { evaluateTemplate, renderPlain } from './jinja/template.ts';
import { secretMark, secretMarks } from './jinja/text.ts';
import { mask, redact } from './redact.ts';
import { isMapping, type Path, type Value } from './value.ts';

/** What one output may grow to by aliases alone; a document is far smaller. */
const maxValues = 50_000;

/**
 * The work of all templates of one output, about the characters that they read and make: 60,000 characters of template text,
 * or a megabyte of values. More is a mistake or an attack, and ends within 100 ms.
 */
const maxWork = 1_000_000;

/** No profile nests deeper; aliases cannot be used to get there either. */
const maxDepth = 100;

/**
 * Fills in the templates of `value`, which stands at `path` of the document: every text in it, at any depth, but no key. Only
 * what is chosen is rendered, so that the production target's variables need not be set in development.
 * Throws ConfigurationError with the place and the path.
 */
export function render(document: Document, path: Path, value: Value, variables: Variables): Value {
  let count = 0;
  const renderText = textRenderer(document, variables);
  const renderValue = (at: Path, node: Value): Value => {
    if (++count > maxValues || at.length > maxDepth)
      throw document.fault(path, 'is too large once its aliases are expanded');
    if (typeof node === 'string') return renderText(at, node);
    if (isMapping(node)) {
      return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, renderValue([...at, key], child)]));
    }
    return Array.isArray(node) ? node.map((child: Value, index) => renderValue([...at, index], child)) : node;
  };
  return renderValue(path, value);
}

/** Renders the texts of one output, each once however often it stands there, and all within one budget. */
function textRenderer(document: Document, variables: Variables): (path: Path, template: string) => Value {
  const rendered = new Map<string, Value>();
  let work = 0;
  const spend = (more: number) => {
    work += more;
    if (work > maxWork) throw new TemplateError('the templates of this output take too much work; make them shorter');
  };
  return (path, template) => {
    // Jinja drops one newline at the end even of text without a template: a block scalar ("|") has one.
    if (!/\{[{%#]/.test(template)) return renderPlain(template);
    const value = rendered.get(template) ?? renderText(document, path, template, variables, spend);
    rendered.set(template, value);
    return value;
  };
}

function renderText(document: Document, path: Path, template: string, variables: Variables, spend: Spend): Value {
  try {
    return renderTemplate(template, variables, spend);
  } catch (error) {
    // As in dbt: a password may hold anything, also what only looks like a template.
    if (error instanceof TemplateSyntaxError && path.includes('password')) return template;
    if (!(error instanceof TemplateError)) throw error;
    if (error instanceof MissingVariableError) throw document.fault(path, error.message);
    throw document.fault(
      path,
      `cannot be rendered: ${error.message}. The value is ${shorten(redact(template, variables.env))}`,
    );
  }
}

/** Only what is masked already may be cut: half a URL with a password no longer looks like one. */
function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}

function renderTemplate(template: string, variables: Variables, spend: Spend): Value {
  const secrets = new Map<string, string>();
  // The same variable has the same mark, so that it equals itself.
  const conceal = (name: string, secret: string) => {
    secrets.set(name, secret);
    return secretMark([...secrets.keys()].indexOf(name));
  };
  const reveal = (value: Value): Value => {
    if (typeof value === 'string') return secrets.size > 0 ? revealText(value, [...secrets.values()]) : value;
    if (isMapping(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, reveal(item)]));
    return Array.isArray(value) ? value.map(reveal) : value;
  };
  try {
    return reveal(toValue(evaluateTemplate(template, createNames(variables, conceal), spend)));
  } catch (error) {
    if (error instanceof TemplateError) error.message = error.message.replaceAll(secretMarks, mask);
    throw error;
  }
}

function revealText(text: string, secrets: readonly string[]): string {
  const whole = text.replaceAll(secretMarks, '');
  if (/[\uE000\uE001]/.test(whole)) throw new TemplateError('a secret cannot be taken apart');
  return text.replaceAll(secretMarks, (mark, index: string) => secrets[index.charCodeAt(0) - 0xe100] ?? mark);
}
