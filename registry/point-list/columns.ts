import type { Path } from '../source.ts'

/**
 * What a cell holds; a `word` is trimmed, `text` stays as it is, `words` and `numbers` stand with spaces between, a share as
 * `2%`, `states` as `0=off; 1=heating`.
 */
type Kind = 'word' | 'words' | 'text' | 'number' | 'number or share' | 'numbers' | 'duration' | 'states'

export interface Column {
  /** In the header; case, and whether `-` or `_` stands for the space, are of no matter. */
  name: string
  /** Where it stands in a row's parts; `source` is what a point says under the name of its driver. */
  at: readonly [part: 'gateway' | 'connection' | 'device' | 'point' | 'source', ...Path]
  kind: Kind
}

const column = (name: string, kind: Kind, ...at: Column['at']): Column => ({ name, at, kind })

/** The columns of a point list, in the order in which they are written. One row is one point. */
export const COLUMNS: readonly Column[] = [
  column('site', 'word', 'device', 'site'),
  column('device', 'word', 'device', 'id'),
  column('model', 'word', 'device', 'model'),
  column('unit id', 'number', 'device', 'unit'),
  column('point', 'word', 'point', 'name'),
  column('table', 'word', 'source', 'table'),
  column('address', 'number', 'source', 'address'),
  column('type', 'word', 'source', 'type'),
  column('word order', 'word', 'source', 'wordOrder'),
  column('byte order', 'word', 'source', 'byteOrder'),
  column('length', 'number', 'source', 'length'),
  column('bit', 'number', 'source', 'bit'),
  column('first bit', 'number', 'source', 'bits', 'first'),
  column('bit count', 'number', 'source', 'bits', 'count'),
  column('unavailable', 'numbers', 'source', 'unavailable'),
  column('states', 'states', 'source', 'states'),
  column('scale', 'number', 'source', 'scale'),
  column('offset', 'number', 'source', 'offset'),
  column('node', 'word', 'source', 'node'),
  column('element', 'number', 'source', 'element'),
  column('sampling', 'duration', 'source', 'sampling'),
  column('queue', 'number', 'source', 'queue'),
  column('deadband', 'number or share', 'source', 'deadband'),
  column('quantity', 'word', 'point', 'quantity'),
  column('unit', 'word', 'point', 'unit'),
  column('interval', 'duration', 'point', 'interval'),
  column('heartbeat', 'duration', 'point', 'heartbeat'),
  column('min', 'number', 'point', 'min'),
  column('max', 'number', 'point', 'max'),
  column('label fr', 'text', 'point', 'label', 'fr'),
  column('label en', 'text', 'point', 'label', 'en'),
  column('tags', 'words', 'point', 'tags'),
  column('connection', 'word', 'connection', 'id'),
  column('driver', 'word', 'connection', 'driver'),
  column('host', 'word', 'connection', 'host'),
  column('port', 'number', 'connection', 'port'),
  column('framing', 'word', 'connection', 'framing'),
  column('serial', 'word', 'connection', 'serial', 'path'),
  column('baud rate', 'number', 'connection', 'serial', 'baudRate'),
  column('parity', 'word', 'connection', 'serial', 'parity'),
  column('data bits', 'number', 'connection', 'serial', 'dataBits'),
  column('stop bits', 'number', 'connection', 'serial', 'stopBits'),
  column('timeout', 'duration', 'connection', 'timeout'),
  column('pause', 'duration', 'connection', 'pause'),
  column('url', 'word', 'connection', 'url'),
  column('security mode', 'word', 'connection', 'securityMode'),
  column('security policy', 'word', 'connection', 'securityPolicy'),
  column('gateway', 'word', 'gateway', 'id'),
  column('gateway name', 'text', 'gateway', 'name'),
]

/** What a row speaks of. */
export const IDENTIFYING = ['site', 'device', 'point']
/** Without these there is nothing to read. */
export const NEEDED = [...IDENTIFYING, 'quantity', 'unit', 'interval']

export function columnNamed(header: string): Column | undefined {
  const name = header
    .trim()
    .toLowerCase()
    .replaceAll(/[-_\s]+/g, ' ')
  return COLUMNS.find(column => column.name === name)
}
