/** Where something stands in the hash chain of the records. */
export interface Seal {
  /** From 1. */
  position: number
  /** SHA-256, hex. */
  hash: string
}

export interface Sealed<T> {
  event: T
  seal: Seal
}
