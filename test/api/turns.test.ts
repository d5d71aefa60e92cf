import { setImmediate } from 'node:timers/promises'
import Fastify from 'fastify'
import { expect, it } from 'vitest'
import { letPublicWait } from '../../api/public-rate.ts'
import type { Server } from '../../api/server.ts'
import { createTurns } from '../../api/turns.ts'

/** A clock that goes on when it is told. */
function stoppedClock() {
  let elapsed = 0
  return {
    now: () => 0,
    elapsed: () => elapsed,
    pass(ms: number) {
      elapsed += ms
    },
  }
}

it('begins work in a turn of the event loop for so long, and the rest in the next ones, in its order', async () => {
  const clock = stoppedClock()
  const turns = createTurns(clock, 2)
  const done: (number | string)[] = []
  const come = (n: number) =>
    turns.take(() => {
      done.push(n)
      clock.pass(1)
    })
  for (let n = 1; n <= 5; n++) come(n)
  expect(done).toEqual([1, 2])
  await setImmediate()
  done.push('turn')
  come(6)
  await setImmediate()
  done.push('turn')
  await setImmediate()
  expect(done).toEqual([1, 2, 3, 4, 'turn', 5, 6, 'turn'])
  clock.pass(100)
  come(7)
  expect(done.at(-1)).toBe(7)
})

it('does something in each turn, however long it takes', async () => {
  const clock = stoppedClock()
  const turns = createTurns(clock, 2)
  let done = 0
  for (let n = 0; n < 3; n++)
    turns.take(() => {
      done++
      clock.pass(1000)
    })
  for (const expected of [1, 2, 3]) {
    expect(done).toBe(expected)
    await setImmediate()
  }
})

it('lets who asks for open data wait for a turn, and nobody else', async () => {
  const clock = stoppedClock()
  const server = Fastify() as unknown as Server
  letPublicWait(server, clock)
  const answered: string[] = []
  const answer = async ({ url }: { url: string }) => {
    answered.push(url)
    clock.pass(10)
    return url
  }
  for (const path of ['/open-data/:name', '/v1/:name']) server.get(path, answer)
  const urls = ['/open-data/1', '/open-data/2', '/open-data/3', '/v1/alerts']
  const answers = await Promise.all(urls.map(url => server.inject(url)))
  expect(answers.map(({ body }) => body)).toEqual(urls)
  expect(answered).toEqual(['/open-data/1', '/v1/alerts', '/open-data/2', '/open-data/3'])
})
