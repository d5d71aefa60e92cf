/** The value that a JSON Pointer (RFC 6901) leads to; `undefined` where it leads nowhere. */
export function followPointer(document: unknown, pointer: string): unknown {
  let value = document
  for (const key of keysOf(pointer)) {
    if (typeof value !== 'object' || value === null) return undefined
    if (Array.isArray(value) && !/^(?:0|[1-9]\d*)$/.test(key)) return undefined
    value = Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined
  }
  return value
}

/** Those of the registry, each taken apart once. */
const KEYS = new Map<string, string[]>()

function keysOf(pointer: string): string[] {
  let keys = KEYS.get(pointer)
  if (!keys) {
    // RFC 6901, clause 4: ~1 first, so that ~01 becomes ~1.
    const tokens = pointer.split('/').slice(1)
    keys = tokens.map(token => token.replaceAll('~1', '/').replaceAll('~0', '~'))
    KEYS.set(pointer, keys)
  }
  return keys
}
