/** Moisture of the air. Temperatures in °C, relative humidity in %, above 0. */

// Magnus over water, coefficients of Alduchov and Eskridge (1996).
const A = 17.625
const B = 243.04

/** Dew point over water, °C (Magnus). */
export function dewPoint(airTemperature: number, relativeHumidity: number): number {
  const gamma = Math.log(relativeHumidity / 100) + (A * airTemperature) / (B + airTemperature)
  return (B * gamma) / (A - gamma)
}

/** Relative humidity over water, %: the inverse of {@link dewPoint}. */
export function relativeHumidity(airTemperature: number, dewPoint: number): number {
  return 100 * Math.exp((A * dewPoint) / (B + dewPoint) - (A * airTemperature) / (B + airTemperature))
}

/**
 * Frost point over ice, °C; above 0.01 °C the dew point over water of the same equations. After the ASHRAE
 * Handbook (Fundamentals, psychrometrics), which counts relative humidity below freezing against ice.
 */
export function frostPoint(airTemperature: number, relativeHumidity: number): number {
  const target = Math.log(relativeHumidity / 100) + lnSaturation(airTemperature + KELVIN)
  let temperature = airTemperature + KELVIN
  // Newton on a smooth, rising, concave curve: five steps reach 1e-9 K anywhere on Earth.
  for (let step = 0; step < 20; step++) {
    const change = (target - lnSaturation(temperature)) / lnSaturationSlope(temperature)
    temperature += change
    if (Math.abs(change) < 1e-9) break
  }
  return temperature - KELVIN
}

const KELVIN = 273.15
const TRIPLE_POINT = 273.16

/**
 * Hyland and Wexler (1983): ln of the saturation pressure in Pa is
 * c0/T + c1 + c2·T + c3·T² + c4·T³ + c5·T⁴ + c6·ln T, T in kelvin.
 */
const ICE = [
  -5674.5359, 6.3925247, -9.677843e-3, 6.2215701e-7, 2.0747825e-9, -9.484024e-13, 4.1635019,
] as const
const WATER = [-5800.2206, 1.3914993, -4.8640239e-2, 4.1764768e-5, -1.4452093e-8, 0, 6.5459673] as const

function lnSaturation(t: number): number {
  const [c0, c1, c2, c3, c4, c5, c6] = t <= TRIPLE_POINT ? ICE : WATER
  return c0 / t + c1 + t * (c2 + t * (c3 + t * (c4 + t * c5))) + c6 * Math.log(t)
}

function lnSaturationSlope(t: number): number {
  const [c0, , c2, c3, c4, c5, c6] = t <= TRIPLE_POINT ? ICE : WATER
  return -c0 / t ** 2 + c2 + t * (2 * c3 + t * (3 * c4 + t * 4 * c5)) + c6 / t
}
