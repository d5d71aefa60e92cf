type Position = readonly [x: number, y: number]

/** In degrees: longitude, latitude. A line has two positions or more; the rings of a polygon are closed. */
export type Geometry =
  | { type: 'Point'; coordinates: Position }
  | { type: 'LineString'; coordinates: readonly Position[] }
  | { type: 'Polygon'; coordinates: readonly (readonly Position[])[] }

type PointGeometry = Extract<Geometry, { type: 'Point' }>

const MOST_POSITIONS = 1000
const NUMBER = String.raw`-?\d{1,6}(?:\.\d{1,20})?(?:[eE][+-]?\d{1,3})?`
const POSITION = new RegExp(`^(${NUMBER})\\s+(${NUMBER})$`)
const WKT = /^(?:SRID=4326;)?\s*(POINT|LINESTRING|POLYGON)\s*(\(.*\))$/i

/** A point, line or polygon in well-known text, WGS 84; undefined for anything else. */
export function parseWkt(text: string): Geometry | undefined {
  const [, kind, body] = WKT.exec(text.trim()) ?? []
  if (kind === undefined || body === undefined) return undefined
  const inner = body.slice(1, -1).trim()
  if (kind.toUpperCase() === 'POLYGON') {
    const rings = inner.split(/(?<=\))\s*,\s*(?=\()/).map(ring => ring.trim())
    if (!rings.every(ring => ring.startsWith('(') && ring.endsWith(')'))) return undefined
    const coordinates = rings.map(ring => readPositions(ring.slice(1, -1)))
    if (!coordinates.every(ring => ring !== undefined && isRing(ring))) return undefined
    return { type: 'Polygon', coordinates: coordinates as Position[][] }
  }
  const positions = readPositions(inner)
  if (!positions) return undefined
  if (kind.toUpperCase() === 'LINESTRING')
    return positions.length > 1 ? { type: 'LineString', coordinates: positions } : undefined
  return positions.length === 1 ? { type: 'Point', coordinates: positions[0]! } : undefined
}

function readPositions(text: string): Position[] | undefined {
  const found = text.split(',').map(each => POSITION.exec(each.trim()))
  if (found.length > MOST_POSITIONS || found.some(each => each === null)) return undefined
  return found.map(each => [Number(each![1]), Number(each![2])])
}

function isRing(ring: readonly Position[]): boolean {
  return ring.length > 3 && same(ring[0]!, ring.at(-1)!)
}

/** What a value is as GeoJSON; undefined where it is none that relations are known of. */
export function toGeometry(value: unknown): Geometry | undefined {
  if (typeof value !== 'object' || value === null || !('type' in value)) return undefined
  const { type } = value
  return type === 'Point' || type === 'LineString' || type === 'Polygon' ? (value as Geometry) : undefined
}

/** The least distance of two points, in degrees; undefined between others. */
export function distance(a: Geometry, b: Geometry): number | undefined {
  if (a.type !== 'Point' || b.type !== 'Point') return undefined
  return Math.hypot(a.coordinates[0] - b.coordinates[0], a.coordinates[1] - b.coordinates[1])
}

/** In degrees; undefined of what is no line. */
export function lineLength(line: Geometry): number | undefined {
  if (line.type !== 'LineString') return undefined
  return segmentsOf(line.coordinates).reduce((sum, [a, b]) => sum + Math.hypot(a[0] - b[0], a[1] - b[1]), 0)
}

/**
 * The intersection matrix of the dimensionally extended nine-intersection model (OGC 06-103r4, 6.1.15), row by row:
 * interior, boundary and exterior of the first with those of the second. One of them must be a point: undefined else.
 */
export function relate(a: Geometry, b: Geometry): string | undefined {
  if (a.type === 'Point') return relatePoint(a, b)
  if (b.type !== 'Point') return undefined
  const [ii, ib, ie, bi, bb, be, ei, eb, ee] = relatePoint(b, a)
  return [ii, bi, ei, ib, bb, eb, ie, be, ee].join('')
}

/** Whether a matrix fits a pattern such as `T*F**F***`. */
export function fits(matrix: string, pattern: string): boolean {
  return [...pattern.toUpperCase()].every((wanted, at) => {
    const found = matrix[at]!
    return wanted === '*' || (wanted === 'T' ? found !== 'F' : wanted === found)
  })
}

function relatePoint({ coordinates: point }: PointGeometry, other: Geometry): string {
  const place = placeOf(point, other)
  const row = (['interior', 'boundary', 'exterior'] as const).map(each => (each === place ? '0' : 'F'))
  const outside = {
    Point: () => (place === 'interior' ? 'FF' : '0F'),
    LineString: () => `1${endsBeside(point, other) ? '0' : 'F'}`,
    Polygon: () => '21',
  }[other.type]()
  return `${row.join('')}FFF${outside}2`
}

function placeOf(point: Position, geometry: Geometry): 'interior' | 'boundary' | 'exterior' {
  if (geometry.type === 'Point') return same(point, geometry.coordinates) ? 'interior' : 'exterior'
  if (geometry.type === 'LineString') {
    if (endsOf(geometry.coordinates).some(end => same(end, point))) return 'boundary'
    return isOnLine(point, geometry.coordinates) ? 'interior' : 'exterior'
  }
  if (geometry.coordinates.some(ring => isOnLine(point, ring))) return 'boundary'
  const [outer, ...holes] = geometry.coordinates
  return isInRing(point, outer!) && !holes.some(hole => isInRing(point, hole)) ? 'interior' : 'exterior'
}

/** A closed line has no boundary. */
function endsOf(line: readonly Position[]): Position[] {
  const [first, last] = [line[0]!, line.at(-1)!]
  return same(first, last) ? [] : [first, last]
}

function endsBeside(point: Position, geometry: Geometry): boolean {
  return geometry.type === 'LineString' && endsOf(geometry.coordinates).some(end => !same(end, point))
}

function isOnLine(point: Position, line: readonly Position[]): boolean {
  return segmentsOf(line).some(([a, b]) => {
    const cross = (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0])
    if (cross !== 0) return false
    const isBetween = (axis: 0 | 1) =>
      point[axis] >= Math.min(a[axis], b[axis]) && point[axis] <= Math.max(a[axis], b[axis])
    return isBetween(0) && isBetween(1)
  })
}

/** Counts how often a ray crosses the ring. */
function isInRing([x, y]: Position, ring: readonly Position[]): boolean {
  const crossed = segmentsOf(ring).filter(
    ([a, b]) => a[1] > y !== b[1] > y && x < ((b[0] - a[0]) * (y - a[1])) / (b[1] - a[1]) + a[0],
  )
  return crossed.length % 2 === 1
}

function segmentsOf(line: readonly Position[]): [Position, Position][] {
  return line.slice(1).map((end, at) => [line[at]!, end])
}

function same(a: Position, b: Position): boolean {
  return a[0] === b[0] && a[1] === b[1]
}
