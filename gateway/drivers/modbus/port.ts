/** Puts questions to units in the frames of a line, one at a time, and finds their answers in what is heard. */
export interface Port {
  /** Sends a question that reads, a PDU. */
  ask(unit: number, question: Buffer): void
}

/** Called with the answer to what was asked last, a PDU, or with what was heard in its place. */
export type Answered = (answer: Buffer | Error) => void
