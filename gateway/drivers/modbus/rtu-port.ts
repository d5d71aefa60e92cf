import { setTimeout as wait } from 'node:timers/promises'
import { crc16 } from '../../../model/modbus.ts'
import type { Line } from './line.ts'
import type { Beginning, OwedAnswers } from './owed-answers.ts'
import { dataLength, IDENTIFY } from './pdu.ts'
import type { Answered, Port } from './port.ts'

/** Unit, function and exception code, then the CRC. */
const EXCEPTION_LENGTH = 5
const CRC_LENGTH = 2
/** The longest frame is 256 bytes: MODBUS over Serial Line 1.02, 2.3. */
const LONGEST_FRAME = 256
/**
 * serialport, on Node from 26.4 on, hands on what it has read with the next event of the loop, whatever that is
 * (bindings-cpp #239): while an answer is awaited there is one so often, ms.
 */
const TICK_MS = 2

/**
 * Frames of a serial line, over whatever carries their bytes. Noise may stand before an answer, and one that comes late
 * looks like the answer to the next question: nothing in a frame says to which it belongs. So after a time-out the line
 * is left alone until the late answer has come, or for as long again; a unit whose answer has not come even then owes
 * one, and what may be it is {@link isDoubtful}.
 */
export class RtuPort implements Port {
  readonly #line: Line
  readonly #answered: Answered
  #heard = Buffer.alloc(0)
  /** The beginning of the answer to what was asked: unit, function, and the length of the data or 14. */
  #expected: Beginning = [0, 0, 0]
  #ticking: NodeJS.Timeout | undefined
  readonly #owed: OwedAnswers
  #isDoubtful = false
  #late: { heard: (isAnswer: boolean) => void; over: Promise<void> } | undefined

  constructor(line: Line, owed: OwedAnswers, answered: Answered) {
    this.#line = line
    this.#answered = answered
    this.#owed = owed
    line.stream.on('data', (data: Buffer) => this.#hear(data))
  }

  /** The line itself is its owner's. */
  close(): void {
    this.#stopTicking()
  }

  ask(unit: number, question: Buffer): void {
    const [code] = question
    // An identification does not begin with its length.
    this.#expected = [unit, code!, code === IDENTIFY[0] ? IDENTIFY[1] : dataLength(question)]
    this.#heard = Buffer.alloc(0)
    this.#isDoubtful = false
    this.#startTicking()
    const bytes = [unit, ...question]
    const sum = crc16(Uint8Array.from(bytes))
    this.#line.stream.write(Buffer.from([...bytes, sum & 0xff, sum >> 8]))
  }

  /** Whether what came last may be an answer that was owed, and not the one to what was asked. */
  get isDoubtful(): boolean {
    return this.#isDoubtful
  }

  /** To be called when the answer did not come in time, ms: it may come later. */
  awaitLate(timeoutMs: number): void {
    const [unit] = this.#expected
    this.#owed.add(this.#expected)
    const { promise: over, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, timeoutMs)
    const heard = (isAnswer: boolean) => {
      // Of several that are owed it is not known which one this is.
      if (!isAnswer || this.#owed.count(unit) > 1) return
      this.#owed.forget(unit)
      clearTimeout(timer)
      resolve()
    }
    this.#listen(heard, over)
  }

  /** Resolves when no late answer is to be feared any more. */
  async quiet(): Promise<void> {
    await this.#late?.over
  }

  /** After a doubtful answer: lets those that are owed come, until the line is silent for so long, ms. */
  async drain(silenceMs: number): Promise<void> {
    const [unit] = this.#expected
    let isSilent = false
    for (let left = this.#owed.count(unit); left > 0 && !isSilent; left--) {
      isSilent = true
      this.#listen(() => (isSilent = false), wait(silenceMs))
      await this.quiet()
    }
    this.#owed.forget(unit)
  }

  /** Takes what is heard for late until it is over. */
  #listen(heard: (isAnswer: boolean) => void, over: Promise<void>): void {
    this.#startTicking()
    this.#late = {
      heard,
      over: over.then(() => {
        this.#late = undefined
        this.#stopTicking()
      }),
    }
  }

  #hear(data: Buffer): void {
    this.#heard = Buffer.concat([this.#heard, data]).subarray(-2 * LONGEST_FRAME)
    const frame = this.#findAnswer()
    if (frame) this.#heard = Buffer.alloc(0)
    if (this.#late) this.#late.heard(frame !== undefined)
    else if (frame) this.#take(frame)
  }

  #take(frame: Buffer): void {
    const [unit, code] = this.#expected
    this.#isDoubtful = this.#owed.mayBe(this.#expected, frame[1] !== code)
    if (!this.#isDoubtful) this.#owed.forget(unit)
    this.#stopTicking()
    this.#answered(frame.subarray(1, -CRC_LENGTH))
  }

  #startTicking(): void {
    this.#ticking ??= setInterval(() => {}, TICK_MS)
  }

  #stopTicking(): void {
    clearInterval(this.#ticking)
    this.#ticking = undefined
  }

  /** The first sound frame that answers what was asked; noise may stand before it. */
  #findAnswer(): Buffer | undefined {
    const [unit, code, third] = this.#expected
    for (let at = this.#heard.indexOf(unit); at >= 0; at = this.#heard.indexOf(unit, at + 1)) {
      const isException = this.#heard[at + 1] === (code | 0x80)
      const isAnswer = this.#heard[at + 1] === code && this.#heard[at + 2] === third
      if (!isException && !isAnswer) continue
      const heard = this.#heard.subarray(at)
      const frame = heard.subarray(0, isException ? EXCEPTION_LENGTH : answerLength(heard))
      const [low, high] = frame.subarray(-CRC_LENGTH)
      if (crc16(frame.subarray(0, -CRC_LENGTH)) === (low! | (high! << 8))) return frame
    }
    return undefined
  }
}

/** Of a frame of which perhaps not all is heard: what is missing is seen by the sum. */
function answerLength(heard: Buffer): number {
  return heard[1] === IDENTIFY[0] ? heard.length : 3 + heard[2]! + CRC_LENGTH
}
