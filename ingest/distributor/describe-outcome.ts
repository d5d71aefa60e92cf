import { localDate } from '../../model/calendar.ts'
import { placeOf } from './read-file.ts'
import type { FileOutcome } from './take-file.ts'

const FAULTS_TOLD = 20

/** What a file held, in lines for people; those of {@link complaintsOf} last. */
export function describeOutcome(outcome: FileOutcome, timeZone: string): string[] {
  const { formats, empty, others, meters } = outcome
  const day = (time: number) => localDate(time, timeZone)
  return [
    [...formats].map(([name, rows]) => `${name} (${rows} rows)`).join(', ') || 'nothing that is read',
    ...[...meters].map(
      ([meter, { values, estimated, start, end }]) =>
        `${meter}: ${values} values, ${estimated} of them estimated, ${day(start)} to ${day(end)}`,
    ),
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
      ([deliveryPoint, { values }]) =>
        `${deliveryPoint}: ${values} values, of no meter in the registry: write it as deliveryPoint of its meter, and import the file again`,
    ),
    ...told,
    ...(faultCount > told.length ? [`and ${faultCount - told.length} more lines`] : []),
  ]
}
