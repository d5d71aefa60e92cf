import { isBitTable, type ModbusTable } from '../../../model/modbus.ts'
import type { ModbusRequest } from './plan-requests.ts'

/** The protocol data units of who reads, without unit and frame: MODBUS Application Protocol 1.1b3, clause 6. */

const READ_FUNCTIONS: Record<ModbusTable, number> = { coil: 1, discrete: 2, holding: 3, input: 4 }
/** Read Device Identification: the function, and its kind (clause 6.21). */
export const IDENTIFY = [43, 14] as const
const BASIC_IDENTIFICATION = 1
/** Function, kind, conformity, more follows, next object, number of objects. */
const IDENTIFICATION_HEAD = 7
const BYTE_BITS = 8

/** The device answered with an exception: clause 7. */
export class ModbusException extends Error {
  readonly code: number

  constructor(code: number, what: string) {
    super(`${what}: exception ${code}`)
    this.code = code
  }
}

/** The question for registers or bits: clauses 6.1 to 6.4. */
export function readQuestion({ table, address, count }: ModbusRequest): Buffer {
  return Buffer.from([READ_FUNCTIONS[table], address >> 8, address & 0xff, count >> 8, count & 0xff])
}

/** How many bytes of data answer a question for registers or bits. */
export function dataLength(question: Buffer): number {
  const count = question.readUInt16BE(3)
  return question[0]! <= READ_FUNCTIONS.discrete ? Math.ceil(count / BYTE_BITS) : 2 * count
}

/** The question for the basic objects of the identification, from one on. */
export function identifyQuestion(object: number): Buffer {
  return Buffer.from([...IDENTIFY, BASIC_IDENTIFICATION, object])
}

/**
 * The registers, or the bits as 0 and 1.
 * @throws ModbusException, or Error for what does not answer the question.
 */
export function decodeRead(request: ModbusRequest, question: Buffer, answer: Buffer): number[] {
  refuse(question, answer)
  const length = dataLength(question)
  if (answer[1] !== length || answer.length !== 2 + length)
    throw new Error(`the answer has ${answer.length - 2} bytes of data, asked for were ${length}`)
  const values: number[] = []
  const areBits = isBitTable(request.table)
  for (let index = 0; index < request.count; index++) values.push((areBits ? bitAt : wordAt)(answer, index))
  return values
}

function wordAt(answer: Buffer, index: number): number {
  return answer.readUInt16BE(2 + 2 * index)
}

/** The lowest bit of a byte comes first. */
function bitAt(answer: Buffer, index: number): number {
  return (answer[2 + Math.floor(index / BYTE_BITS)]! >> (index % BYTE_BITS)) & 1
}

/**
 * The objects of an answer to {@link identifyQuestion} by number, and the one from which on there are more.
 * @throws ModbusException, or Error for what does not answer the question.
 */
export function decodeIdentification(
  question: Buffer,
  answer: Buffer,
): { objects: Map<number, string>; next: number | undefined } {
  refuse(question, answer)
  if (answer.length < IDENTIFICATION_HEAD) throw new Error('the answer is cut short')
  const [moreFollows, next] = answer.subarray(4, 6)
  const objects = new Map<number, string>()
  // Some devices give the number of all objects, and not that of those in the answer.
  for (let at = IDENTIFICATION_HEAD; at + 1 < answer.length; at += 2 + answer[at + 1]!)
    objects.set(answer[at]!, answer.toString('latin1', at + 2, at + 2 + answer[at + 1]!))
  return { objects, next: moreFollows && objects.size > 0 ? next : undefined }
}

function refuse(question: Buffer, answer: Buffer): void {
  const [asked] = question
  const [code, exception] = answer
  if (code === (asked! | 0x80) && exception !== undefined)
    throw new ModbusException(exception, `function ${asked}`)
  if (code !== asked) throw new Error(`function ${asked} was answered with function ${code}`)
}
