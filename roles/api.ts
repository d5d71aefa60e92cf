import { fileURLToPath } from 'node:url'
import type { Answerable } from '../api/answers/answers.ts'
import { type ApiOptions, startApi } from '../api/api.ts'
import { createLoginLink, HUB, needsLoginLink } from '../api/auth/tokens.ts'
import { openPhotoStore } from '../api/winter-service/photo-store.ts'
import { openOfficialStation } from '../energy/official-station.ts'
import { openIssuer } from '../gateway/follow/issuer.ts'
import { publishRegistries } from '../gateway/follow/publish.ts'
import { type Forecasts, openForecasts } from '../gateway/forecasts/forecasts.ts'
import { startAlertIngest } from '../ingest/alert-ingest.ts'
import type { Ingest } from '../ingest/ingest.ts'
import { previewRule } from '../operations/preview-rule.ts'
import { tryCases } from '../operations/try-cases.ts'
import { type Deliveries, openDeliveries } from '../rules/notify/deliveries.ts'
import { tellText } from '../rules/notify/http.ts'
import { openLinks } from '../rules/notify/links.ts'
import { actorOf, isOfHub, type Notice } from '../rules/notify/notice.ts'
import { type Notify, startNotify } from '../rules/notify/notify.ts'
import { openPhones } from '../rules/notify/phones.ts'
import { openOutlooks } from '../rules/road-outlook.ts'
import { openRoadStates } from '../rules/road-states.ts'
import type { Hub } from '../start.ts'
import type { HubParts } from './parts.ts'

const CONSOLE_FOLDER = fileURLToPath(new URL('../dist/console', import.meta.url))

/** The API with the console, and what belongs to the records: alert events, and who is told of them. */
export async function startApiRole(
  parts: HubParts,
  ingest: Ingest | undefined,
  {
    director,
    restated,
    exclusions,
    publication,
    proofLog,
  }: Pick<ApiOptions, 'director' | 'restated' | 'exclusions' | 'publication' | 'proofLog'>,
): Promise<
  Pick<Hub, 'url' | 'loginLink'> & {
    askForecasts: Forecasts['ask']
    notify: Notify
    lastTest: Deliveries['lastTest']
  }
> {
  const { settings, registry, registryFiles, version, clock, log, stores, keep, at, connect, address } = parts
  const readings = await stores.readings()
  const figures = await stores.figures()
  const records = await stores.records()
  const statements = await stores.statements()
  const revisions = await stores.revisions()
  const purchases = await stores.purchases()
  const quarantine = await stores.quarantine()
  const alerts = keep(
    await startAlertIngest({ bus: await connect('records'), records, quarantine, clock, log }),
  )
  const folder = at('notify')
  const deliveries = keep(openDeliveries(folder, clock.now()))
  const links = openLinks(folder, number => deliveries.notice({ number }))
  const phones = openPhones({ folder, registry, records })
  let telling: Notify | undefined
  const issuer = openIssuer(settings.data, clock.now)
  const forecastStore = await stores.forecasts()
  const forecasts = keep(
    openForecasts({ registry, store: forecastStore, bus: await connect('forecasts'), clock, log }),
  )
  const api = keep(
    await startApi({
      ...settings.http,
      requestsPerMinute: settings.publication.requestsPerMinute,
      publicBaseUrl: settings.publicBaseUrl,
      publicMqtt: settings.publicMqtt,
      registry,
      registryFiles,
      readings,
      figures,
      records,
      quarantine,
      photos: openPhotoStore(at('photos')),
      bus: await connect('api'),
      readingsBus: await parts.hearReadings(),
      alerts,
      answerLinks: { find: token => answerable(links.noticeOf(token)) },
      smsGateways: {
        tokenOf: links.replyTokenOf,
        toldTo: deliveries.toldTo,
        tell: (channel, text) => tellText(channel, { text, link: `${address.baseUrl}/alerts` }),
        baseUrl: () => address.baseUrl,
      },
      pushKey: phones.publicKey,
      outlooks: openOutlooks({ registry, readings, foresee: forecasts.board.foresee, clock }),
      roadStates: openRoadStates({ registry, readings, records, clock }),
      forecasts,
      forecastStore,
      notifications: () =>
        telling && {
          counts: telling.counts,
          waitingSince: deliveries.waitingSince(),
          lastTest: deliveries.lastTest(),
        },
      publication,
      proofLog,
      ingest,
      ruleTrials: {
        ...(settings.follow && { locked: 'followed' }),
        failedCases: tried => tryCases(registryFiles.path, tried),
        preview: (registry, span, signal) => previewRule({ ...parts, ...stores, registry }, span, signal),
      },
      director,
      statements,
      revisions,
      purchases,
      restated,
      officialStation: settings.officialStation && openOfficialStation(settings.officialStation, log),
      exclusions,
      consoleFolder: CONSOLE_FOLDER,
      registryProblemOf: ({ sender, follows }) =>
        follows === undefined ? undefined : issuer.problemOf(sender, follows),
      version,
      clock,
      log,
    }),
  )
  keep(publishRegistries({ registry, issuer, bus: await connect('registries'), log }))
  const notify = keep(
    await startNotify({
      registry,
      bus: await connect('notify'),
      records,
      deliveries,
      links,
      phones,
      clock,
      log,
      baseUrl: () => address.baseUrl,
    }),
  )
  telling = notify
  alerts.onStored(event => notify.tell([event]))
  registryFiles.onTakenOver(async (previous, by = HUB) => {
    const target = `${previous.hash} ${registry.hash}`
    records.audit({ time: clock.now(), actor: by, action: 'take-over-registry', target })
    await notify.change(previous)
  })
  // With port 0 only the system knows the address.
  if (new URL(address.baseUrl).port === '0') address.baseUrl = api.url
  const { baseUrl } = address
  const loginLink = needsLoginLink(records) ? createLoginLink({ records, clock, baseUrl }) : undefined
  const { lastTest } = deliveries
  return { url: api.url, loginLink, askForecasts: forecasts.ask, notify, lastTest }
}

/** What the link of a notice stands for: a test of the hub's has no answer. */
export function answerable(notice: Notice | undefined): Answerable | undefined {
  if (!notice || isOfHub(notice.event)) return undefined
  const { id, change } = notice.event.alert
  const { person, channel } = notice
  return {
    alert: id,
    change: change?.number ?? 0,
    actor: actorOf(notice),
    channel,
    ...(person !== undefined && { person }),
  }
}
