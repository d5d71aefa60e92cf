import { z } from 'zod'
import { FINDING_KINDS, UNKNOWN_REASONS } from '../../energy/findings.ts'
import { unitLabel } from '../../model/units.ts'
import { flooredShare, localTime, localTimeSchema, rounded, unitFields } from '../fields.ts'
import type { SiteFinding, SiteFindings } from './site-findings.ts'

const amount = z.number().describe('In the unit')
const perHour = z.number().describe('In the unit, in an hour')
const share = z.number().min(0).max(1)

const figuresSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.enum(['outside-opening', 'climate-outside-opening']),
      used: amount.describe('In the unit: all that was used while the site was closed'),
      share: share.describe('Of it in all use'),
      baseLoad: perHour.describe('In the unit, in an hour: what runs at all hours is no part of the amount'),
      hours: z.int().describe('Hours outside opening that are known'),
    }),
    z.strictObject({
      kind: z.literal('base-load-drift'),
      rise: perHour.describe('In the unit, in an hour, above the reference: the mean since it drifted'),
      spread: perHour.describe('In the unit, in an hour: the standard deviation of the reference'),
      days: z.int().describe('Known days since it drifted'),
      referenceDays: z.int(),
    }),
    z.strictObject({
      kind: z.literal('continuous-flow'),
      least: perHour.describe('In the unit, in the least hour'),
      hours: z.int().describe('Known hours in a row, without one that stood still'),
    }),
    z.strictObject({
      kind: z.literal('night-flow'),
      usual: perHour.describe(
        'In the unit, in an hour: 20th percentile of the minima of the last seven nights',
      ),
      nights: z.int().describe('Known nights in which it ran'),
    }),
    z.strictObject({
      kind: z.literal('heating-and-cooling'),
      heating: amount.describe('In the unit, in the hours in which both ran'),
      cooling: amount.describe('In the unit, in the hours in which both ran'),
      hours: z.int().describe('In which both ran'),
      threshold: perHour.describe('In the unit, in an hour, above which each is taken to run'),
    }),
  ])
  .describe('What it rests on')

const findingSchema = z
  .strictObject({
    kind: z.enum(FINDING_KINDS),
    site: z.string(),
    meters: z.array(z.string()).describe('Those that it was found on'),
    ...unitFields,
    since: localTimeSchema.describe('It may have begun before `from`'),
    until: localTimeSchema.nullable().describe('null where it is not known to have ended'),
    amount: amount.describe('In the unit, of the time from `from` to `to` only'),
    cost: z.number().nullable().describe('€ with VAT, without what is fixed; null where it has no price'),
    coverage: share.describe('Of the time that it rests on, how much is known'),
    figures: figuresSchema,
  })
  .meta({ id: 'Finding' })

export const findingsSchema = z.array(findingSchema)
export const unknownSchema = z
  .array(
    z.strictObject({
      kind: z.enum(FINDING_KINDS),
      reason: z.enum(UNKNOWN_REASONS),
      sites: z.array(z.string()),
      meters: z.array(z.string()),
    }),
  )
  .describe('What could not be told, why, and of which')

export function describeFindings(
  found: readonly SiteFinding[],
  timeZone: string,
): z.output<typeof findingsSchema> {
  return found
    .toSorted((a, b) => (a.unit === b.unit ? b.amount - a.amount : a.unit < b.unit ? -1 : 1))
    .map(({ site, meters, unit, since, until, amount, cost, coverage, figures }) => ({
      kind: figures.kind,
      site,
      meters,
      unit,
      unitLabel: unitLabel(unit),
      since: localTime(since, timeZone),
      until: until === undefined ? null : localTime(until, timeZone),
      amount: rounded(amount),
      cost: cost === undefined ? null : roundedEuros(cost),
      coverage: flooredShare(coverage),
      figures: roundedFigures(figures),
    }))
}

/** The same reason of the same kind together, in the order of kinds. */
export function describeUnknown(sites: readonly SiteFindings[]): z.output<typeof unknownSchema> {
  const groups = new Map<string, z.output<typeof unknownSchema>[number]>()
  for (const { site, unknown } of sites) {
    for (const { kind, reason, meters } of unknown) {
      const key = `${FINDING_KINDS.indexOf(kind)} ${reason}`
      const group = groups.get(key) ?? { kind, reason, sites: [], meters: [] }
      groups.set(key, group)
      if (group.sites.at(-1) !== site.id) group.sites.push(site.id)
      group.meters.push(...meters)
    }
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group)
}

export function roundedEuros(value: number): number {
  return Math.round(value * 100) / 100
}

function roundedFigures<F extends SiteFinding['figures']>(figures: F): F {
  const entries = Object.entries(figures).map(([key, value]) => [
    key,
    typeof value === 'number' ? rounded(value) : value,
  ])
  return Object.fromEntries(entries)
}
