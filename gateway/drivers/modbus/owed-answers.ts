/** What a unit can keep of what it was asked, in a buffer of 256 bytes: a request that reads has 8. */
const MOST_KEPT = 32

/** How an answer on a serial line begins: unit, function, and the length of its data. */
export type Beginning = readonly [unit: number, code: number, length: number]

/**
 * Answers that have not come in time and may still come. Nothing in a frame of a serial line says what it answers, but a
 * unit answers in the order in which it is asked: whatever can be none of those it owes says that they are lost.
 */
export class OwedAnswers {
  readonly #byUnit = new Map<number, Beginning[]>()

  add(beginning: Beginning): void {
    const [unit] = beginning
    const before = this.#of(unit)
    if (before.length < MOST_KEPT || !this.mayBe(beginning, false))
      this.#byUnit.set(unit, [...before, beginning])
  }

  count(unit: number): number {
    return this.#of(unit).length
  }

  /** Whether a frame, an exception or an answer that begins so, may be one that is owed. */
  mayBe([unit, code, length]: Beginning, isException: boolean): boolean {
    return this.#of(unit).some(owed => owed[1] === code && (isException || owed[2] === length))
  }

  /** Of these nothing is feared any more. */
  forget(unit: number): void {
    this.#byUnit.delete(unit)
  }

  #of(unit: number): readonly Beginning[] {
    return this.#byUnit.get(unit) ?? []
  }
}
