import { describe, expect, test } from 'vitest'
import { frostPoint } from '../../model/psychrometrics.ts'
import {
  formsHoar,
  freezes,
  isDry,
  isToBeWatched,
  isWarm,
  type RoadEvidence,
  type RoadMargins,
  roadDanger,
  wets,
} from '../../model/road-state.ts'

const MARGINS: RoadMargins = { watch: 1, clear: 0.5, hoar: 0.5, dew: 1 }
const NOTHING_KNOWN: RoadEvidence = {
  ...{ surface: undefined, freezing: undefined, falling: undefined, moist: undefined },
  ...{ precipitation: undefined, dewPoint: undefined, frostPoint: undefined },
  ...{ condition: undefined, precipitationType: undefined },
}
const evidence = (known: Partial<RoadEvidence>): RoadEvidence => ({ ...NOTHING_KNOWN, ...known })

describe('freezes', () => {
  test.each<[Partial<RoadEvidence>, boolean | undefined]>([
    [{ surface: 0, moist: true, precipitation: false }, true],
    [{ surface: 0, moist: false, precipitation: true }, true],
    [{ surface: 0.1, moist: true, precipitation: true }, false],
    [{ surface: -3, moist: false, precipitation: false }, false],
    [{ surface: -2, freezing: -4, moist: true, precipitation: false }, false],
    [{ surface: -4, freezing: -4, moist: true, precipitation: false }, true],
    [{ surface: -2, moist: undefined, precipitation: false }, undefined],
    [{ surface: -2, moist: true, precipitation: undefined }, true],
    [{ surface: undefined, moist: true, precipitation: true }, undefined],
    [{ surface: 5 }, false],
  ])('%j: %s', (known, expected) => expect(freezes(evidence(known))).toBe(expected))
})

test.each<[Partial<RoadEvidence>, boolean]>([
  [{ precipitation: true, surface: -2 }, true],
  [{ precipitation: true, precipitationType: 'snow', surface: 1 }, true],
  [{ precipitation: true, precipitationType: 'snow', surface: -2 }, false],
  [{ precipitation: true, precipitationType: 'snow' }, false],
  [{ precipitation: undefined, surface: 2 }, false],
])('precipitation wets the road, and snow where it melts: %j', (known, expected) => {
  expect(wets(evidence(known))).toBe(expected)
})

describe('hoar forms where the surface is half a kelvin under the frost point', () => {
  test.each<[Partial<RoadEvidence>, boolean | undefined]>([
    [{ surface: -3.5, frostPoint: -3 }, true],
    [{ surface: -3.4, frostPoint: -3 }, false],
    [{ surface: 0.1, frostPoint: 2 }, false],
    [{ surface: 0, frostPoint: 0.5 }, true],
    [{ surface: -0.5, frostPoint: 0 }, true],
    [{ surface: -1, frostPoint: undefined }, undefined],
    [{ surface: 1, frostPoint: undefined }, false],
  ])('%j: %s', (known, expected) => expect(formsHoar(evidence(known), MARGINS)).toBe(expected))

  test('by the frost point over ice, not by the dew point', () => {
    // At −5 °C and 85 % the frost point is −6.888 °C, the dew point −7.131 °C.
    const air = { frostPoint: frostPoint(-5, 85) }
    expect(formsHoar(evidence({ surface: -7.38, ...air }), MARGINS)).toBe(false)
    expect(formsHoar(evidence({ surface: -7.39, ...air }), MARGINS)).toBe(true)
  })
})

describe('is to be watched', () => {
  test.each<[Partial<RoadEvidence>, boolean | undefined]>([
    [{ surface: 1, falling: true, moist: true, dewPoint: -9 }, true],
    [{ surface: 1.1, falling: true, moist: true, dewPoint: -9 }, false],
    [{ surface: 1, falling: false, moist: true, dewPoint: -9 }, false],
    [{ surface: 1, falling: true, moist: false, dewPoint: 0 }, true],
    [{ surface: 1, falling: true, moist: false, dewPoint: -0.1 }, false],
    [{ surface: -3, freezing: -5, falling: true, moist: true, dewPoint: -9 }, false],
    [{ surface: 0.5, falling: undefined, moist: true, dewPoint: 0 }, undefined],
    [{ surface: 0.5, falling: undefined, moist: false, dewPoint: -9 }, false],
  ])('%j: %s', (known, expected) => expect(isToBeWatched(evidence(known), MARGINS)).toBe(expected))
})

test('what ends a danger: half a kelvin above freezing, or nothing that could freeze', () => {
  expect(isWarm(evidence({ surface: 0.5 }), MARGINS)).toBe(true)
  expect(isWarm(evidence({ surface: 0.4 }), MARGINS)).toBe(false)
  expect(isWarm(evidence({ surface: -3, freezing: -4 }), MARGINS)).toBe(true)
  expect(isWarm(evidence({}), MARGINS)).toBeUndefined()
  expect(isDry(evidence({ moist: false, precipitation: false }))).toBe(true)
  expect(isDry(evidence({ moist: false, precipitation: undefined }))).toBeUndefined()
  expect(isDry(evidence({ moist: true, precipitation: undefined }))).toBe(false)
})

test.each<[string, Partial<RoadEvidence>, boolean, string | undefined]>([
  [
    'the sensor of precipitation says so',
    { surface: 2, precipitationType: 'freezing-rain' },
    false,
    'freezing-rain',
  ],
  [
    'freezing rain is told before ice',
    { precipitationType: 'freezing-rain', condition: 'ice' },
    true,
    'freezing-rain',
  ],
  ['the sensor of the surface says so', { condition: 'ice' }, false, 'ice'],
  ['snow falls', { surface: 1, precipitationType: 'snow' }, false, 'snow'],
  ['snow lies', { surface: 1, condition: 'slush' }, false, 'snow'],
  [
    'snow on a dry frozen road is snow',
    { surface: -1, moist: false, precipitation: true, precipitationType: 'snow' },
    false,
    'snow',
  ],
  [
    'water freezes under snow',
    { surface: -1, moist: true, precipitation: true, precipitationType: 'snow' },
    false,
    'ice',
  ],
  ['it has been cold enough for hoar', { surface: -4 }, true, 'hoar'],
  ['the sensor of the surface calls it frost', { condition: 'frost' }, false, 'hoar'],
  ['wet and above freezing', { surface: 2, moist: true, condition: 'wet' }, false, undefined],
  ['nothing is known', {}, false, undefined],
])('%s', (_name, known, hoarLasts, danger) => {
  expect(roadDanger(evidence(known), hoarLasts)).toBe(danger)
})
