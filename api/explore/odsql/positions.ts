import { OdsqlError } from './terms.ts'

export interface Position {
  longitude: number
  latitude: number
}

const NUMBER = '[+-]?\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?'
const WKT_POINT = new RegExp(`^POINT\\s*\\(\\s*(${NUMBER})\\s+(${NUMBER})\\s*\\)$`, 'i')

/**
 * A point in WKT or GeoJSON, longitude first.
 * @throws OdsqlError
 */
export function readPoint(text: string): Position {
  const wkt = WKT_POINT.exec(text.trim())
  const [longitude, latitude] = wkt ? [Number(wkt[1]), Number(wkt[2])] : geoJsonPoint(text)
  if (isDegrees(longitude, 180) && isDegrees(latitude, 90)) return { longitude, latitude }
  throw new OdsqlError(`${text} is no point: write one like POINT(2.39 47.08), the longitude first`)
}

function geoJsonPoint(text: string): unknown[] {
  try {
    const { type, coordinates } = JSON.parse(text)
    return type === 'Point' && Array.isArray(coordinates) ? coordinates : []
  } catch {
    return []
  }
}

function isDegrees(value: unknown, most: number): value is number {
  return typeof value === 'number' && Math.abs(value) <= most
}

const METRES: Record<string, number> = {
  ...{ mm: 0.001, cm: 0.01, m: 1, km: 1000, ft: 0.3048, yd: 0.9144, mi: 1609.344 },
}

/** @throws OdsqlError */
export function toMetres(value: number, unit: string): number {
  const metres = METRES[unit.toLowerCase()]
  if (metres === undefined || !Object.hasOwn(METRES, unit.toLowerCase()))
    throw new OdsqlError(`${unit} is no unit of a distance; there are ${Object.keys(METRES).join(', ')}`)
  return value * metres
}
