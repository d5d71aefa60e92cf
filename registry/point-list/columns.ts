import type { Path } from '../source.ts'

/**
 * What a cell holds; `words` are trimmed, `text` stays as it is, `numbers` stand with spaces between, `states` as
 * `0=off; 1=heating`.
 */
type Kind = 'word' | 'text' | 'number' | 'numbers' | 'duration' | 'states'

export interface Column {
  /** In the header; case, and whether `-` or `_` stands for the space, are of no matter. */
  name: string
  /** Where it stands in a row's parts. */
  at: readonly [part: 'gateway' | 'connection' | 'device' | 'point', ...Path]
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
  column('table', 'word', 'point', 'modbus', 'table'),
  column('address', 'number', 'point', 'modbus', 'address'),
  column('type', 'word', 'point', 'modbus', 'type'),
  column('word order', 'word', 'point', 'modbus', 'wordOrder'),
  column('byte order', 'word', 'point', 'modbus', 'byteOrder'),
  column('length', 'number', 'point', 'modbus', 'length'),
  column('bit', 'number', 'point', 'modbus', 'bit'),
  column('first bit', 'number', 'point', 'modbus', 'bits', 'first'),
  column('bit count', 'number', 'point', 'modbus', 'bits', 'count'),
  column('unavailable', 'numbers', 'point', 'modbus', 'unavailable'),
  column('states', 'states', 'point', 'modbus', 'states'),
  column('scale', 'number', 'point', 'modbus', 'scale'),
  column('offset', 'number', 'point', 'modbus', 'offset'),
  column('node', 'word', 'point', 'opcua', 'node'),
  column('quantity', 'word', 'point', 'quantity'),
  column('unit', 'word', 'point', 'unit'),
  column('interval', 'duration', 'point', 'interval'),
  column('heartbeat', 'duration', 'point', 'heartbeat'),
  column('min', 'number', 'point', 'min'),
  column('max', 'number', 'point', 'max'),
  column('label fr', 'text', 'point', 'label', 'fr'),
  column('label en', 'text', 'point', 'label', 'en'),
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

/** Without these there is nothing to read. */
export const NEEDED = ['site', 'device', 'point', 'quantity', 'unit', 'interval']

export function columnNamed(header: string): Column | undefined {
  const name = header
    .trim()
    .toLowerCase()
    .replaceAll(/[-_\s]+/g, ' ')
  return COLUMNS.find(column => column.name === name)
}
