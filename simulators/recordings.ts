import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { HOUR_MS } from '../model/time.ts'

/** Recorded hours, one element an hour; see recordings/README.md. Nothing is missing: holes are filled. */
export interface Recordings {
  building: BuildingRecording
  weather: WeatherRecording
}

export interface BuildingRecording {
  /** The first hour, ms UTC. */
  start: number
  /** kWh in the hour. */
  electricity: Float64Array
  gas: Float64Array
  /** °C */
  temperature: Float64Array
}

/** The 8,760 hours of a common year, in UTC of the station. */
export interface WeatherRecording {
  /** °C */
  airTemperature: Float64Array
  /** Air temperature minus dew point, K, never negative. */
  spread: Float64Array
  /** m/s */
  windSpeed: Float64Array
  /** mm in the hour */
  precipitation: Float64Array
  /** km */
  visibility: Float64Array
}

/** Beyond any wind ever recorded outside a tornado: a faulty row (there is one of 468 m/s). */
const MAX_WIND_SPEED = 113

/** Reads the recordings that come with the simulators. */
export async function loadRecordings(): Promise<Recordings> {
  const [building, weather] = await Promise.all([read('building-hourly'), read('weather-hourly')])
  return { building: buildingRecording(building), weather: weatherRecording(weather) }
}

async function read(name: string): Promise<string[][]> {
  const file = new URL(`recordings/${name}.csv.gz`, import.meta.url)
  const text = (await promisify(gunzip)(await readFile(file))).toString()
  return text
    .trimEnd()
    .split('\n')
    .slice(1)
    .map(line => line.split(','))
}

function buildingRecording(rows: string[][]): BuildingRecording {
  const column = (at: number) => Float64Array.from(rows, row => Number(row[at]))
  return { start: Date.parse(rows[0]![0]!), electricity: column(1), gas: column(2), temperature: column(3) }
}

function weatherRecording(rows: string[][]): WeatherRecording {
  const year = new Date(rows[0]![0]!).getUTCFullYear()
  const start = Date.UTC(year, 0, 1)
  const hours = (Date.UTC(year + 1, 0, 1) - start) / HOUR_MS
  const column = (value: (row: string[]) => number) => {
    const values = new Float64Array(hours).fill(Number.NaN)
    for (const row of rows) values[(Date.parse(row[0]!) - start) / HOUR_MS] = value(row)
    return fillHoles(values)
  }
  const number = (text: string | undefined) => (text ? Number(text) : Number.NaN)
  return {
    airTemperature: column(row => number(row[1])),
    spread: column(row => Math.max(0, number(row[1]) - number(row[2]))),
    windSpeed: column(row => (number(row[4]) > MAX_WIND_SPEED ? Number.NaN : number(row[4]))),
    precipitation: column(row => number(row[5])),
    visibility: column(row => number(row[7])),
  }
}

/** Straight lines across what was not measured, from the end of the year into its beginning too. */
export function fillHoles(values: Float64Array): Float64Array {
  const { length } = values
  const filled = values.slice()
  const first = values.findIndex(value => !Number.isNaN(value))
  if (first < 0) throw new Error('a recorded column holds no value')
  let before = first
  for (let at = first + 1; at <= first + length; at++) {
    const value = values[at % length]!
    if (Number.isNaN(value)) continue
    const from = values[before % length]!
    for (let hole = before + 1; hole < at; hole++) {
      filled[hole % length] = from + ((value - from) * (hole - before)) / (at - before)
    }
    before = at
  }
  return filled
}
