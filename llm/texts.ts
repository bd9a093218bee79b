/** Whether a text that is so stands anywhere in a value that came of JSON, also as a key. */
export function someText(value: unknown, isSo: (text: string) => boolean): boolean {
  if (typeof value === 'string') return isSo(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, each]) => isSo(key) || someText(each, isSo));
}
