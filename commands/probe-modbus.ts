import { parseShown } from '../gateway/display.ts'
import { type Place, parseRegister } from '../gateway/drivers/modbus/registers.ts'
import {
  listUnits,
  nameUnit,
  scanTable,
  showRegister,
  type UnitRange,
} from '../gateway/probe/modbus/investigate.ts'
import { readLibrary } from '../gateway/probe/modbus/library.ts'
import { noteOnFits, noteOnModel } from '../gateway/probe/modbus/notes.ts'
import { openProbe } from '../gateway/probe/modbus/probe.ts'
import { type DeviceInput, toConnection, toPoint } from '../gateway/probe/modbus/to-connection.ts'
import { writeGateway } from '../gateway/probe/registry-yaml.ts'
import type { Talk } from '../gateway/probe/talk.ts'
import { parseAddress } from '../model/address.ts'
import type { ModbusTable } from '../model/modbus.ts'
import { type MeasuredQuantityName, quantity } from '../model/quantity.ts'
import type { Unit } from '../model/units.ts'
import type { ModbusConnection } from '../registry/schema.ts'
import { refuseExisting, writeNewFile } from './new-file.ts'
import type { YamlFlags } from './probe.ts'
import { clock, stopOnSignal } from './process.ts'
import { showProgress } from './progress.ts'

interface ProbeModbusFlags extends YamlFlags {
  framing: 'tcp' | 'rtu'
  serial?: string
  baud: number
  parity: 'none' | 'even' | 'odd'
  stopBits: '1' | '2'
  timeout?: number
  pause: number
  budget: number
  units: UnitRange
  unit?: number
  table?: ModbusTable[]
  from: number
  to: number
  register?: string
  address?: number
  shows?: string
  identify: boolean
  devices?: string
  quantity?: MeasuredQuantityName
  in?: Unit
}

const EXIT_NOTHING_FITS = 2
const PORT = 502
/** Whoever looks for units does not want to wait for each; whoever asks one gives it time. */
const FINDING_TIMEOUT_MS = 500
const TIMEOUT_MS = 2000
const TABLES: ModbusTable[] = ['holding', 'input']

export async function probeModbus(host: string | undefined, flags: ProbeModbusFlags): Promise<void> {
  const { unit, table: tables = TABLES, shows, site, yaml } = flags
  const place = placeOf(flags)
  refuseWrongFlags(flags, place)
  const connection = connectionOf(host, flags)
  const bar = showProgress(process.stderr)
  const talk: Talk = { say: bar.print, step: bar.step }
  const probe = await openProbe(connection, stopOnSignal())
  const devices: DeviceInput[] = []
  const notes: string[] = []
  /** Places that are what the display shows. */
  let fitting = 0
  try {
    if (place) {
      const fits = await showRegister(probe, { unit: unit!, place, shows }, talk)
      fitting += fits.length
      const [best, ...others] = fits
      if (yaml !== undefined && best) {
        devices.push(deviceWithPoint(flags, place, best))
        notes.push(...noteOnFits(others))
      }
    } else if (flags.identify) {
      const library = await readModels(flags.devices)
      for (const each of unit === undefined ? await listUnits(probe, flags.units, talk) : [unit]) {
        const likely = await nameUnit(probe, { unit: each, library, now: clock.now }, talk)
        const [best] = likely
        if (best) devices.push({ id: `unit-${each}`, site: site!, model: best.model, unit: each })
        notes.push(noteOnModel(each, likely))
      }
    } else if (unit === undefined) {
      await listUnits(probe, flags.units, talk)
    } else {
      for (const table of tables) fitting += await scanTable(probe, { ...flags, unit, table, clock }, talk)
    }
  } finally {
    bar.end()
    probe.close()
  }
  if (shows !== undefined && fitting === 0) process.exitCode = EXIT_NOTHING_FITS
  if (yaml === undefined) return
  if (devices.length === 0) throw new Error('there is nothing to write into a registry')
  await writeNewFile(yaml, writeGateway(flags.gateway, toConnection(connection, devices), notes))
}

function placeOf({ register, address, table: [table] = ['holding'] }: ProbeModbusFlags): Place | undefined {
  if (register !== undefined) return parseRegister(register)
  return address === undefined ? undefined : { table: table!, address }
}

function refuseWrongFlags(flags: ProbeModbusFlags, place: Place | undefined): void {
  const { unit, shows, yaml, site, quantity, identify, from, to } = flags
  if (shows !== undefined) parseShown(shows)
  if (from > to || to > 65_535)
    throw new Error(`--from ${from} --to ${to} is no range of addresses: 0 to 65535`)
  if (unit === undefined && (place || shows !== undefined))
    throw new Error('say of which unit with --unit; a probe without it lists those that answer')
  if (yaml === undefined) return
  refuseExisting(yaml)
  if (site === undefined) throw new Error('--yaml needs --site: where the devices are')
  if (!identify && !(place && shows !== undefined && quantity))
    throw new Error(
      '--yaml goes with --identify, or with --register, --shows and --quantity: a registry says what a register means',
    )
}

function connectionOf(address: string | undefined, flags: ProbeModbusFlags): ModbusConnection {
  const { serial: path, baud: baudRate, parity, stopBits, framing, pause, unit } = flags
  if ((address === undefined) === (path === undefined))
    throw new Error('give either a host, such as 10.1.2.3:502, or a serial line with --serial')
  const timeout = flags.timeout ?? (unit === undefined ? FINDING_TIMEOUT_MS : TIMEOUT_MS)
  const common = {
    id: 'probe',
    driver: 'modbus' as const,
    framing,
    timeout,
    pause,
    slowShare: 1,
    devices: [],
  }
  if (path === undefined) return { ...common, ...parseAddress(address!, PORT) }
  const serial = { path, baudRate, parity, dataBits: 8 as const, stopBits: Number(stopBits) as 1 | 2 }
  return { ...common, port: PORT, serial }
}

async function readModels(folder: string | undefined) {
  const { deviceFiles, problems } = await readLibrary(folder === undefined ? [] : [folder])
  for (const { file, path, message } of problems) console.error(`left out: ${file} ${path}: ${message}`)
  return deviceFiles
}

function deviceWithPoint(
  flags: ProbeModbusFlags,
  place: Place,
  best: Parameters<typeof toPoint>[2],
): DeviceInput {
  const { unit, site } = flags
  const name = flags.quantity!
  const point = toPoint({ quantity: name, unit: flags.in ?? quantity(name).units[0]! }, place, best)
  return { id: `unit-${unit}`, site: site!, unit, points: { [name]: point } }
}
