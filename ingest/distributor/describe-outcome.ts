import { localDate } from '../../model/calendar.ts'
import { placeOf } from './read-file.ts'
import type { Counted, FileOutcome } from './take-file.ts'

const FAULTS_TOLD = 20
const HOLES_TOLD = 5

/** What a file held, in lines for people; those of {@link complaintsOf} last. */
export function describeOutcome(outcome: FileOutcome, timeZone: string): string[] {
  const { formats, empty, others, meters } = outcome
  return [
    [...formats].map(([name, rows]) => `${name} (${rows} rows)`).join(', ') || 'nothing that is read',
    ...[...meters].flatMap(([meter, counted]) => describeMeter(meter, counted, timeZone)),
    ...(empty > 0 ? [`${empty} rows without a value`] : []),
    ...[...others].map(([what, rows]) => `${rows} rows of something else: ${what}`),
    ...complaintsOf(outcome),
  ]
}

/** What somebody should look at: parts that no format reads, delivery points of no meter, rows that are wrong. */
export function complaintsOf({ unread, unknown, faults, faultCount }: FileOutcome): string[] {
  const told = faults.slice(0, FAULTS_TOLD).map(fault => `${placeOf(fault)}: ${fault.reason}`)
  return [
    ...unread.map(part => `${placeOf(part)} begins what no format reads: ${part.header}`),
    ...[...unknown].map(
      ([deliveryPoint, { indexes, amounts }]) =>
        `${deliveryPoint}: ${indexes + amounts} values, of no meter in the registry: write it as deliveryPoint of its meter, and import the file again`,
    ),
    ...told,
    ...(faultCount > told.length ? [`and ${faultCount - told.length} more lines`] : []),
  ]
}

function describeMeter(meter: string, counted: Counted, timeZone: string): string[] {
  const { indexes, amounts, estimated, start, end, holes } = counted
  const at = (time: number) =>
    Temporal.Instant.fromEpochMilliseconds(time)
      .toZonedDateTimeISO(timeZone)
      .toPlainDateTime()
      .toString({ smallestUnit: 'minute' })
      .replace('T', ' ')
  const kinds = [
    ...(indexes > 0 ? [`${indexes} indexes`] : []),
    ...(amounts > 0 ? [`${amounts} amounts`] : []),
  ]
  const told = holes.slice(0, HOLES_TOLD).map(hole => `${at(hole.start)} to ${at(hole.end)}`)
  const more = holes.length > told.length ? [`and ${holes.length - told.length} more`] : []
  return [
    `${meter}: ${kinds.join(', ')} (${indexes + amounts - estimated} measured, ${estimated} estimated), ${localDate(start, timeZone)} to ${localDate(end, timeZone)}`,
    ...(holes.length > 0 ? [`${meter}: nothing is of ${[...told, ...more].join(', ')}`] : []),
  ]
}
