import { randomUUID } from 'node:crypto'
import type { Command } from 'commander'
import { pino } from 'pino'
import { connectBus } from '../bus/client.ts'
import { readDevices } from '../gateway/read-devices.ts'
import { formatAddress } from '../model/address.ts'
import type { SenderStatus } from '../model/delivery.ts'
import { loadHub } from '../registry/hub.ts'
import type { Registry } from '../registry/registry.ts'
import type { Settings } from '../registry/settings.ts'
import { createBoard } from '../watch/board.ts'
import { formatBoard } from '../watch/format.ts'
import { tellLines } from '../watch/lines.ts'
import { type Listener, listen } from '../watch/listen.ts'
import { type CommonFlags, settingsOptions, withCommonFlags } from './flags.ts'
import { clock, stopOnSignal, untilAborted } from './process.ts'

interface WatchFlags extends CommonFlags {
  broker?: string
  run?: string
  filter?: string
}

const REDRAW_MS = 1000
/** Another screen of the terminal without a cursor, so that the one before is there again in the end. */
const [ENTER, LEAVE] = ['\x1b[?1049h\x1b[?25l', '\x1b[?25h\x1b[?1049l']

export function addWatch(program: Command): void {
  withCommonFlags(program.command('watch'))
    .description('show live readings, rates, errors and outboxes; a table on a terminal, else a line each')
    .option('--broker <url>', 'where to listen; default: as the settings say')
    .option('--run <gateway>', 'read the devices of this gateway here instead, without a broker')
    .option('--filter <text>', 'only points whose id holds this text')
    .action(watch)
}

async function watch(flags: WatchFlags): Promise<void> {
  const { settings, registry } = await loadHub({
    ...settingsOptions(flags),
    secretsOf: gateway => gateway === flags.run,
  })
  const { filter = '', run } = flags
  const points = [...registry.points.values()].filter(
    point => point.id.includes(filter) && (run === undefined || point.gateway === run),
  )
  if (points.length === 0) throw new Error('the registry has no such points')
  const stopping = stopOnSignal()
  const board = createBoard(points, clock)
  const screen = process.stdout.isTTY ? process.stdout : undefined
  const listener = screen ? board : tellLines(points, line => console.log(line))
  const source =
    run === undefined
      ? await hearBroker(settings, flags.broker, listener)
      : runHere(run, settings, registry, listener)
  const draw = () => {
    // Some terminals do not tell their size.
    const { columns = 0, rows = 0 } = screen!
    const lines = formatBoard(board, source.name(), clock.now(), { columns: columns || 80, rows: rows || 24 })
    screen!.write(`\x1b[H${lines.map(line => `${line}\x1b[K`).join('\r\n')}\x1b[J`)
  }
  const drawing = screen && setInterval(draw, REDRAW_MS)
  if (screen) {
    process.once('exit', () => screen.write(LEAVE))
    screen.write(ENTER)
  }
  await untilAborted(stopping)
  clearInterval(drawing)
  await source.close()
}

interface Source {
  /** Where the readings come from, and whether they do. */
  name(): string
  close(): Promise<void>
}

async function hearBroker(
  { mqtt }: Settings,
  broker: string | undefined,
  listener: Listener,
): Promise<Source> {
  const url = broker ?? mqtt.url ?? `mqtt://${formatAddress(mqtt)}`
  const { username, password, tls } = mqtt
  const clientId = `affluent-watch-${randomUUID().slice(0, 8)}`
  const log = pino({ level: 'warn', base: undefined }, pino.destination({ fd: 2, sync: true }))
  if (process.stdout.isTTY) log.level = 'silent'
  const bus = await connectBus({ url, clientId, username, password, tls, log })
  await listen(bus, listener)
  return {
    name: () => `${[url].flat().join(', ')}${bus.connected ? '' : ' (not connected)'}`,
    close: () => bus.close(),
  }
}

function runHere(id: string, { data }: Settings, registry: Registry, { read, hear }: Listener): Source {
  const connections: NonNullable<SenderStatus['connections']> = {}
  const running = readDevices({
    registry,
    gateway: id,
    data,
    clock,
    onReading: read,
    onStatus(status, connection) {
      connections[connection] = status
      const { hash } = registry
      const itself = { version: 1, sender: id, role: 'gateway', online: true, registry: hash } as const
      hear({ ...itself, time: clock.now(), connections })
    },
  })
  return { name: () => `${id}, read here`, close: () => running.close() }
}
