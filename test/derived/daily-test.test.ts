import { expect, test } from 'vitest'
import { dailyTest, type LastTest } from '../../derived/daily-test.ts'
import { MIN, START, testClock, testRegistry } from '../rules/territory.ts'

const CHANNELS = ['sms', 'mail'].map(id => `{ id: ${id}, type: webhook, url: 'https://hook.example' }`)
const POINT = 'col-du-loup/hub/daily-test'

test('what the daily test has not reached in time is counted, and no more once it arrives late or is gone', async () => {
  const registry = await testRegistry(
    [],
    CHANNELS,
    "  alerting: { fallback: { channels: [sms] }, test: { at: '08:00' } }\n",
  )
  const clock = testClock()
  let last: LastTest | undefined
  const deriver = dailyTest({ registry, lastTest: () => last, patienceMs: 30 * MIN, clock })
  const said = async () => (await deriver.derive(() => undefined)).map(({ point, value }) => [point, value])
  const tested = (...arrived: [string, boolean][]) => ({ time: START, arrived: new Map(arrived) })

  expect(await said(), 'before the first test').toEqual([])
  last = tested(['sms', false], ['mail', true])
  clock.advance(30 * MIN - 1)
  expect(await said(), 'while it is under way').toEqual([])
  clock.advance(1)
  expect(await said()).toEqual([[POINT, 1]])
  last = tested(['sms', false], ['mail', false])
  expect(await said()).toEqual([[POINT, 2]])
  last = tested(['sms', true], ['gone', false])
  expect(await said()).toEqual([[POINT, 0]])
  last = { ...tested(['sms', true], ['mail', true]), time: clock.now() }
  expect(await said(), 'as soon as all have it').toEqual([[POINT, 0]])
})
