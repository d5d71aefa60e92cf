import { QUEUE_TAG } from '../background-sync.ts'
import { answer, isKept } from './answers.ts'
import { openAlert, renewPush, showPush } from './push.ts'
import type { AskEvent, WorkerScope } from './scope.ts'
import { sendWaiting } from './send-waiting.ts'

/** Written by the build: every file of the page, and a version that changes with any of them. */
declare const SHELL: { version: string; files: string[] }

const PREFIX = 'crew-shell-'
const CACHE = PREFIX + SHELL.version

const scope = self as unknown as WorkerScope

scope.addEventListener('install', event => event.waitUntil(install()))
scope.addEventListener('activate', event => event.waitUntil(activate()))
scope.addEventListener('fetch', take)
scope.addEventListener('sync', event => {
  if (event.tag === QUEUE_TAG) event.waitUntil(sendWaiting())
})
scope.addEventListener('push', event => {
  if (event.data) event.waitUntil(showPush(scope, event.data.json()))
})
scope.addEventListener('notificationclick', event => {
  event.notification.close()
  event.waitUntil(openAlert(scope, event.notification.data.alert))
})
scope.addEventListener('pushsubscriptionchange', event => event.waitUntil(renewPush(scope, event)))

async function install(): Promise<void> {
  const cache = await caches.open(CACHE)
  await cache.addAll(SHELL.files.map(file => new Request(file, { cache: 'reload' })))
  await scope.skipWaiting()
}

async function activate(): Promise<void> {
  const old = (await caches.keys()).filter(name => name.startsWith(PREFIX) && name !== CACHE)
  await Promise.all(old.map(name => caches.delete(name)))
  await scope.clients.claim()
}

function take(event: AskEvent): void {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== location.origin) return
  if (request.mode === 'navigate') event.respondWith(file('/crew.html', request))
  else if (SHELL.files.includes(url.pathname)) event.respondWith(file(url.pathname, request))
  else if (isKept(url)) event.respondWith(answer(request))
}

async function file(name: string, request: Request): Promise<Response> {
  const cache = await caches.open(CACHE)
  return (await cache.match(name)) ?? fetch(request)
}
