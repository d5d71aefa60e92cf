import type { Answer, Question } from '../../drivers/modbus/explain.ts'
import type { Probe } from './probe.ts'

const REFUSALS = [2, 3]

/** As many registers from an address on as the unit gives at once, `question.count` at most; else why it gives none. */
export async function readValue(
  probe: Pick<Probe, 'ask'>,
  question: Question,
): Promise<{ question: Question; answer: Answer }> {
  const answer = await probe.ask(question)
  const isRefused = answer.kind === 'exception' && REFUSALS.includes(answer.code)
  if (!isRefused || question.count === 1) return { question, answer }
  return readValue(probe, { ...question, count: question.count - 1 })
}
