import { z } from 'zod'
import { MODBUS_TABLES } from '../model/modbus.ts'
import { REGISTER_ORDERS, REGISTER_TYPES, WORD_ORDERS } from '../model/register-values.ts'
import { duration } from './duration.ts'
import { statesSchema } from './states-schema.ts'

/** What the registry says of Modbus devices. */

/** Where a value sits in a Modbus device. */
export const modbusSourceSchema = z.strictObject({
  table: z.enum(MODBUS_TABLES),
  address: z
    .int()
    .min(0)
    .max(65_535, 'counts from 0 to 65535, as on the wire: 400071 of a manual is holding 70')
    .describe('Counts from 0, as on the wire.'),
  type: z.enum(REGISTER_TYPES),
  wordOrder: z
    .enum(WORD_ORDERS)
    .describe(
      'Which 16-bit word comes first. Of 64 bits also big-little (the halves as big, the two words of each turned round) and little-big (the halves turned round).',
    )
    .default('big'),
  byteOrder: z.enum(REGISTER_ORDERS).describe('Which byte of a word comes first.').default('big'),
  length: z.int().min(1).max(125).describe('How many registers a string has.').optional(),
  bit: z.int().min(0).max(15).describe('Of a bool in a register; 0 is the least significant.').optional(),
  bits: z
    .strictObject({ first: z.int().min(0).max(31), count: z.int().min(1).max(32) })
    .describe('Only these bits of an integer of 16 or 32; 0 is the least significant.')
    .optional(),
  unavailable: z
    .array(z.number())
    .min(1)
    .describe(
      'With these the device says that it has no value: raw numbers, or as in the registers (0x8000).',
    )
    .optional(),
  states: statesSchema.optional(),
  scale: z.number().describe('value = raw × scale + offset').default(1),
  offset: z.number().describe('value = raw × scale + offset').default(0),
})

export const modbusConnectionFields = {
  host: z.string().min(1).describe('Of the device, or of a converter to a serial line.').optional(),
  port: z.int().min(0).max(65_535).describe('0: whatever port the simulator takes.').default(502),
  framing: z
    .enum(['tcp', 'rtu'])
    .describe('How messages are framed over TCP; `rtu` for a converter that passes bytes on as they are.')
    .default('tcp'),
  serial: z
    .strictObject({
      path: z.string().min(1).describe('/dev/ttyUSB0, or better a name under /dev/serial/by-id; COM3.'),
      baudRate: z.int().positive().default(9600),
      parity: z.enum(['none', 'even', 'odd']).default('none'),
      dataBits: z.literal([7, 8]).default(8),
      stopBits: z.literal([1, 2]).default(1),
    })
    .describe('A serial line of this machine, in place of a host.')
    .optional(),
  timeout: duration.default(2000),
  pause: duration.describe('Between an answer and the next request, for devices that need one.').default(0),
  slowShare: z
    .number()
    .min(0.1)
    .max(1)
    .describe(
      'Of the time of the line, what units that are too slow for their intervals take from the others.',
    )
    .default(0.5),
}

export const modbusDeviceFields = { unit: z.int().min(0).max(255).default(1) }

export type ModbusSource = z.output<typeof modbusSourceSchema>
