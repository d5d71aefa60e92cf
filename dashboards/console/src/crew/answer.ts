/** What the hub said, now or before. */
export interface Answer<T> {
  data: T
  /** When it was asked for, ms UTC of this device. */
  at: number
  /** The hub could not be reached: this is what it said at `at`. */
  kept: boolean
}
