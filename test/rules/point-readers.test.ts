import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AlertEvent } from '../../model/alert.ts'
import type { QualityCode } from '../../model/quality.ts'
import { type Reading, toColumns } from '../../model/reading.ts'
import { conditionOf } from '../../rules/conditions/conditions.ts'
import { present } from '../../rules/moment.ts'
import { openPointReaders } from '../../rules/point-readers.ts'
import { beginWatch, type Watch } from '../../rules/watch.ts'
import { FROST, MIN, reading, S, SILENCE, START, SURFACE, testClock, testRegistry } from './territory.ts'

const rule = (id: string, condition: string, more = '') =>
  `{ id: ${id}, name: { fr: R, en: R }, select: { points: [${SURFACE}] }, condition: ${condition}, severity: warning${more} }`
const registry = await testRegistry([
  FROST,
  SILENCE,
  rule('warm', '{ type: threshold, above: 3, hysteresis: 1 }'),
  rule(
    'hot',
    '{ type: threshold, above: 5, hysteresis: 0 }',
    ', onDelay: 1min, offDelay: 2min, maxAge: 3min',
  ),
  rule('cold', '{ type: threshold, below: -2, hysteresis: 1 }', ', maxAge: 10min'),
  rule(
    'grades',
    `{ type: graded, grades: [
      { phenomenon: cool, name: { fr: F, en: C }, below: 1, hysteresis: 1 },
      { phenomenon: icy, name: { fr: G, en: I }, below: -3, hysteresis: 1, severity: critical }] }`,
    ', maxAge: 4min',
  ),
])
const point = registry.points.get(SURFACE)!

function begin(clock: ReturnType<typeof testClock>): Watch[] {
  return [...registry.rules.values()].map(rule =>
    beginWatch({
      ...{ registry, rule, point, condition: conditionOf(rule, point, registry) },
      ...{ at: present(clock), recent: [] },
    }),
  )
}

const steps = fc.array(
  fc.record({
    pauseS: fc.oneof(fc.integer({ min: 0, max: 90 }), fc.constantFrom(180, 200, 300, 650)),
    value: fc.constantFrom(-4, -3, -2.5, -2, 0, 0.5, 1, 1.5, 2, 2, 2, 2, 3, 3.5, 5, 5.5),
    quality: fc.constantFrom<QualityCode>('good', 'good', 'good', 'good', 'good', 'uncertain', 'bad'),
    lateS: fc.constantFrom(0, 0, 0, 0, 0, 1, 100, 181, 700, -4000, 5),
    tick: fc.boolean(),
    lookAway: fc.constantFrom(false, false, false, true),
  }),
  { minLength: 1, maxLength: 40 },
)

test('what rests is told what it has missed: the events are those of watches that read and pass every second', () => {
  let skipped = 0
  fc.assert(
    fc.property(steps, told => {
      const clock = testClock()
      const [plain, resting] = [begin(clock), begin(clock)]
      const events: [AlertEvent[], AlertEvent[]] = [[], []]
      const note = (side: 0 | 1, event: AlertEvent | undefined) => event && events[side].push(event)
      let readers = openPointReaders(resting, () => {})
      for (const { pauseS, value, quality, lateS, tick, lookAway } of told) {
        clock.advance(pauseS * S)
        const at = present(clock)
        const each: Reading = reading(SURFACE, at.now - lateS * S, quality === 'bad' ? null : value, quality)
        let read = 0
        for (const watch of plain) note(0, watch.read(each, at))
        readers.take(toColumns([each]), 0, at, (watch, made) => {
          read++
          note(1, watch.read(made, at))
        })
        skipped += resting.length - read
        if (tick) {
          for (const watch of plain) note(0, watch.tick(at))
          for (const watch of resting) if (!watch.isAtRest) note(1, watch.tick(at))
        }
        if (lookAway) {
          readers.settle()
          readers = openPointReaders(resting, () => {})
        }
        expect(events[1]).toEqual(events[0])
      }
      expect(resting.map(({ state }) => state)).toEqual(plain.map(({ state }) => state))
    }),
    { numRuns: 500 },
  )
  expect(skipped).toBeGreaterThan(500)
})

test('a reading is compared and no more where nothing is the matter; one that matters is read by those it matters to', () => {
  const clock = testClock()
  const watches = begin(clock).filter(({ rule }) => rule.id !== 'silence')
  const resting = new Set<Watch>()
  const readers = openPointReaders(watches, (watch, rests) => {
    if (rests) resting.add(watch)
    else resting.delete(watch)
  })
  const readBy = (value: number, quality: QualityCode = 'good') => {
    clock.advance(MIN)
    const each = reading(SURFACE, clock.now(), value, quality)
    const read: string[] = []
    readers.take(toColumns([each]), 0, present(clock), (watch, made) => {
      read.push(watch.rule.id)
      watch.read(made, present(clock))
    })
    expect(watches.filter(watch => resting.has(watch))).toEqual(watches.filter(({ isAtRest }) => isAtRest))
    return read
  }
  const all = watches.map(({ rule }) => rule.id)
  expect(clock.now()).toBe(START)
  expect(readBy(2)).toEqual(all)
  expect(resting.size).toBe(all.length)
  expect(readBy(3)).toEqual([])
  expect(readBy(3.1)).toEqual(['warm'])
  expect(readBy(2)).toEqual(['warm'])
  expect(readBy(2)).toEqual([])
  expect(readBy(2, 'uncertain')).toEqual(all)
  expect(readBy(2)).toEqual(all)
  clock.advance(3 * MIN)
  expect(readBy(2)).toEqual(all)
})
