import { setImmediate } from 'node:timers/promises'
import { StoreUnavailableError } from './readings.ts'

interface Waiting<Request, Answer> {
  request: Request
  answered: PromiseWithResolvers<Answer>
}

/**
 * Makes one call of all that is asked while another is under way: what a store does for many it does much faster
 * than for each. A call that fails is made again for each alone, so that one that cannot be answered keeps no other
 * from it; not where the store is away.
 *
 * @param answer the answers in the order of the requests
 * @param most how much one call may weigh: what comes in one message is taken in at once, and nothing else meanwhile
 * @param weightOf 1 of each request by default; one that weighs more than the most goes alone
 */
export function gather<Request, Answer>(
  answer: (requests: readonly Request[]) => Promise<Answer[]>,
  most: number,
  weightOf: (request: Request) => number = () => 1,
): (request: Request) => Promise<Answer> {
  const waiting: Waiting<Request, Answer>[] = []
  let working = false

  async function answerAll(asked: readonly Waiting<Request, Answer>[]): Promise<void> {
    try {
      const answers = await answer(asked.map(({ request }) => request))
      for (const [at, { answered }] of asked.entries()) answered.resolve(answers[at]!)
    } catch (error) {
      if (asked.length === 1 || error instanceof StoreUnavailableError) {
        for (const { answered } of asked) answered.reject(error)
      } else {
        for (const each of asked) await answerAll([each])
      }
    }
  }

  /** How many of those that wait one call may take. */
  function fitting(): number {
    let weight = weightOf(waiting[0]!.request)
    let count = 1
    for (; count < waiting.length; count++) {
      weight += weightOf(waiting[count]!.request)
      if (weight > most) break
    }
    return count
  }

  async function work(): Promise<void> {
    working = true
    // What is asked in the same turn is answered together.
    await setImmediate()
    while (waiting.length > 0) await answerAll(waiting.splice(0, fitting()))
    working = false
  }

  return request => {
    const answered = Promise.withResolvers<Answer>()
    waiting.push({ request, answered })
    if (!working) void work()
    return answered.promise
  }
}

/** The same for what is asked of points and answered for each that has something. */
export function gatherByPoint<Answer extends { point: string }>(
  answer: (points: readonly string[]) => Promise<Answer[]>,
  most: number,
): (points: readonly string[]) => Promise<Answer[]> {
  return gather(async (asked: readonly (readonly string[])[]) => {
    const found = new Map((await answer([...new Set(asked.flat())])).map(each => [each.point, each]))
    return asked.map(points => points.flatMap(point => found.get(point) ?? []))
  }, most)
}
