import { expect, test } from 'vitest'
import { publicHolidays } from '../../energy/holidays.ts'

/** As the State publishes them on data.gouv.fr (Jours fériés en France), those that move with Easter. */
const PUBLISHED = [
  ['1999-04-05', '1999-05-13', '1999-05-24'],
  ['2018-04-02', '2018-05-10', '2018-05-21'],
  ['2019-04-22', '2019-05-30', '2019-06-10'],
  ['2020-04-13', '2020-05-21', '2020-06-01'],
  ['2021-04-05', '2021-05-13', '2021-05-24'],
  ['2022-04-18', '2022-05-26', '2022-06-06'],
  ['2023-04-10', '2023-05-18', '2023-05-29'],
  ['2024-04-01', '2024-05-09', '2024-05-20'],
  ['2025-04-21', '2025-05-29', '2025-06-09'],
  ['2026-04-06', '2026-05-14', '2026-05-25'],
  ['2027-03-29', '2027-05-06', '2027-05-17'],
  ['2035-03-26', '2035-05-03', '2035-05-14'],
  ['2038-04-26', '2038-06-03', '2038-06-14'],
]
/** Those of a date, and the years of the published list in Alsace and Moselle. */
const FIXED = ['01-01', '05-01', '05-08', '07-14', '08-15', '11-01', '11-11', '12-25']
const GOOD_FRIDAYS = ['2018-03-30', '2024-03-29', '2025-04-18', '2026-04-03', '2027-03-26', '2038-04-23']

test.each(PUBLISHED)(
  'the public holidays of the year of %s are those that the State publishes',
  (...moving) => {
    const year = Number(moving[0]!.slice(0, 4))
    const fixed = FIXED.map(date => `${year}-${date}`)
    expect([...publicHolidays(year, 'france')].sort()).toEqual([...fixed, ...moving].sort())
  },
)

test('a year whose Easter is the one that the rule of Gauss gets wrong without its exceptions', () => {
  // Easter was on 18 April 1954 and on 19 April 1981.
  expect(publicHolidays(1954, 'france')).toContain('1954-04-19')
  expect(publicHolidays(1981, 'france')).toContain('1981-04-20')
})

test('Alsace and Moselle have Good Friday and 26 December beside them', () => {
  for (const friday of GOOD_FRIDAYS) {
    const year = Number(friday.slice(0, 4))
    const more = [...publicHolidays(year, 'alsace-moselle').difference(publicHolidays(year, 'france'))]
    expect(more.sort()).toEqual([friday, `${year}-12-26`].sort())
  }
})
