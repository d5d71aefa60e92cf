import type { Point } from './registry.ts'

/** Whether the device itself says when a value was measured; else it is dated by its gateway. */
export function tellsTime({ source }: Pick<Point, 'source'>): boolean {
  if (source.driver === 'http') return source.http.time !== undefined
  if (source.driver === 'mqtt') return source.format !== 'json' || source.mqtt.time !== undefined
  return source.driver === 'opcua'
}
