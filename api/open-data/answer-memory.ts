import { createMemory } from './memory.ts'
import { type Answer, tagged } from './send-tagged.ts'

const MOST_BYTES = 32 * 1024 ** 2

/** The answers that were given last to questions about what is published. */
export interface AnswerMemory {
  /**
   * @param told what the answer is made of: as long as this object is told, the answer to an address stays the same
   * @param make its text, or the bytes of that
   */
  read(told: object, address: string, make: () => Promise<string | Buffer>): Promise<Answer>
}

export function createAnswerMemory(): AnswerMemory {
  const memory = createMemory<Answer>(({ body }) => body.length, { mostBytes: MOST_BYTES })
  const numbers = new WeakMap<object, number>()
  let last = 0
  return {
    read(told, address, make) {
      const number = numbers.getOrInsertComputed(told, () => ++last)
      return memory.read(`${number} ${address}`, async () => tagged(await make()))
    },
  }
}
