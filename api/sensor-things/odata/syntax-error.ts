/** A query option that cannot be read, with what would be allowed where that is a list. */
export class QuerySyntaxError extends Error {
  override readonly name = 'QuerySyntaxError'
  readonly allowed: readonly string[] | undefined
  /** Of what is right by the standard, and not answered here: 501. */
  readonly isUnsupported: boolean
  constructor(
    message: string,
    { allowed, isUnsupported = false }: { allowed?: readonly string[]; isUnsupported?: boolean } = {},
  ) {
    super(message)
    this.allowed = allowed
    this.isUnsupported = isUnsupported
  }
}
