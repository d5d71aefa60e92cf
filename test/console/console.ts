import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { build } from 'vite'
import type { ApiOptions } from '../../api/api.ts'
import { encodeAlertBatch } from '../../bus/alert-codec.ts'
import { encodeReadingBatch } from '../../bus/codec.ts'
import { topics } from '../../bus/topics.ts'
import type { AlertCommand, AlertEvent } from '../../model/alert.ts'
import { periodsBetween, startOfLocalDate } from '../../model/calendar.ts'
import { type Reading, toColumns } from '../../model/reading.ts'
import { beginTrack, obey } from '../../rules/state-machine.ts'
import { frostAlert, type Hub, NOW, startHub } from '../api/hub.ts'
import { launchShell } from '../peers/chromium.ts'

/** Builds the console as it is now into a folder of the test's own. */
async function buildConsole(folder: string): Promise<void> {
  const configFile = fileURLToPath(new URL('../../dashboards/console/vite.config.ts', import.meta.url))
  await build({ configFile, logLevel: 'warn', build: { outDir: folder } })
}

/** A hub that serves the console, with a year of consumption in which one month is incomplete and one unknown. */
export async function startConsoleHub(
  consoleFolder: string,
  options: Partial<ApiOptions> = {},
): Promise<Hub> {
  const hub = await startHub({ consoleFolder, ...options })
  const [from, to] = [startOfLocalDate('2025-10-01', ZONE), startOfLocalDate('2026-11-01', ZONE)]
  const figures = periodsBetween('month', from, to, ZONE).flatMap((month, index) => {
    if (index === 4) return []
    const days = periodsBetween('day', month.start, month.end, ZONE)
    return days.map(({ start, end }, day) => ({
      start,
      end,
      // Of the site's share, three quarters, 12,330.3 kWh and 3 more each month.
      amount: day === 0 ? 1_644_040 + 400 * index : 0,
      coveredMs: (end - start) * (index === 3 ? 0.5 : 1),
      readings: 144,
    }))
  })
  await hub.figures.replace('college-elec', 'day', from, to, figures)
  return hub
}

const ZONE = 'Europe/Paris'

export interface Visit {
  page: Page
  /** What the console of the browser said, and every request that left for another host. */
  complaints: string[]
  close(): Promise<void>
}

/** Opens a page as a French reader would, and notes everything that should not happen. */
export async function visit(
  browser: Browser,
  hub: Hub,
  path: string,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({ locale: 'fr-FR', baseURL: hub.url, ...options })
  const page = await context.newPage()
  const complaints = complaintsOf(page, hub)
  await page.goto(path)
  await page.getByText('En direct').waitFor()
  return { page, complaints, close: () => context.close() }
}

/** Behind those of what a test has had kept: an event with a number that is there already changes nothing. */
let number = 100

/** What a gateway sends: it reaches the page by the bus alone. */
export function publishReadings(hub: Hub, ...readings: Reading[]): Promise<void> {
  const first = number
  number += readings.length
  const batch = {
    version: 1 as const,
    sender: 'gw-essai',
    stream: 'measures' as const,
    run: 'r',
    first,
    sent: NOW,
    backlog: false,
    readings: toColumns(readings),
  }
  return hub.peer.publish(topics.readings('gw-essai'), encodeReadingBatch(batch))
}

/** The status of a gateway whose journal is so full, of 1, and suffices so long; its clock may be off, ms. */
export function publishOutbox(hub: Hub, share: number, timeLeftMs: number, clockOffset = 0): Promise<void> {
  const status = {
    version: 1,
    sender: 'gw-essai',
    role: 'gateway',
    online: true,
    registry: hub.registry.gatewayParts.get('gw-essai')!.hash,
    time: NOW,
    waiting: { measures: 500 },
    outbox: {
      bytes: 1000 * share,
      maxBytes: 1000,
      share,
      streams: { measures: { bytes: 1000 * share, timeLeftMs } },
    },
    clockOffset,
  }
  return hub.peer.publish(topics.status('gw-essai'), JSON.stringify(status), { retain: true })
}

export async function publishAlert(hub: Hub, event: AlertEvent): Promise<void> {
  const first = number++
  const batch = {
    version: 1 as const,
    sender: 'rules',
    stream: 'alerts' as const,
    run: 'r',
    first,
    sent: NOW,
    backlog: false,
    events: [event],
  }
  await hub.peer.publish(topics.alertEvents('rules'), encodeAlertBatch(batch))
}

/** What the console of the browser says from now on, and every request that leaves for another host. */
export function complaintsOf(page: Page, hub: Pick<Hub, 'url'>): string[] {
  const complaints: string[] = []
  page.on('console', message => {
    if (message.type() === 'error' || message.type() === 'warning')
      complaints.push(`${message.text()} ${message.location().url}`)
  })
  page.on('pageerror', error => complaints.push(error.message))
  page.on('request', request => {
    if (!request.url().startsWith(`${hub.url}/`)) complaints.push(`request to ${request.url()}`)
  })
  return complaints
}

/** The built console in a folder of its own, and a browser to open it. */
export async function startBrowser() {
  const folder = await mkdtemp(join(tmpdir(), 'affluent-console-'))
  await buildConsole(folder)
  const browser = await launchShell()
  return {
    folder,
    browser,
    async close() {
      await browser.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** Answers commands as the rules would. */
export async function answerCommands(hub: Hub): Promise<void> {
  let track = beginTrack(frostAlert())
  await hub.peer.subscribe(topics.alertCommands, (_, payload) => {
    const command: AlertCommand = JSON.parse(payload.toString())
    const step = obey(track, command, { now: command.time, elapsed: command.time })
    track = step.track
    if (step.event) void publishAlert(hub, step.event)
  })
}
