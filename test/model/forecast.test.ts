import { describe, expect, it } from 'vitest'
import { foresightThen, type ReceivedForecast } from '../../model/forecast.ts'
import { HOUR_MS } from '../../model/time.ts'

/** Times are hours. */
function issue(source: string, issued: number, received: number, temperature: number): ReceivedForecast {
  const steps = [-48, 48].map(hour => ({ time: hour * HOUR_MS, values: { 'air-temperature': temperature } }))
  return { source, site: 'col', issued: issued * HOUR_MS, received: received * HOUR_MS, steps }
}

describe('what was forecast at an instant of the past', () => {
  const issued = [
    issue('a', 0, 1, 5),
    issue('a', 3, 3, 1),
    issue('a', 3, 5, 2),
    issue('b', 4, 8, -1),
    issue('ahead', 7, 6.5, -7),
    issue('gone', 5, 5, -9),
  ]
  const asked: string[] = []
  const foresee = foresightThen(
    site => {
      asked.push(site)
      return site === 'col' ? issued : []
    },
    source => ({ a: 6 * HOUR_MS, b: 2 * HOUR_MS, ahead: HOUR_MS / 2 })[source],
  )
  const at = (hour: number, site = 'col') =>
    foresee(site, hour * HOUR_MS, hour * HOUR_MS)?.['air-temperature']

  it.each([
    [0.5, undefined, 'what is issued and has not come yet is not known'],
    [2, 5, 'what has come is'],
    [4, 1, 'a newer issue goes before'],
    [6, 2, 'so does what was corrected since'],
    [6.6, 2, 'what is issued later than that instant is not known, whatever the clock said that received it'],
    [7.2, -7, 'from its issue on it is'],
    [8, 2, 'a late one is stale when it comes'],
    [9, 2, 'the last one counts until it is stale'],
    [9.1, undefined, 'and then nothing is expected'],
  ])('after %s h: %s, %s', (hour, expected, _why) => {
    expect(at(hour)).toBe(expected)
  })

  it('is asked for once for each site', () => {
    at(3)
    expect(at(3, 'elsewhere')).toBeUndefined()
    at(4, 'elsewhere')
    expect(asked).toEqual(['col', 'elsewhere'])
  })
})
