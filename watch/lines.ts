import { printable } from '../model/printable.ts'
import type { Point } from '../registry/registry.ts'
import { formatConnection, formatReading, formatSender, isOfInterest } from './format.ts'
import type { Listener } from './listen.ts'

const LONGEST_LINE = 500

/** Tells every reading in a line, and what is news of senders and their connections in one each. */
export function tellLines(points: Iterable<Point>, print: (line: string) => void): Listener {
  const known = new Map([...points].map(point => [point.id, point]))
  const told = new Map<string, string>()

  function tell(who: string, line: string): void {
    if (told.get(who) !== line) print(printable(line, LONGEST_LINE))
    told.set(who, line)
  }

  return {
    read(reading) {
      const point = known.get(reading.point)
      if (point) print(printable(formatReading(point, reading), LONGEST_LINE))
    },
    hear(status) {
      if (!isOfInterest(status)) return
      const { sender, connections = {} } = status
      tell(sender, formatSender(status))
      for (const [id, connection] of Object.entries(connections))
        tell(`${sender}/${id}`, `${sender}, ${id}: ${formatConnection(connection)}`)
    },
  }
}
