import { expect, test } from 'vitest'
import type { Alert, AlertEvent } from '../../model/alert.ts'
import { inherit } from '../../rules/inherit.ts'
import { START, SURFACE } from './territory.ts'

function alert(id: string, state: Alert['state'], more: Partial<Alert> = {}): Alert {
  return {
    id,
    rule: 'frost',
    point: SURFACE,
    site: 'col-du-loup',
    severity: 'critical',
    state,
    since: START,
    firedAt: START,
    value: -1,
    lastValue: -1,
    message: { fr: 'Gel', en: 'Frost' },
    ...more,
  }
}
const acknowledged = { acknowledgedAt: START + 1, acknowledgedBy: 'nadia' }

/** What is done with the alerts of others and those of an earlier life, at col-du-loup alone. */
function outcome(retained: Alert[], recovered: Alert[] = [], remembered = true) {
  const done = { told: [] as string[], goneOnWith: [] as string[], ended: [] as string[] }
  inherit({
    share: { remembered },
    announcer: {
      retained: new Map(retained.map(each => [each.id, each])),
      add: ({ type, time, actor, alert }: AlertEvent) =>
        void done.told.push(`${alert.id} ${type} by ${actor} at ${time - START}`),
      takeOver: alerts => void done.goneOnWith.push(...alerts.map(({ id, state }) => `${id} ${state}`)),
    },
    recovered: new Map(recovered.map(each => [each.id, each])),
    gained: site => site === 'col-du-loup',
    end: ({ id }) => void done.ended.push(id),
  })
  return done
}
const nothing = { told: [], goneOnWith: [], ended: [] }

test('the last event of each alert at a site that has come is told again, and nothing of other sites', () => {
  const others = [
    alert('a', 'firing'),
    alert('b', 'acknowledged', acknowledged),
    alert('c', 'resolved', { resolvedAt: START + 2 }),
    alert('d', 'firing', { site: 'elsewhere' }),
  ]
  expect(outcome(others)).toEqual({
    ...nothing,
    told: ['a fired by rules at 0', 'b acknowledged by nadia at 1', 'c resolved by rules at 2'],
  })
})

test('an alert of an earlier life goes on in the later of the states that are known of it', () => {
  const own = alert('a', 'acknowledged', acknowledged)
  expect(outcome([alert('a', 'firing')], [own])).toEqual({ ...nothing, goneOnWith: ['a acknowledged'] })
  const ended = alert('a', 'resolved', { ...acknowledged, resolvedAt: START + 2 })
  expect(outcome([ended], [own])).toEqual({ ...nothing, told: ['a resolved by rules at 2'] })
})

test('an alert of an earlier life that nobody retains is ended: others have gone on without it', () => {
  expect(outcome([], [alert('a', 'firing'), alert('b', 'firing', { site: 'elsewhere' })])).toEqual({
    ...nothing,
    ended: ['a', 'b'],
  })
})

test('where the broker has forgotten everything, it goes on at the sites that have come', () => {
  const own = [alert('a', 'firing'), alert('b', 'firing', { site: 'elsewhere' })]
  expect(outcome([], own, false)).toEqual({ ...nothing, goneOnWith: ['a firing'], ended: ['b'] })
})

test('one that another looks after is left to it', () => {
  const elsewhere = alert('a', 'firing', { site: 'elsewhere' })
  expect(outcome([elsewhere], [elsewhere])).toEqual(nothing)
})
