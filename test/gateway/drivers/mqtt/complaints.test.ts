import { pino } from 'pino'
import { expect, it } from 'vitest'
import { Complaints } from '../../../../gateway/drivers/mqtt/complaints.ts'
import { handClock } from '../../collector.ts'

it('counts every message, logs each topic and reason at first and every ten minutes, however many topics', () => {
  const clock = handClock()
  const logged: string[] = []
  const log = pino({ base: null }, { write: line => logged.push(line) })
  const complaints = new Complaints(clock, log)
  const told = () => logged.splice(0).map(line => `${JSON.parse(line).topic} ${JSON.parse(line).count}`)
  for (let i = 0; i < 3; i++) complaints.add('a', 'is no JSON')
  complaints.add('a', 'is too long')
  complaints.add('b', 'is no JSON')
  expect(told()).toEqual(['a 1', 'a 1', 'b 1'])
  clock.advance(600_000)
  complaints.add('a', 'is no JSON')
  expect(told()).toEqual(['a 4'])
  for (let i = 0; i < 5000; i++) complaints.add(`topic-${i}`, 'is no JSON')
  expect(logged.length).toBeLessThan(1000)
})

it('never holds or logs more than so many, whatever the reasons say of broken messages', () => {
  const logged: string[] = []
  const log = pino({ base: null }, { write: line => logged.push(line) })
  const complaints = new Complaints(handClock(), log)
  for (let i = 0; i < 10_000; i++) complaints.add(`topic-${i}`, `has ${i}, which is no field`)
  expect(logged).toHaveLength(2001)
})
