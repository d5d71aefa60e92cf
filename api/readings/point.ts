import { z } from 'zod'
import { FLUIDS } from '../../model/fluid.ts'
import { POINT_ID_PATTERN } from '../../model/point-id.ts'
import { QUANTITY_NAMES } from '../../model/quantity.ts'
import { unitLabel } from '../../model/units.ts'
import { isMeasured, type Meter, type Point } from '../../registry/registry.ts'
import { textSchema, unitFields } from '../fields.ts'

export const pointSchema = z
  .strictObject({
    id: z.string().regex(POINT_ID_PATTERN),
    site: z.string(),
    device: z.string(),
    name: z.string(),
    label: textSchema,
    quantity: z.enum(QUANTITY_NAMES),
    kind: z.enum(['index', 'measure', 'state']),
    valueType: z.enum(['number', 'boolean', 'string']),
    ...unitFields,
    intervalMs: z.number(),
    min: z.number().nullable().describe('What physics allows, in the unit'),
    max: z.number().nullable(),
    gateway: z.string().describe('Its sender: `fluids` of what the hub works out'),
    connection: z.string().describe('Empty of what the hub works out'),
    derived: z.boolean().describe('Worked out by the hub: no device is read'),
  })
  .meta({ id: 'Point' })

export function describePoint(point: Point): z.output<typeof pointSchema> {
  return {
    id: point.id,
    site: point.site,
    device: point.device,
    name: point.name,
    label: point.label,
    quantity: point.quantityName,
    kind: point.quantity.kind,
    valueType: point.quantity.value,
    unit: point.unit,
    unitLabel: unitLabel(point.unit),
    intervalMs: point.dueWithin,
    min: point.min ?? null,
    max: point.max ?? null,
    gateway: point.gateway,
    connection: point.connection,
    derived: !isMeasured(point),
  }
}

export const meterSchema = z
  .strictObject({
    id: z.string(),
    point: z.string().nullable().describe('null for a meter that is known by statements only'),
    site: z.string(),
    fluid: z.enum(FLUIDS),
    ...unitFields,
    resolution: z.number().describe('The smallest step of the index, in the unit'),
    allocations: z.array(
      z.strictObject({
        site: z.string(),
        share: z.number(),
        from: z.iso.date().nullable(),
        to: z.iso.date().nullable().describe('Exclusive'),
      }),
    ),
  })
  .meta({ id: 'Meter' })

export function describeMeter(meter: Meter): z.output<typeof meterSchema> {
  return {
    id: meter.id,
    point: meter.point?.id ?? null,
    site: meter.site,
    fluid: meter.fluid,
    unit: meter.unit,
    unitLabel: unitLabel(meter.unit),
    resolution: meter.resolution,
    allocations: meter.allocations.map(({ site, share, from = null, to = null }) => ({
      site,
      share,
      from,
      to,
    })),
  }
}
