import type { SenderStatus } from '../model/delivery.ts'
import { printable } from '../model/printable.ts'
import type { Point } from '../registry/registry.ts'
import { formatReading, formatStatus } from './format.ts'
import type { Listener } from './listen.ts'

const LONGEST_LINE = 500

/** Tells every reading in a line, and of the senders what is news: whether they and their connections are well. */
export function tellLines(points: Iterable<Point>, print: (line: string) => void): Listener {
  const known = new Map([...points].map(point => [point.id, point]))
  const told = new Map<string, string>()
  return {
    read(reading) {
      const point = known.get(reading.point)
      if (point) print(printable(formatReading(point, reading), LONGEST_LINE))
    },
    hear(status) {
      const lines = formatStatus(lasting(status), status.time).map(line => printable(line, LONGEST_LINE))
      const news = lines.join('\n')
      if (told.get(status.sender) !== news) print(news)
      told.set(status.sender, news)
    },
  }
}

/** Without what changes all the time: what waits, and when connections were last heard. */
function lasting({ connections, ...status }: SenderStatus): SenderStatus {
  const states = Object.entries(connections ?? {}).map(([id, { state, error }]) => [id, { state, error }])
  return { ...status, outbox: undefined, connections: Object.fromEntries(states) }
}
