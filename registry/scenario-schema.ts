import { z } from 'zod'
import { duration } from './duration.ts'

/** What simulators can be told to do wrong: an event of one of these kinds, on a timetable or right now. */

const common = {
  on: z.string().min(1).describe('A point, a device as <site>/<device>, a site, a connection or a gateway.'),
  at: z.iso
    .datetime({ offset: true, error: 'write a time like 2026-11-28T02:00:00+01:00' })
    .transform(text => Date.parse(text))
    .describe('When it begins, for the first time.'),
  every: z.enum(['day', 'week']).describe('Again at the same local time.').optional(),
  for: duration,
}

/** Of what is measured; the amounts are those that devices of this kind may well show. */
const ofValues = [
  z.strictObject({
    scenario: z.literal('water-leak'),
    ...common,
    flow: z.number().positive().describe('m³/h').default(0.5),
  }),
  z.strictObject({
    scenario: z.literal('heating-left-on'),
    ...common,
    power: z.number().positive().describe('kW, day and night').default(20),
  }),
  z.strictObject({
    scenario: z.literal('frozen-road'),
    ...common,
    temperature: z.number().max(0).describe('°C, of the surface at most').default(-3),
  }),
  z.strictObject({ scenario: z.literal('sensor-stuck'), ...common }),
  z.strictObject({
    scenario: z.literal('drift'),
    ...common,
    perHour: z.number().describe('In the unit of the point').default(0.5),
  }),
  z.strictObject({
    scenario: z.literal('noise'),
    ...common,
    amplitude: z.number().positive().describe('In the unit of the point').default(1),
  }),
  z.strictObject({ scenario: z.literal('spike'), ...common, factor: z.number().default(10) }),
  z.strictObject({ scenario: z.literal('counter-reset'), ...common }),
  z.strictObject({
    scenario: z.literal('meter-replaced'),
    ...common,
    first: z.number().min(0).describe('What the new meter shows at first').default(0),
  }),
  z.strictObject({ scenario: z.literal('rollover'), ...common }),
] as const

/** Of how devices answer. */
const ofAnswers = [
  z.strictObject({ scenario: z.literal('communication-cut'), ...common }),
  z.strictObject({ scenario: z.literal('connection-refused'), ...common }),
  z.strictObject({ scenario: z.literal('illegal-register'), ...common }),
  z.strictObject({ scenario: z.literal('slow-replies'), ...common, delay: duration.default(1000) }),
  z.strictObject({ scenario: z.literal('late-replies'), ...common, delay: duration.default(3000) }),
  z.strictObject({ scenario: z.literal('wrong-transaction-id'), ...common }),
  z.strictObject({
    scenario: z.literal('clock-wrong'),
    ...common,
    by: duration.describe('How far the clock of the device is ahead').default(7_200_000),
  }),
] as const

/** Of a gateway that runs in the process of the simulators of its devices. */
const ofGateways = [
  z.strictObject({ scenario: z.literal('power-cut'), ...common }),
  z.strictObject({
    scenario: z.literal('gateway-clock-wrong'),
    ...common,
    by: duration.describe('How far the clock of the gateway is ahead').default(600_000),
  }),
] as const

export const scenarioSchema = z.discriminatedUnion('scenario', [...ofValues, ...ofAnswers, ...ofGateways])
/** A file of them. */
export const scenariosSchema = z.array(scenarioSchema)

export type Scenario = z.output<typeof scenarioSchema>
export type ScenarioName = Scenario['scenario']
export type ScenarioOf<N extends ScenarioName> = Extract<Scenario, { scenario: N }>

export const SCENARIO_NAMES = [...ofValues, ...ofAnswers, ...ofGateways].map(
  ({ shape }) => shape.scenario.value,
)
