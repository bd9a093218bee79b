/** Thrown when a template cannot be evaluated. */
export class TemplateError extends Error {}

/** Thrown when a template asks for a variable that is not there; the message says which, and what to do. */
export class MissingVariableError extends TemplateError {}

/** Thrown when a template cannot even be parsed. */
export class TemplateSyntaxError extends TemplateError {}
