import type { Line } from './line.ts'
import type { Answered, Port } from './port.ts'

/** Transaction, protocol, length and unit: MODBUS Messaging on TCP/IP 1.0b, 3.1.3. */
const HEADER_LENGTH = 7
/** What the length counts: the unit, and a PDU of at most 253 bytes. */
const LONGEST = 254
const LAST_TRANSACTION = 0xffff

/**
 * Frames of Modbus TCP. An answer that comes late bears the number of its own question, and is no answer to the next.
 */
export class TcpPort implements Port {
  readonly #line: Line
  readonly #answered: Answered
  #heard: Buffer = Buffer.alloc(0)
  #transaction = 0
  #unit = 0

  constructor(line: Line, answered: Answered) {
    this.#line = line
    this.#answered = answered
    line.stream.on('data', (data: Buffer) => this.#hear(data))
  }

  ask(unit: number, question: Buffer): void {
    this.#unit = unit
    this.#transaction = this.#transaction === LAST_TRANSACTION ? 1 : this.#transaction + 1
    const frame = Buffer.allocUnsafe(HEADER_LENGTH + question.length)
    frame.writeUInt16BE(this.#transaction, 0)
    frame.writeUInt16BE(0, 2)
    frame.writeUInt16BE(1 + question.length, 4)
    frame[6] = unit
    question.copy(frame, HEADER_LENGTH)
    this.#line.stream.write(frame)
  }

  #hear(data: Buffer): void {
    let heard = this.#heard.length > 0 ? Buffer.concat([this.#heard, data]) : data
    while (heard.length >= HEADER_LENGTH) {
      const protocol = heard.readUInt16BE(2)
      const length = heard.readUInt16BE(4)
      if (protocol !== 0 || length < 2 || length > LONGEST) {
        // Where the next frame begins is not known: the next question begins anew.
        heard = heard.subarray(heard.length)
        this.#answered(new Error('the answer is no frame of Modbus TCP'))
        break
      }
      const end = HEADER_LENGTH - 1 + length
      if (heard.length < end) break
      this.#take(heard.subarray(0, end))
      heard = heard.subarray(end)
    }
    this.#heard = heard
  }

  #take(frame: Buffer): void {
    if (frame.readUInt16BE(0) !== this.#transaction) return
    const unit = frame[6]
    if (unit === this.#unit) this.#answered(frame.subarray(HEADER_LENGTH))
    else this.#answered(new Error(`unit ${this.#unit} was asked, and unit ${unit} answered`))
  }
}
