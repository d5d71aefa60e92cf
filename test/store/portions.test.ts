import { expect, test } from 'vitest'
import { StoreTimeoutError, TooLargeError } from '../../store/influxdb/errors.ts'
import { Portions } from '../../store/influxdb/portions.ts'

/** Sends 0..count-1 and gives the sizes of the requests; `limit` is what the other end takes. */
async function send(portions: Portions, count: number, limit: { size: number; error: Error }) {
  const sizes: number[] = []
  const sent: number[] = []
  const items = Array.from({ length: count }, (_, i) => i)
  const failed = await portions
    .send(items, async portion => {
      sizes.push(portion.length)
      if (portion.length > limit.size) throw limit.error
      sent.push(...portion)
    })
    .catch(error => error)
  return { sizes, sent, failed, items }
}

test('what is too large is halved, and never again sent so large', async () => {
  const portions = new Portions(1000)
  const limit = { size: 300, error: new TooLargeError('too large') }
  const first = await send(portions, 1100, limit)
  expect(first.sent).toEqual(first.items)
  expect(first.sizes).toEqual([1000, 500, 250, 250, 250, 250, 100])
  expect((await send(portions, 500, limit)).sizes).toEqual([250, 250])
})

test('one that is too large by itself is an error, and what came before it is sent', async () => {
  const { sent, failed } = await send(new Portions(10), 25, {
    size: 0,
    error: new TooLargeError('too large'),
  })
  expect(failed).toBeInstanceOf(TooLargeError)
  expect(sent).toEqual([])
})

test('what is not answered in time is an error; the next call sends less, and more again once that is answered', async () => {
  const portions = new Portions(20_000)
  const slow = { size: 3000, error: new StoreTimeoutError('too slow') }
  const sizes: number[] = []
  for (let again = true; again; ) {
    const attempt = await send(portions, 9000, slow)
    sizes.push(attempt.sizes[0]!)
    again = attempt.failed instanceof StoreTimeoutError && attempt.sent.length === 0
  }
  expect(sizes).toEqual([9000, 4500, 2250])
  const late = { size: 0, error: new StoreTimeoutError('too slow') }
  for (let i = 0; i < 5; i++) await send(portions, 9000, late)
  expect((await send(portions, 9000, late)).sizes).toEqual([500])
})
