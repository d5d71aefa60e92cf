import { expect, test } from 'vitest'
import { CLOSE, heatingRegistry, liveHeatingRule, SUPPLY } from '../heating.ts'

const heating = (rule = CLOSE) => liveHeatingRule(rule)

test('tells that the difference is beyond the limit, and back by the hysteresis', async () => {
  const { at, told, events } = await heating()
  await at({ supply: 60, back: 50 }, 10)
  await at({ supply: 60, back: 57.5 }, 10)
  expect(told()).toEqual(['13 fired'])
  expect(events[0]!.alert.value).toBe(60)
  expect(events[0]!.alert.message).toEqual({
    fr: 'Bouclage – college – Température de départ 60 °C, écart avec Température de retour sous 3 K depuis le 22/11/2026 04:10',
    en: 'Short circuit – college – Supply temperature 60 °C, difference from Return temperature below 3 K since 22/11/2026 04:10',
  })
  await at({ supply: 60, back: 55.5 }, 20)
  expect(told()).toEqual(['13 fired'])
  await at({ supply: 60, back: 55 }, 10)
  expect(told()).toEqual(['13 fired', '45 resolved'])
})

test('a point of elsewhere is told with its id', async () => {
  const { say, told, events } = await heating(
    CLOSE.replace('with: back, below: 3', 'with: gymnase/boiler/supply, above: 20').replace(
      'quantity: supply-temperature',
      `points: [${SUPPLY}]`,
    ),
  )
  await say(5, { [SUPPLY]: 60, 'gymnase/boiler/supply': 30 })
  expect(told()).toEqual(['3 fired'])
  expect(events[0]!.alert.message.en).toContain(
    'difference from Supply temperature (gymnase/boiler/supply) above 20 K since',
  )
})

test('what is in another unit of the same kind is converted', async () => {
  const { at, told, events } = await liveHeatingRule(
    CLOSE.replace('quantity: supply-temperature', 'points: [college/meter/heat]').replace(
      'with: back, below: 3',
      'with: power, above: 3',
    ),
    { point: 'meter/heat' },
  )
  await at({ 'meter/heat': 60, 'meter/power': 58_000 }, 10)
  await at({ 'meter/heat': 60, 'meter/power': 56_000 }, 5)
  expect(told()).toEqual(['13 fired'])
  expect(events[0]!.alert.message.en).toContain(
    'Thermal power 60 kW, difference from Active power above 3 kW',
  )
})

test('a selector compares within each device', async () => {
  const { watch } = await heating()
  expect(watch().points).toEqual([SUPPLY, 'college/boiler/back'])
  const other = await liveHeatingRule(CLOSE, { site: 'gymnase' })
  await other.at({ supply: 60, back: 59 }, 5)
  expect(other.told()).toEqual(['3 fired'])
})

test('the hysteresis outlives a restart, to either side', async () => {
  const { at, restart, told } = await heating()
  await at({ supply: 60, back: 59 }, 5)
  await restart()
  await at({ supply: 60, back: 56 }, 20)
  expect(told()).toEqual(['3 fired'])
  await at({ supply: 60, back: 50 }, 2)
  await restart()
  await at({ supply: 60, back: 56 }, 5)
  expect(told()).toEqual(['3 fired', '30 resolved'])
})

test.each([
  ['with: nothing', /condition\.with: there is no point college\/boiler\/nothing/],
  ['with: meter/nothing', /condition\.with: there is no point college\/meter\/nothing/],
  ['with: nowhere/boiler/back', /condition\.with: there is no point nowhere\/boiler\/back/],
  ['with: supply', /condition\.with: college\/boiler\/supply would be compared with itself/],
  ['with: pump', /condition\.with: college\/boiler\/pump is occupancy, of which there is no difference/],
  ['with: meter/heat', /condition\.with: college\/meter\/heat is in kW, college\/boiler\/supply in Cel/],
  ['with: Back', /condition\.with: write a point as <point>, <device>\/<point> or/],
  ['with: back, above: 1', /condition: give either above or below/],
])('what cannot be compared is an error of the registry: %s', async (written, message) => {
  await expect(heatingRegistry([CLOSE.replace('with: back', written)])).rejects.toThrow(message)
})

test('the point of a rule has a number', async () => {
  const rule = CLOSE.replace('quantity: supply-temperature', 'quantity: occupancy')
  await expect(heatingRegistry([rule])).rejects.toThrow(
    /condition: college\/boiler\/pump is occupancy, of which there is no difference/,
  )
})
