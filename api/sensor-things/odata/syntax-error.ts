/** A query option that cannot be read or answered, with what would be allowed where that is a list. */
export class QuerySyntaxError extends Error {
  override readonly name = 'QuerySyntaxError'
  readonly allowed: readonly string[] | undefined
  /** 422: it is right, and takes too much; 501: the standard has it, and it is not answered here. */
  readonly status: 400 | 422 | 501
  constructor(
    message: string,
    { allowed, status = 400 }: { allowed?: readonly string[] | undefined; status?: 400 | 422 | 501 } = {},
  ) {
    super(message)
    this.allowed = allowed
    this.status = status
  }
}
