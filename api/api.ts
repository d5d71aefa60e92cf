import { maxHeaderSize } from 'node:http'
import type { AddressInfo } from 'node:net'
import cookie from '@fastify/cookie'
import Fastify, { type FastifyBaseLogger, LogController } from 'fastify'
import { validatorCompiler } from 'fastify-type-provider-zod'
import type { Logger } from 'pino'
import type { Bus } from '../bus/contract.ts'
import { isForPublicBroker, startPublicBroker } from '../bus/public-broker.ts'
import { loadFactors } from '../energy/factors.ts'
import type { OfficialStation } from '../energy/official-station.ts'
import { formatAddress, ListenError } from '../model/address.ts'
import type { Clock } from '../model/clock.ts'
import type { LiveRegistry } from '../registry/live.ts'
import type { Registry } from '../registry/registry.ts'
import type { FigureStore } from '../store/figures.ts'
import type { PurchaseStore } from '../store/purchases.ts'
import type { Quarantine } from '../store/quarantine.ts'
import type { ReadingStore } from '../store/readings.ts'
import type { RecordStore } from '../store/records.ts'
import type { RevisionStore } from '../store/revisions.ts'
import type { StatementStore } from '../store/statements.ts'
import { addAlertRoutes } from './alerts/alerts.ts'
import { addAlertHistoryRoutes } from './alerts/history.ts'
import { addResponseRoutes } from './alerts/responses.ts'
import { addReviewRoutes } from './alerts/review.ts'
import { type AnswerLinks, addAnswerRoutes } from './answers/answers.ts'
import { addKeyRoute } from './answers/keys.ts'
import { addSmsRoutes, type SmsGateways } from './answers/sms.ts'
import { addAuthRoutes } from './auth/auth.ts'
import { guardRoutes, type Reads } from './auth/guard.ts'
import { addBalanceRoutes } from './balance/balance.ts'
import { addBaseLoadRoutes } from './base-load/base-load.ts'
import { addCkanRoutes } from './ckan/ckan.ts'
import { addCompletenessRoutes } from './completeness/completeness.ts'
import { addConsole } from './console/console.ts'
import { addConsumptionRoutes } from './consumption/consumption.ts'
import { addCostRoutes } from './cost/cost.ts'
import { addDatex2Routes } from './datex2/datex2.ts'
import { addComparisonRoutes } from './energy/comparison.ts'
import { addEnergyRoutes } from './energy/energy.ts'
import { addPublicBodyRoutes } from './energy/public-body.ts'
import { addPurchaseRoutes } from './energy/purchases.ts'
import { addTertiaryRoutes } from './energy/tertiary.ts'
import { addZoneRoutes } from './energy/zones.ts'
import { addExploreRoutes } from './explore/explore.ts'
import { addFindingRoutes } from './findings/findings.ts'
import { addForecastRoutes, type ForecastRoutes } from './forecasts/forecasts.ts'
import { addGatewayRoutes } from './gateways/gateways.ts'
import { addHeaders, refuseForeignHosts } from './headers.ts'
import { addHealthRoutes } from './health/health.ts'
import { type AlertSource, type FeedOptions, openFeed } from './live/feed.ts'
import { addLiveRoutes } from './live/live.ts'
import { addMetricRoutes, type IngestStats } from './metrics/metrics.ts'
import type { NotificationStats } from './metrics/notifications.ts'
import { addNightRoutes } from './nights/nights.ts'
import { addDutyRoutes } from './open-data/duties.ts'
import { addLogRoutes, type PublicationLog } from './open-data/log.ts'
import { addOpenDataRoutes } from './open-data/open-data.ts'
import { addOpenDataPages } from './open-data/pages.ts'
import type { Publication } from './open-data/publication.ts'
import { addOpenApi } from './openapi/openapi.ts'
import { addOutlookRoutes, type OutlookRoutes } from './outlook/outlook.ts'
import { addPowerRoutes } from './power/power.ts'
import { answerError } from './problem.ts'
import { addProfileRoutes } from './profile/profile.ts'
import { letPublicWait, limitPublic } from './public-rate.ts'
import { addPushRoutes } from './push/push.ts'
import { addQuarantineRoutes } from './quarantine/quarantine.ts'
import { addReadingRoutes } from './readings/readings.ts'
import { addRegistryRoutes } from './registry/registry.ts'
import { addRevisionRoutes } from './revisions/revisions.ts'
import { addRoadStateRoutes, type RoadStateRoutes } from './road-states/road-states.ts'
import { publishRoadWeather, ROAD_WEATHER_TOPIC } from './road-weather/live.ts'
import { addRoadWeatherRoutes } from './road-weather/road-weather.ts'
import { addRouting } from './routing.ts'
import { addRuleRoutes, type RuleTrials } from './rules/rules.ts'
import { addScenarioRoutes, type ScenarioRoutes } from './scenarios/scenarios.ts'
import { addSensorThingsRoutes } from './sensor-things/sensor-things.ts'
import type { Server } from './server.ts'
import { addSiteRoutes } from './sites/sites.ts'
import { addStatementRoutes } from './statements/statements.ts'
import { addTraceRoutes, type TraceRoutes } from './trace/trace.ts'
import { addCircuitRoutes } from './winter-service/circuits.ts'
import { addEntryRoutes } from './winter-service/entries.ts'
import { addNightLogRoutes } from './winter-service/nights.ts'
import type { PhotoStore } from './winter-service/photo-store.ts'
import { addPhotoRoutes } from './winter-service/photos.ts'

export interface ApiOptions {
  host: string
  /** 0: any free one. */
  port: number
  /** Whose word is taken for the address of a client. */
  proxies?: readonly string[]
  /** Who may read what is not open data. */
  reads: Reads
  /** Of open data, from one address; 0 or none: as many as it likes. */
  requestsPerMinute?: number
  /** How browsers reach us: a name of ours, and by https or not. */
  publicBaseUrl: string
  registry: Registry
  /** Where it comes from. */
  registryFiles: LiveRegistry
  readings: ReadingStore
  figures: FigureStore
  records: RecordStore
  quarantine: Quarantine
  photos: PhotoStore
  statements: StatementStore
  revisions: RevisionStore
  purchases: PurchaseStore
  /** A station of Météo-France, where the hub has its files. */
  officialStation?: () => Promise<OfficialStation>
  /** Told of a meter of which something else is stated than before. */
  restated(meter: string): void
  exclusions: TraceRoutes['exclusions']
  /** How a rule would have done. */
  ruleTrials: RuleTrials
  bus: Bus
  readingsBus?: FeedOptions['readingsBus']
  alerts: AlertSource
  answerLinks: AnswerLinks
  /** Of the channels to which people answer by SMS. */
  smsGateways: SmsGateways
  /** For which browsers subscribe to pushes. */
  pushKey: string
  publication: Publication
  /** Undefined where it cannot be read. */
  proofLog: PublicationLog | undefined
  outlooks: OutlookRoutes['outlooks']
  roadStates: RoadStateRoutes['roadStates']
  forecasts: ForecastRoutes['forecasts']
  forecastStore: ForecastRoutes['forecastStore']
  /** Where ingest runs in this process: its counters. */
  ingest?: IngestStats
  /** How telling people of alerts goes; undefined until that has begun. */
  notifications(): NotificationStats | undefined
  director?: ScenarioRoutes['director']
  /** Where the public may listen to the road weather over MQTT. */
  publicMqtt?: { maxClients: number } | undefined
  /** The built files of the console. */
  consoleFolder: string
  version: string
  clock: Clock
  log: Logger
  /** How long the rules may take to answer a command. */
  commandTimeoutMs?: number
  heartbeatMs?: number
  /** How often senders that have fallen silent are looked for, ms. */
  silenceCheckMs?: number
  /** What is known here to be wrong with the registry that a sender runs, in words. */
  registryProblemOf?: FeedOptions['registryProblemOf']
}

export interface Api {
  /** Where it listens. */
  url: string
  port: number
  close(): Promise<void>
}

/** Requests under way at the end get so long to finish. */
const CLOSE_PATIENCE_MS = 1500

/**
 * Serves the API, the open data and the console.
 * @throws ListenError when the address cannot be listened on.
 */
export async function startApi(options: ApiOptions): Promise<Api> {
  const { host, port, publicBaseUrl, registry, records, bus, clock, log, version, consoleFolder } = options
  const { readingsBus, alerts, registryProblemOf, silenceCheckMs, proxies = [] } = options
  const feed = await openFeed({ bus, readingsBus, alerts, clock, log, registryProblemOf, silenceCheckMs })
  const server: Server = Fastify({
    loggerInstance: log as FastifyBaseLogger,
    // A request's line would hold the token of a login link.
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors: answerError,
    // The id of an alert has that of its rule and of its point: the router's own limit of 100 is too short.
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: maxHeaderSize },
    trustProxy: [...proxies],
    // What else asks to be upgraded, such as to HTTP/2, is answered as if it had not.
    http: { shouldUpgradeCallback: isForPublicBroker },
  })
  server.setValidatorCompiler(validatorCompiler)
  // Answers are typed by their schemas; checking each again would cost more than making it.
  server.setSerializerCompiler(() => JSON.stringify)
  server.setErrorHandler(answerError)
  addRouting(server, consoleFolder)
  addHeaders(server)
  refuseForeignHosts(server, host, publicBaseUrl)
  await server.register(cookie)
  letPublicWait(server, clock)
  await limitPublic(server, options.requestsPerMinute ?? 0)
  guardRoutes(server, options, options.reads)
  await addOpenApi(server, version)

  const parts = { ...options, feed }
  const { heartbeatMs = 15_000, commandTimeoutMs: timeoutMs = 5000 } = options
  const live = addLiveRoutes(server, { registry, feed, clock, heartbeatMs })
  const publicBroker =
    options.publicMqtt &&
    (await startPublicBroker({
      ...options.publicMqtt,
      server: server.server,
      root: ROAD_WEATHER_TOPIC,
      log,
    }))
  const roadWeather = publicBroker && publishRoadWeather({ registry, feed, broker: publicBroker, clock })
  const metrics = addMetricRoutes(server, {
    registryFiles: options.registryFiles,
    feed,
    records,
    ingest: options.ingest,
    quarantine: options.quarantine,
    liveClients: live.clients,
    publicClients: publicBroker?.clients,
    notifications: options.notifications,
    clock,
    version,
  })
  addSiteRoutes(server, parts)
  addReadingRoutes(server, parts)
  addConsumptionRoutes(server, parts)
  addBalanceRoutes(server, parts)
  addNightRoutes(server, parts)
  addPowerRoutes(server, parts)
  addBaseLoadRoutes(server, parts)
  addProfileRoutes(server, parts)
  addStatementRoutes(server, parts)
  addRevisionRoutes(server, parts)
  addTraceRoutes(server, parts)
  addCostRoutes(server, parts)
  const factors = await loadFactors()
  addEnergyRoutes(server, { ...parts, factors, officialStation: options.officialStation })
  addComparisonRoutes(server, { ...parts, factors })
  addTertiaryRoutes(server, { ...parts, factors })
  addPublicBodyRoutes(server, { ...parts, factors })
  addPurchaseRoutes(server, { ...parts, factors })
  addZoneRoutes(server, parts)
  addFindingRoutes(server, parts)
  addAlertRoutes(server, { ...parts, timeoutMs })
  addReviewRoutes(server, parts)
  addAnswerRoutes(server, { ...parts, timeoutMs })
  addKeyRoute(server, { ...parts, timeoutMs })
  addSmsRoutes(server, { ...parts, timeoutMs })
  addPushRoutes(server, parts)
  addAlertHistoryRoutes(server, parts)
  addResponseRoutes(server, parts)
  addCircuitRoutes(server, parts)
  addPhotoRoutes(server, parts)
  addEntryRoutes(server, parts)
  addNightLogRoutes(server, parts)
  addOutlookRoutes(server, parts)
  addRoadStateRoutes(server, parts)
  addForecastRoutes(server, parts)
  addGatewayRoutes(server, parts)
  addCompletenessRoutes(server, parts)
  addQuarantineRoutes(server, parts)
  addScenarioRoutes(server, parts)
  addRegistryRoutes(server, parts)
  addRuleRoutes(server, parts)
  addAuthRoutes(server, { ...parts, secure: publicBaseUrl.startsWith('https:') })
  addOpenDataRoutes(server, parts)
  addCkanRoutes(server, parts)
  addExploreRoutes(server, parts)
  addLogRoutes(server, parts)
  addOpenDataPages(server, parts)
  addDutyRoutes(server, parts)
  addRoadWeatherRoutes(server, parts)
  addDatex2Routes(server, parts)
  addSensorThingsRoutes(server, parts)
  addHealthRoutes(server, parts)
  addConsole(server, consoleFolder)

  const close = async () => {
    live.close()
    roadWeather?.close()
    await publicBroker?.close()
    metrics.close()
    feed.close()
    const patience = setTimeout(() => server.server.closeAllConnections(), CLOSE_PATIENCE_MS)
    await server.close()
    clearTimeout(patience)
  }

  try {
    await server.listen({ host, port })
  } catch (error) {
    await close()
    const { syscall } = error as NodeJS.ErrnoException
    throw syscall === undefined
      ? error
      : new ListenError('http', { host, port }, error as NodeJS.ErrnoException)
  }
  const address = server.server.address() as AddressInfo
  return { url: `http://${formatAddress({ host, port: address.port })}`, port: address.port, close }
}
