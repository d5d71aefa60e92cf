/** The value that a JSON Pointer (RFC 6901) leads to; `undefined` where it leads nowhere. */
export function followPointer(document: unknown, pointer: string): unknown {
  let value = document
  for (const token of pointer.split('/').slice(1)) {
    if (typeof value !== 'object' || value === null) return undefined
    // RFC 6901, clause 4: ~1 first, so that ~01 becomes ~1.
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~')
    if (Array.isArray(value) && !/^(?:0|[1-9]\d*)$/.test(key)) return undefined
    value = Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined
  }
  return value
}
