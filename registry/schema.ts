import { z } from 'zod'
import * as drivers from '../gateway/drivers/drivers.ts'
import { SEVERITIES } from '../model/alert.ts'
import { DIRECTIONS } from '../model/consumption.ts'
import { FLUIDS } from '../model/fluid.ts'
import { ID_PATTERN, POINT_ID_PATTERN } from '../model/point-id.ts'
import { MEASURED_QUANTITY_NAMES, QUANTITY_NAMES } from '../model/quantity.ts'
import { SITE_KINDS } from '../model/site-kind.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../model/time.ts'
import { METER_UNITS, UNITS, unitOfLabel } from '../model/units.ts'
import { channelSchema } from './channel-schema.ts'
import { circuitSchema } from './circuit-schema.ts'
import { conditionSchema } from './conditions/conditions.ts'
import { duration } from './duration.ts'
import { emissionFactorSchema, tertiarySchema, yearlyUseSchema, zoneSchema } from './energy-schema.ts'
import { forecastSourceSchema } from './forecast-schema.ts'
import { localTime } from './local-time.ts'
import { alertingSchema, personSchema, rotaSchema, routeSchema, teamSchema } from './on-call-schema.ts'
import { openingSchema, publicHolidaysSchema, schoolHolidaysSchema } from './opening-schema.ts'
import { reactiveSchema, subscribedSchema } from './power-schema.ts'
import { tariffReferenceSchema, tariffSchema } from './tariff-schema.ts'
import { text } from './text-schema.ts'
import { isTimeZone } from './time-zone.ts'

/**
 * The registry as people write it. One schema yields the types, the validation and the JSON Schema for
 * editors. What a single value cannot show (references, duplicates, units that do not fit) is in check.ts.
 */

const id = z.string().regex(ID_PATTERN, 'use lower-case letters, digits and hyphens')
const pointReference = z.string().regex(POINT_ID_PATTERN, 'write a point as <site>/<device>/<point>')

const tags = z.array(id).describe('Words of your own, by which rules select.').optional()

const position = z.strictObject({
  lat: z.number().min(-90).max(90),
  lon: z.number().min(-180).max(180),
})

const threshold = z.number().min(0).max(30).describe('Of the degree-days, in °C.')
const climateReference = z
  .strictObject({
    source: z.string().min(1).describe('The station and the years of the mean.'),
    heating: z
      .array(z.number().min(0))
      .length(12, 'write twelve, from January to December')
      .describe('Mean heating degree-days of each month, of the same threshold.'),
  })
  .describe('The mean climate that heating is corrected to.')
  .optional()

const climateSchema = z.strictObject({
  point: pointReference.describe('The point that tells the outdoor temperature, in °C.'),
  threshold: threshold.default(18),
  reference: climateReference,
})

/** Civil hours; a night that ends after midnight began on the day before. */
const nightHoursSchema = z
  .strictObject({ from: z.int().min(0).max(23), to: z.int().min(0).max(23).describe('Exclusive.') })
  .refine(({ from, to }) => from !== to, 'from and to are the same: a night has hours')

export const territorySchema = z.strictObject({
  id,
  name: text,
  timeZone: z.string().refine(isTimeZone, 'not an IANA time zone such as Europe/Paris'),
  language: z.enum(['fr', 'en']).default('fr'),
  publisher: z.strictObject({ name: z.string().min(1), url: z.url(), email: z.email() }),
  outline: z
    .array(z.array(z.tuple([z.number(), z.number()])).min(4))
    .describe('For the map: closed rings of [longitude, latitude].')
    .default([]),
  nightHours: nightHoursSchema
    .describe('Between which civil hours its buildings sleep; by default from 0 to 5.')
    .optional(),
  emissionFactors: z
    .array(emissionFactorSchema)
    .describe('What heating and cooling networks and wood emit: each network has a figure of its own.')
    .default([]),
  climate: climateSchema
    .describe(
      'What its buildings are heated against. For steering: what is declared takes official stations.',
    )
    .optional(),
  publicHolidays: publicHolidaysSchema.default('france'),
  schoolHolidays: schoolHolidaysSchema.default([]),
  alerting: alertingSchema.optional(),
  openDataBasis: z
    .record(id, text)
    .describe('By what law or decision a dataset is published, by its id, where it is not CRPA L. 312-1-1.')
    .default({}),
  refusedData: z
    .array(
      z.strictObject({
        title: text,
        basis: text.describe('By what it would be due, or who asked for it.'),
        since: z.iso.date(),
        reason: text,
      }),
    )
    .describe('Data that is due or was asked for and is not published: the register of duties says why.')
    .default([]),
})

export const BUILDING_USES = [
  'college',
  'gymnasium',
  'archives',
  'depot',
  'offices',
  'museum',
  'library',
  'social-centre',
  'fire-station',
  'laboratory',
  'child-protection',
  'gendarmerie',
  'police',
  'shelter',
  'other',
] as const

type BuildingUse = (typeof BUILDING_USES)[number]

/** Whoever lives or works there is in danger where it is told when they are there: hidden in open data by default. */
export const SENSITIVE_USES: readonly BuildingUse[] = ['child-protection', 'gendarmerie', 'police', 'shelter']

export const siteSchema = z.strictObject({
  id,
  name: z.string().min(1),
  kind: z.enum(SITE_KINDS),
  use: z.enum(BUILDING_USES).optional(),
  position,
  address: z.string().optional(),
  commune: z
    .string()
    .regex(/^(?:\d{2}|2[AB])\d{3}$/, 'an INSEE commune code has five characters')
    .describe('INSEE code of the commune.'),
  rnb: z
    .string()
    .regex(/^[A-Z0-9]{12}$/, 'an RNB id has 12 upper-case letters and digits')
    .describe('Id in the Référentiel national des bâtiments.')
    .optional(),
  floorArea: z.number().positive().describe('In m².').optional(),
  road: z.string().describe('Road and kilometre point, for road sites.').optional(),
  tags,
  openData: z.boolean().describe('Only sites that say so appear in open data.').default(false),
  openDataDespiteUse: z
    .string()
    .min(10, 'write who decided it, when and why')
    .describe(
      `Why a building of a sensitive use (${SENSITIVE_USES.join(', ')}) is open data all the same: without it, it is hidden.`,
    )
    .optional(),
  openDataHourly: z
    .strictObject({ delayDays: z.int().min(1).max(3650).describe('How many days later.') })
    .describe('That its consumption is open data by hour, too; without it by day at most.')
    .optional(),
  zones: z.array(zoneSchema).describe('Functional zones of a building.').optional(),
  people: z.int().positive().describe('Who are there on a usual day: water is told by person.').optional(),
  yearly: z.array(yearlyUseSchema).describe('Energy of whole years, from invoices.').optional(),
  climate: z
    .strictObject({ threshold, reference: climateReference })
    .describe("Of its activity, where it is heated otherwise than the territory's other buildings.")
    .optional(),
  tertiary: tertiarySchema.describe('Of a building under the décret tertiaire.').optional(),
  opening: openingSchema
    .describe('When people are there: what is used at other times is told apart.')
    .optional(),
})

type Drivers = typeof drivers
export type DriverName = keyof Drivers
const DRIVERS: Drivers = { ...drivers }
const DRIVER_NAMES = Object.keys(DRIVERS) as DriverName[]

/** Where each driver finds the value of a point, under its name. */
const sources = Object.fromEntries(
  DRIVER_NAMES.map(name => [name, DRIVERS[name].source.optional()]),
) as unknown as { [N in DriverName]: z.ZodOptional<Drivers[N]['source']> }

/** Units are UCUM codes here, and labels in most lists that are handed over. */
function explainUnit(written: unknown): string | undefined {
  const meant = typeof written === 'string' ? unitOfLabel(written) : undefined
  return meant && `${written} is no UCUM unit: write ${meant}`
}

export const pointSchema = z.strictObject({
  label: text.optional(),
  quantity: z.enum(MEASURED_QUANTITY_NAMES),
  unit: z.enum(UNITS, { error: ({ input }) => explainUnit(input) }),
  interval: duration,
  heartbeat: duration
    .describe('For states and indexes: told only when it changes, and again after so long.')
    .optional(),
  min: z.number().describe('What physics allows, in the unit; a value below is bad.').optional(),
  max: z.number().describe('What physics allows, in the unit; a value above is bad.').optional(),
  tags,
  ...sources,
})

const RTU_BYTES = /^[0-9a-f]{2}(?: [0-9a-f]{2})+$/
const WORDS = /^[0-9a-f]{4}(?: [0-9a-f]{4})*$/
const shownValues = z.record(id, z.union([z.number(), z.boolean(), z.string()]))

/** `<maker>/<model>` */
export const MODEL_PATTERN = /^[a-z0-9-]+\/[a-z0-9-]+$/

/** gateway/devices/<maker>/<model>.yaml */
export const deviceFileSchema = z.strictObject({
  name: z.string().min(1),
  source: z.string().min(1).describe('The manual or public register map that this was written from.'),
  checked: z
    .enum(['frame', 'manual', 'sources', 'nothing'])
    .describe(
      "frame: what the device answered, or what its maker prints with its value, decodes to that value. manual: compared with the maker's table, after which the example was written by hand. sources: two independent public descriptions agree.",
    )
    .default('nothing'),
  frames: z
    .array(
      z.strictObject({
        from: z.string().min(1).describe('Where it was recorded or printed.'),
        request: z.string().regex(RTU_BYTES, 'write bytes like 01 04 00 00 00 02 71 cb'),
        answer: z.string().regex(RTU_BYTES, 'write bytes like 01 04 04 43 66 33 34 1b 38'),
        values: shownValues,
      }),
    )
    .describe('What the device answered on a serial line, and what it showed then, by point.')
    .default([]),
  examples: z
    .array(
      z.strictObject({
        from: z.string().min(1).describe('Where the words and their value were recorded or printed.'),
        by: z
          .enum(['device', 'maker', 'hand'])
          .describe(
            "device: recorded. maker: printed with their value by its maker. hand: written after the maker's table.",
          ),
        table: z.enum(['holding', 'input']),
        address: z.int().min(0).max(65535).describe('Of the first word, as asked for on the line.'),
        words: z.string().regex(WORDS, 'write words like "4366 3334"'),
        values: shownValues,
      }),
    )
    .describe('Words of the device without the frame around them, and the value of each point.')
    .default([]),
  points: z.record(id, pointSchema),
})

const deviceFields = {
  id,
  site: id,
  model: z
    .string()
    .regex(MODEL_PATTERN, 'write a model as <maker>/<model>')
    .describe("A file under the territory's devices or gateway/devices, as <maker>/<model>.")
    .optional(),
  points: z
    .record(id, pointSchema)
    .describe('Beside those of the model; one of the same name replaces it.')
    .default({}),
}

function connectionSchemaOf<N extends DriverName>(driver: N) {
  const { connection, device }: Pick<Drivers[N], 'connection' | 'device'> = DRIVERS[driver]
  return z.strictObject({
    id,
    driver: z.literal(driver),
    ...connection,
    devices: z.array(z.strictObject({ ...deviceFields, ...device })).min(1),
  })
}

type ConnectionSchemas = { [N in DriverName]: ReturnType<typeof connectionSchemaOf<N>> }

/** By the name of the driver. */
export const connectionSchemas = Object.fromEntries(
  DRIVER_NAMES.map(name => [name, connectionSchemaOf(name)]),
) as ConnectionSchemas

export const connectionSchema = z.discriminatedUnion(
  'driver',
  Object.values(connectionSchemas) as [ConnectionSchemas[DriverName], ...ConnectionSchemas[DriverName][]],
)

export const gatewaySchema = z.strictObject({
  id,
  name: z.string().min(1),
  site: id
    .describe('Where it stands, and its alerts belong; by default where its first device is.')
    .optional(),
  connections: z.array(connectionSchema).min(1),
})

const localDate = z.iso.date()

/** 1 gives 1, 0.01 gives 100: exact, where a division of floats is not. Undefined for any other step. */
export function stepsPerUnit(resolution: number): number | undefined {
  const steps = Math.round(1 / resolution)
  return /^10{0,6}$/.test(String(steps)) && 1 / steps === resolution ? steps : undefined
}

const hourlyWeights = z.array(z.int().min(0).max(1000)).length(24, 'write 24 whole numbers, from midnight on')

export const meterSchema = z.strictObject({
  id,
  point: pointReference
    .describe('The point that carries the index; without it, the meter is known by statements only.')
    .optional(),
  site: id.describe('Where it stands, of a meter without a point.').optional(),
  unit: z.enum(METER_UNITS).describe('Of its index, of a meter without a point.').optional(),
  deliveryPoint: z
    .string()
    .regex(/^[A-Z0-9]{4,30}$/, 'write letters and digits only')
    .describe(
      'Its number at the distributor (PRM, PCE), by which files are recognised. It is never published.',
    )
    .optional(),
  fluid: z.enum(FLUIDS),
  dwellings: z
    .int()
    .positive()
    .describe('How many dwellings it serves: in open data it is only in sums of ten of them or more.')
    .optional(),
  /** All arithmetic is in whole steps. An index that moves in tens still has the resolution 1. */
  resolution: z
    .number()
    .refine(step => stepsPerUnit(step) !== undefined, 'write 1, 0.1, 0.01, … 0.000001')
    .describe("The step of the index in the meter's unit: 1, 0.1, 0.01, … 0.000001."),
  digits: z
    .int()
    .min(3)
    .max(15)
    .describe('How many digits the counter has, counted in steps; without them it never rolls over.')
    .optional(),
  maxPerHour: z
    .number()
    .positive()
    .describe("The most that can flow in an hour, in the meter's unit: a faster rise is spurious.")
    .optional(),
  replacements: z
    .array(
      z.strictObject({
        at: z.iso
          .datetime({ offset: true, error: 'write an instant like 2026-03-12T10:30:00+01:00' })
          .describe('From when on the new meter counted.'),
        last: z.number().min(0).describe('What the old meter showed at last.'),
        first: z.number().min(0).describe('What the new meter showed at first.').default(0),
      }),
    )
    .describe('Meters that took over under the same name, the earliest first.')
    .default([]),
  conversions: z
    .array(
      z.strictObject({
        from: localDate.describe('Local date; without it, from the beginning.').optional(),
        kilowattHours: z.number().positive().describe('kWh (PCS) in one unit of the index, from the bill.'),
      }),
    )
    .describe('Of a gas meter that counts m³: its consumption is told in kWh. Each holds until the next one.')
    .default([]),
  profile: z
    .strictObject({
      working: hourlyWeights,
      saturday: hourlyWeights.optional(),
      sunday: hourlyWeights.optional(),
    })
    .transform(({ working, saturday = working, sunday = saturday }) => ({ working, saturday, sunday }))
    .describe(
      'What it usually counts in each hour of a day, in relation: gaps are spread so. By default evenly; Saturdays are like working days, Sundays like Saturdays.',
    )
    .optional(),
  nightUse: z
    .number()
    .min(0)
    .describe('What the building uses by right in each hour of the night, in the unit.')
    .default(0),
  nightHours: nightHoursSchema
    .describe('Between which civil hours what it counts for sleeps, where that is not as in the territory.')
    .optional(),
  within: z
    .union(
      [
        id,
        z.array(z.strictObject({ meter: id, from: localDate.optional(), to: localDate.optional() })).min(1),
      ],
      'write the id of a meter, or a list of meter, from and to',
    )
    .transform(value => (typeof value === 'string' ? [{ meter: value }] : value))
    .describe(
      'The main meter that counts what it counts, too: nothing is counted twice. Dates are local, `to` exclusive.',
    )
    .optional(),
  direction: z
    .enum(DIRECTIONS)
    .describe('export: what is given to the network, which is no consumption.')
    .default('import'),
  heating: z
    .boolean()
    .describe('Whether what it counts heats the building: only that is corrected for the climate.')
    .default(false),
  cooling: z.boolean().describe('Whether what it counts cools the building.').default(false),
  allocations: z
    .array(
      z.strictObject({
        site: id,
        share: z.number().positive().max(1),
        from: localDate.optional(),
        to: localDate.optional(),
      }),
    )
    .describe(
      'Who uses what it counts; by default the site where it stands. Dates are local, `to` exclusive.',
    )
    .default([]),
  tariffs: z.array(tariffReferenceSchema).describe('What it costs; one at a time.').optional(),
  subscribed: z
    .array(subscribedSchema)
    .describe('Which power the contract has, in each of its time classes; one contract at a time.')
    .optional(),
  powerPoint: pointReference
    .describe(
      'The point that tells the active or apparent power of the same meter, read once a minute or more.',
    )
    .optional(),
  reactive: reactiveSchema
    .describe('It counts reactive energy (kvarh), which is no consumption, beside a meter of active energy.')
    .optional(),
})

const SELECTORS = 'give either points, or a quantity or tag with siteKind and except if you like'

/** Points by name, or every point that fits all that is given. */
const selectorSchema = z.union(
  [
    z.strictObject({ points: z.array(pointReference).min(1) }),
    z
      .strictObject({
        quantity: z.enum(QUANTITY_NAMES).optional(),
        siteKind: z.enum(SITE_KINDS).optional(),
        tag: id.describe('Of the point, or of its site.').optional(),
        except: z.array(pointReference).default([]),
      })
      .refine(({ quantity, tag }) => quantity !== undefined || tag !== undefined, SELECTORS),
  ],
  SELECTORS,
)

export const ruleSchema = z.strictObject({
  id,
  name: text,
  select: selectorSchema,
  condition: conditionSchema,
  onDelay: duration.describe('How long the condition must hold before it fires.').default(0),
  offDelay: duration.describe('How long it must be gone before the alert resolves.').default(0),
  maxAge: duration.describe('Older readings never change a live alert.').default(HOUR_MS),
  reAlarm: duration
    .refine(ms => ms >= MINUTE_MS, 'at least 1min')
    .describe('What still holds so long after it was acknowledged is told anew; without it never.')
    .optional(),
  flapping: z
    .strictObject({
      times: z.int().min(2).default(5),
      within: duration.refine(ms => ms <= DAY_MS, 'at most 1d').prefault('1h'),
      hold: duration.prefault('30min'),
    })
    .describe('What fires so many times within so long ends only when it has been gone for `hold`.')
    .prefault({}),
  severity: z.enum(SEVERITIES),
  advice: text
    .describe(
      'What to do: told with the alert while it is unacknowledged, and shown wherever it is read. No name and no number of a person: it passes through the systems of others.',
    )
    .optional(),
  channels: z.array(id).default([]),
  inhibitedBy: z
    .array(id)
    .describe(
      'Rules whose live alert at the same site explains what this one would tell: meanwhile it does not fire (suppressed by design, ISA-18.2).',
    )
    .default([]),
})

/** What is being worked on: its rules do not fire meanwhile (out of service, ISA-18.2). All that is given must fit. */
export const outOfServiceSchema = z
  .strictObject({
    id,
    sites: z.array(id).min(1).optional(),
    points: z.array(pointReference).min(1).optional(),
    rules: z.array(id).min(1).optional(),
    from: localTime,
    to: localTime.describe('Exclusive.'),
    reason: z.string().min(1),
  })
  .refine(
    ({ sites, points, rules }) => [sites, points, rules].some(list => list !== undefined),
    'give sites, points or rules',
  )

/** A whole registry, or one file of it: files of a folder are merged list by list. */
export const registrySchema = z.strictObject({
  territory: territorySchema,
  sites: z.array(siteSchema).default([]),
  gateways: z.array(gatewaySchema).default([]),
  meters: z.array(meterSchema).default([]),
  tariffs: z.array(tariffSchema).default([]),
  rules: z.array(ruleSchema).default([]),
  channels: z.array(channelSchema).default([]),
  people: z.array(personSchema).default([]),
  teams: z.array(teamSchema).default([]),
  rotas: z.array(rotaSchema).default([]),
  routes: z.array(routeSchema).default([]),
  outOfService: z.array(outOfServiceSchema).default([]),
  circuits: z.array(circuitSchema).default([]),
  forecasts: z.array(forecastSourceSchema).default([]),
})

export type RegistryInput = z.input<typeof registrySchema>
export type RegistryDocument = z.output<typeof registrySchema>
export type Territory = RegistryDocument['territory']
export type Site = z.output<typeof siteSchema>
export type Gateway = z.output<typeof gatewaySchema>
export type Connection = z.output<typeof connectionSchema>
export type HttpConnection = Extract<Connection, { driver: 'http' }>
export type ModbusConnection = Extract<Connection, { driver: 'modbus' }>
export type OpcuaConnection = Extract<Connection, { driver: 'opcua' }>
export type MqttConnection = Extract<Connection, { driver: 'mqtt' }>
export type { ModbusSource } from './modbus-schema.ts'
export type { OpcuaSource } from './opcua-schema.ts'
export type PointDefinition = z.output<typeof pointSchema>
export type DeviceFile = z.output<typeof deviceFileSchema>
export type MeterDocument = z.output<typeof meterSchema>
export type RuleDocument = z.output<typeof ruleSchema>
export type Channel = z.output<typeof channelSchema>
export type OutOfService = z.output<typeof outOfServiceSchema>
export type Text = z.output<typeof text>
