import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pino from 'pino'
import { type ApiOptions, startApi } from '../../api/api.ts'
import { createApiToken } from '../../api/auth/tokens.ts'
import { openPhotoStore } from '../../api/winter-service/photo-store.ts'
import { encodeAlertBatch } from '../../bus/alert-codec.ts'
import { startBroker } from '../../bus/broker.ts'
import { connectBus } from '../../bus/client.ts'
import type { Bus } from '../../bus/contract.ts'
import { topics } from '../../bus/topics.ts'
import { startAlertIngest } from '../../ingest/alert-ingest.ts'
import type { Alert, AlertCommand, AlertEvent } from '../../model/alert.ts'
import type { Clock } from '../../model/clock.ts'
import { forecastBoard } from '../../model/forecast.ts'
import { type Reading, toColumns } from '../../model/reading.ts'
import { fingerprintOf } from '../../registry/fingerprint.ts'
import { openLiveRegistry } from '../../registry/live.ts'
import { loadWritten } from '../../registry/load.ts'
import { openOutlooks } from '../../rules/road-outlook.ts'
import { openRoadStates } from '../../rules/road-states.ts'
import { openEmbeddedReadingStore } from '../../store/embedded/readings.ts'
import { openFigureStore } from '../../store/figures/figure-store.ts'
import { openPurchaseStore } from '../../store/purchases.ts'
import { openQuarantine } from '../../store/quarantine/quarantine-store.ts'
import { openRecordStore } from '../../store/records/record-store.ts'
import { openRevisionStore } from '../../store/revisions.ts'
import { openStatementStore } from '../../store/statements/statement-store.ts'
import { publicationIn } from '../publication/files.ts'

/** The tests' present: a Sunday in winter, 12:00 in Paris. */
export const NOW = Date.parse('2026-11-22T11:00:00Z')
export const MINUTE = 60_000

const log = pino({ level: 'silent' })
const clock: Clock = { now: () => NOW, elapsed: () => NOW }

/** A point of P-256, for which a browser subscribes: its private key is that of RFC 8291, appendix A. */
export const PUSH_KEY =
  'BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8'

/** A served hub with a broker and stores of its own; nothing else runs, so that rules never answer unless told. */
export async function startHub(options: Partial<ApiOptions> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'affluent-api-'))
  const territory = join(folder, 'territory.yaml')
  await cp(fileURLToPath(new URL('territory.yaml', import.meta.url)), territory)
  const loadOptions = {}
  const print = await fingerprintOf(territory)
  const loaded = await loadWritten(territory, loadOptions)
  const registryFiles = openLiveRegistry({ ...loaded, path: territory, print, loadOptions, clock, log })
  const { registry } = registryFiles
  const broker = await startBroker({ host: '127.0.0.1', port: 0, log })
  const bus = await connected(await connectBus({ url: broker.url, clientId: 'api', log }))
  const peer = await connected(await connectBus({ url: broker.url, clientId: 'peer', log }))
  const { timeZone } = registry.territory
  const readings = openWhenAsked(() =>
    openEmbeddedReadingStore({ file: join(folder, 'readings.duckdb'), timeZone, log }),
  )
  const figures = openWhenAsked(() => openFigureStore({ file: join(folder, 'figures.duckdb'), log }))
  const records = openRecordStore({ file: join(folder, 'records.sqlite') })
  const statements = openStatementStore({ file: join(folder, 'statements.sqlite') })
  const revisions = openRevisionStore({ file: join(folder, 'revisions.sqlite') })
  const purchases = openPurchaseStore({ file: join(folder, 'purchases.sqlite') })
  const quarantine = await openQuarantine({
    folder: join(folder, 'quarantine'),
    maxBytes: 8 * 1024 ** 2,
    maxAge: Number.POSITIVE_INFINITY,
    clock,
  })
  const alerts = await startAlertIngest({ bus, records, quarantine, clock, log })
  const publication = publicationIn(join(folder, 'publication'), options.registry ?? registry)
  const served: ApiOptions = {
    host: '127.0.0.1',
    port: 0,
    publicBaseUrl: 'http://127.0.0.1',
    reads: 'everybody',
    registry,
    registryFiles,
    readings,
    figures,
    records,
    statements,
    revisions,
    purchases,
    restated: () => {},
    exclusions: async () => [],
    quarantine,
    photos: openPhotoStore(join(folder, 'photos')),
    bus,
    alerts,
    answerLinks: { find: () => undefined },
    smsGateways: { tokenOf: () => '', toldTo: () => [], tell: async () => {}, baseUrl: () => '' },
    pushKey: PUSH_KEY,
    ruleTrials: {
      failedCases: async () => [],
      preview: async () => ({ would: [], did: [], points: { done: 0, all: 0 } }),
    },
    notifications: () => undefined,
    publication,
    proofLog: undefined,
    outlooks: openOutlooks({ registry: options.registry ?? registry, readings, clock }),
    roadStates: openRoadStates({ registry: options.registry ?? registry, readings, records, clock }),
    forecasts: { board: forecastBoard(() => undefined), states: new Map() },
    forecastStore: { issued: () => [] },
    consoleFolder: join(folder, 'console'),
    version: '0.0.0',
    clock,
    log,
    ...options,
  }
  const api = await startApi(served)
  const { token } = createApiToken({ records, clock, actor: 'tester' })
  return {
    ...api,
    /** What it was started with. */
    served,
    folder,
    /** Of the broker. */
    brokerUrl: broker.url,
    /** The file of the registry. */
    territory,
    registry,
    registryFiles,
    readings,
    figures,
    records,
    statements,
    revisions,
    purchases,
    quarantine,
    clock,
    /** Another client of the broker: a gateway or the rules. */
    peer,
    token,
    /** The headers of who has an account. */
    account: { authorization: `Bearer ${token}` },
    get: (path: string, headers: Record<string, string> = {}) => fetch(api.url + path, { headers }),
    json: async (path: string, headers: Record<string, string> = {}) =>
      readJson(await fetch(api.url + path, { headers })),
    post: (
      path: string,
      headers: Record<string, string> = { authorization: `Bearer ${token}` },
      body?: string,
    ) => fetch(api.url + path, { method: 'POST', headers, body: body ?? null, redirect: 'manual' }),
    store: (...stored: Reading[]) => readings.write(toColumns(stored), []),
    /** Keeps an alert as if its event had gone through ingest. */
    keep: (event: AlertEvent, number = 1) =>
      records.writeAlertEvents([{ sender: 'rules', run: 'r', number, event }], {
        sender: 'rules',
        stream: 'alerts',
        run: 'r',
        upTo: number,
        ranges: [],
      }),
    async close() {
      await api.close()
      await alerts.close()
      await Promise.all([bus.close(), peer.close()])
      await Promise.all([broker.close(), publication.close()])
      await Promise.all([readings.close(), figures.close()])
      records.close()
      statements.close()
      revisions.close()
      quarantine.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** A store that is opened when it is first asked: its thread and file take as long as the rest of a hub. */
function openWhenAsked<T extends { close(): Promise<void> }>(open: () => Promise<T>): T {
  let opened: Promise<T> | undefined
  const ask =
    (name: string | symbol) =>
    async (...args: unknown[]) => {
      opened ??= open()
      const store = await opened
      const method: (...args: unknown[]) => unknown = Reflect.get<object, PropertyKey>(store, name)
      return method(...args)
    }
  const own: object = { close: async () => (await opened)?.close() }
  // What a test puts in place of a method is its own, too; and it is no promise.
  return new Proxy(own as T, {
    get: (target, name) => Reflect.get(target, name) ?? (name === 'then' ? undefined : ask(name)),
  })
}

// biome-ignore lint/suspicious/noExplicitAny: answers have many shapes, and expect looks at each
export type Json = any

export async function readJson(response: Response): Promise<Json> {
  return response.json()
}

export type Hub = Awaited<ReturnType<typeof startHub>>

function connected(bus: Bus): Promise<Bus> {
  return new Promise(resolve => bus.onConnect(() => resolve(bus)))
}

export function reading(
  point: string,
  time: number,
  value: Reading['value'],
  quality: Reading['quality'] = 'good',
): Reading {
  return { point, time, value, quality, gatewayTime: time + 5 }
}

export function frostAlert(state: Alert['state'] = 'firing', more: Partial<Alert> = {}): Alert {
  return {
    id: 'gel-1',
    rule: 'gel',
    point: 'gymnase/air/temperature',
    site: 'gymnase',
    severity: 'warning',
    state,
    since: NOW - 3 * MINUTE,
    firedAt: NOW - 2 * MINUTE,
    value: 4.5,
    lastValue: 4.2,
    message: { fr: 'Risque de gel', en: 'Risk of frost' },
    ...more,
  }
}

export function alertEvent(type: AlertEvent['type'], alert: Alert): AlertEvent {
  return { type, time: NOW - MINUTE, actor: 'rules', alert }
}

/** Rules that do what they are told to, once: a command is given again until it is answered. */
export async function startRules(hub: Hub, commands: AlertCommand[]): Promise<void> {
  await hub.peer.subscribe(topics.alertCommands, (_, payload) => {
    const command: AlertCommand = JSON.parse(payload.toString())
    if (commands.some(({ id }) => id === command.id)) return
    commands.push(command)
    const { alert: id, time: acknowledgedAt, actor } = command
    const alert = frostAlert('acknowledged', { id, acknowledgedAt, acknowledgedBy: actor })
    void hub.peer.publish(
      topics.alertEvents('rules'),
      encodeAlertBatch({
        ...{ version: 1, sender: 'rules', stream: 'alerts', run: 'r', sent: NOW, backlog: false },
        ...{ first: 10 + commands.length, events: [{ type: 'acknowledged', time: NOW, actor, alert }] },
      }),
    )
  })
}
