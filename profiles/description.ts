import { hashParameters } from './parameter-hash.ts';
import type { Output, Pipeline, Profile, Secret } from './profile.ts';
import { isSecretName, mask, redact } from './redact.ts';
import { attachSql, secretSql } from './sql.ts';
import { type Environment, isMapping } from './value.ts';

/** A profile as it is shown: under dbt's names, and as the SQL that opening it runs. */
export interface ProfileDescription {
  readonly file: string;
  readonly profile: string;
  readonly target: string;
  readonly threads: number;
  readonly output: Output;
  readonly attach: Output['attach'];
  readonly secrets: Output['secrets'];
  readonly pipeline: Pipeline;
  /** As each row of a cycle has it. */
  readonly parameters_hash: string;
  readonly warnings: readonly string[];
  readonly attach_sql: readonly string[];
  readonly secrets_sql: readonly string[];
}

/** Takes a value apart and gives it back as it may be shown. */
export type Mask = <T>(value: T) => T;

/** Shows everything. */
export const revealed: Mask = (value) => value;

/**
 * Shows no secret: neither what is named like one, nor a password in an address, nor a secret of the environment. Each value
 * is masked by itself, so that all around it stays whole: user, host, port and database of an address, names of secrets.
 */
export function masked(env: Environment, hide = (text: string) => redact(text, env, [text])): Mask {
  const show = (value: unknown, name: string): unknown => {
    if (typeof value === 'string') return isSecretName(name) ? mask : hide(value);
    if (Array.isArray(value)) return value.map((item) => show(item, name));
    if (isMapping(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, show(item, key)]));
    return isSecretName(name) && value !== null && value !== undefined ? mask : value;
  };
  return (value) => show(value, '') as typeof value;
}

/** Throws ConfigurationError where a value cannot be put into SQL. */
export function describeProfile(
  { profile, output }: { profile: Profile; output: Output },
  show: Mask,
): ProfileDescription {
  const attach = output.attach.map((attachment) => keepingName(attachment, show));
  const secrets = output.secrets.map((secret, index) => ({
    ...showSecret(secret, show),
    name: secret.name ?? `_dbt_secret_${index + 1}`,
  }));
  return {
    file: profile.file,
    profile: profile.name,
    target: profile.target,
    threads: profile.threads,
    output: { ...show(output), attach, secrets },
    attach,
    secrets,
    pipeline: show(profile.pipeline),
    parameters_hash: hashParameters(profile.pipeline),
    warnings: profile.warnings,
    attach_sql: profile.attach.map((attachment) => attachSql(keepingName(attachment, show))),
    secrets_sql: profile.secrets.map((secret, index) =>
      secretSql({ ...secret, parameters: showSecret(secret.parameters, show) }, index + 1),
    ),
  };
}

/** `secret:` of an attachment is the name of one. */
function keepingName<T extends { readonly secret?: string | undefined }>(attachment: T, show: Mask): T {
  return attachment.secret === undefined ? show(attachment) : { ...show(attachment), secret: attachment.secret };
}

/** So is SECRET of a DuckLake's metadata; a `uri` may be nothing but secret, and a header too. */
function showSecret<T extends Secret['parameters'] | Output['secrets'][number]>(parameters: T, show: Mask): T {
  const shown: Record<string, unknown> = show(parameters);
  const { uri, extra_http_headers: headers, metadata_parameters: metadata } = parameters as Record<string, unknown>;
  if (uri !== undefined && show !== revealed) shown['uri'] = mask;
  if (headers !== undefined && show !== revealed) shown['extra_http_headers'] = showHeaders(headers, show);
  if (isMapping(metadata))
    shown['metadata_parameters'] = Object.fromEntries(
      Object.entries(metadata).map(([key, value]) => [
        key,
        key.toLowerCase() === 'secret' ? value : show({ [key]: value })[key],
      ]),
    );
  return shown as T;
}

const secretHeader = /auth|cookie|credential|key|pass|secret|session|signature|token/i;

function showHeaders(headers: unknown, show: Mask): unknown {
  if (!isMapping(headers)) return secretHeader.test(String(headers)) ? mask : show(headers);
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, secretHeader.test(name) ? mask : show(value)]),
  );
}
