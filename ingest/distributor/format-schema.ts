import { z } from 'zod'
import { FLUIDS } from '../../model/fluid.ts'

/**
 * How the files of a distributor are to be understood: formats/<distributor>/<name>.yaml. Names of columns are
 * compared without case and accents; of documents they are paths, `points.v` for the key `v` of what is in the list
 * `points`. Of a table, a name may also be that of a label above the header, `E4` for a cell there, `column I` for a
 * column whose header nobody has told, and `sheet` for the name of a sheet.
 */

const name = z.string().min(1)
const values = z.array(z.string()).min(1)

const intervalSchema = z.union([
  z.strictObject({ field: name, unit: z.enum(['minutes', 'iso']) }),
  z.strictObject({ spacing: z.literal(true).describe('From one stamp to the next.') }),
])

const timeSchema = z.union([
  z.strictObject({
    fields: z.array(name).min(1).max(2).describe('A stamp, or its date and its time of day.'),
    stamp: z
      .enum(['instant', 'start', 'end', 'first', 'day'])
      .describe(
        'What it marks: the instant of an index, the start or the end of an interval, or a whole day, which an index is of the end of. first: the start where the first stamp of a part is a midnight, the end where it is a midnight and one interval.',
      ),
    startsAt: z
      .string()
      .regex(/^\d\d:\d\d$/)
      .describe('Of a whole day that does not begin at midnight, as that of gas.')
      .optional(),
  }),
  z.strictObject({ start: name, end: name.describe('Exclusive.') }),
])

const unitSchema = z.union([
  z.strictObject({ constant: z.enum(['W', 'kW', 'Wh', 'kWh', 'MWh', 'm3', 'L']) }),
  z.strictObject({ field: name }),
])

export const formatSchema = z.strictObject({
  title: name,
  distributor: name,
  fluid: z.enum(FLUIDS),
  source: name.describe('Where the layout was seen.'),
  checked: z
    .enum(['sample', 'description'])
    .describe(
      'sample: against an extract of a real file. description: against what others wrote of it only.',
    ),
  timeZone: name.describe('Of stamps without an offset.'),
  file: z.union([
    z.strictObject({
      table: z.strictObject({
        header: values.describe('Columns that must be there.'),
        head: values.describe('Names above the header, whose values stand in the line below.').optional(),
        until: z.string().describe('First cell of a line with which the part ends.').optional(),
      }),
    }),
    z.strictObject({
      document: z.strictObject({
        each: z.array(name).describe('Lists within lists whose entries are the rows.'),
        paths: values.describe('Paths that the first row must have.'),
        lacks: values.describe('Paths that it must not have.').default([]),
      }),
    }),
  ]),
  only: z
    .record(name, values)
    .describe('A row with another value is something else, such as an injection, and is counted apart.')
    .default({}),
  except: z.record(name, values).describe('So is a row whose value holds one of these words.').default({}),
  deliveryPoint: z
    .union([name, values])
    .describe('The first that is not empty. Where there is none, whoever imports the file says which it is.')
    .optional(),
  needs: name.describe('Where this is empty, nothing was measured, whatever the amount says.').optional(),
  missing: values.describe('What stands where nothing was measured, beside an empty cell.').optional(),
  time: timeSchema,
  interval: intervalSchema.optional(),
  kind: z.enum(['power', 'energy', 'index']),
  amounts: z
    .array(z.strictObject({ field: name, unit: unitSchema }))
    .min(1)
    .describe('The first whose unit the meter can count in.'),
  registers: z
    .union([
      z.strictObject({
        field: name.describe('Of rows, one for each register.'),
        calendar: name.describe('That the register is of; each counts everything.').optional(),
      }),
      z.strictObject({ columns: values.describe('That are summed where the amount is empty.') }),
    ])
    .optional(),
  estimated: z
    .union([
      z.strictObject({ field: name, values: values.describe('Of an estimate; all else is measured.') }),
      z.strictObject({ field: name, measured: values.describe('All else is an estimate.') }),
    ])
    .optional(),
})

export type DistributorFormat = z.output<typeof formatSchema>
