/** So far a clock may be from the hub's before what is dated by it is uncertain, ms. */
export const MAX_CLOCK_OFFSET_MS = 60_000

/**
 * Time as an argument. `now` is the civil clock, which may jump; `elapsed` never does and serves
 * timers, back-off and the detection of absence.
 */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number
  /** Monotonic milliseconds since an arbitrary start. */
  elapsed(): number
}
