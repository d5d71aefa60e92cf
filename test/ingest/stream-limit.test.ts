import { expect, it } from 'vitest'
import { StreamLimit } from '../../ingest/stream-limit.ts'

it('takes on no more streams of a sender, and of all, than it may', () => {
  const limit = new StreamLimit([{ sender: 'known' }], 1500)
  const refusals = (sender: string, count: number) =>
    Array.from({ length: count }, () => limit.refuse(sender)).filter(refusal => refusal !== undefined)
  expect(refusals('known', 999)).toEqual([])
  expect(refusals('known', 1)).toEqual([expect.stringMatching(/^known has 1000 streams already/)])
  expect(refusals('mad', 500)).toEqual([])
  expect(refusals('mad', 1)).toEqual([expect.stringMatching(/^there are 1500 streams already/)])
})
