import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { filters } from '../../bus/topics.ts'
import { peerProgram } from '../../test/peers/cache.ts'
import { runPeer, untilReady } from '../../test/peers/process.ts'
import type { Subject } from '../processes.ts'
import { HYSTERESIS, limitsOf, type RulesSettings } from './territory.ts'

/** For any number of rules, with the state of each point in an array: as quick as it can be had. */
const FUNCTION = `
const limits = context.get('limits')
const states = context.get('states')
const { points, values, qualities } = msg.payload.readings
const told = []
for (let i = 0; i < points.length; i++) {
  if (qualities[i] !== 'good') continue
  let beyond = states.get(points[i])
  if (!beyond) states.set(points[i], (beyond = new Array(limits.length).fill(false)))
  for (let rule = 0; rule < limits.length; rule++) {
    const excess = values[i] - limits[rule]
    const is = excess > 0 || (beyond[rule] && excess > ${-HYSTERESIS})
    if (is === beyond[rule]) continue
    beyond[rule] = is
    const alert = { rule, point: points[i], value: values[i] }
    told.push({ payload: { event: is ? 'fired' : 'resolved', alert } })
  }
}
return [told]
`

/** How the rules are put: in one function, or each in a node of its own, as people draw them. */
export type NodeRedLayout = 'function' | 'flows'

/** mqtt in → functions → http request, with connections kept open. */
function describeFlows(port: number, layout: NodeRedLayout, settings: RulesSettings): object[] {
  const place = { z: 'flow', x: 0, y: 0 }
  const broker = { broker: '127.0.0.1', port, clientid: 'node-red', protocolVersion: '4', keepalive: '60' }
  const limits = limitsOf(settings)
  const rules = (layout === 'function' ? [limits] : limits.map(limit => [limit])).map((own, i) => ({
    ...{ ...place, id: `rules-${i}`, type: 'function', func: FUNCTION, outputs: 1, wires: [['out']] },
    initialize: `context.set('limits', ${JSON.stringify(own)})\ncontext.set('states', new Map())`,
  }))
  return [
    { id: 'flow', type: 'tab', label: 'Alerts' },
    { id: 'broker', type: 'mqtt-broker', ...broker, cleansession: true, autoConnect: true },
    {
      ...{ ...place, id: 'in', type: 'mqtt in', broker: 'broker', wires: [rules.map(({ id }) => id)] },
      ...{ topic: filters.allReadings, qos: '1', datatype: 'json' },
    },
    ...rules,
    {
      ...{ ...place, id: 'out', type: 'http request', method: 'POST', url: settings.webhookUrl },
      ...{ ret: 'txt', paytoqs: 'ignore', persist: true, headers: [], wires: [[]] },
    },
  ]
}

/** Without its editor. */
const SETTINGS = `module.exports = {
  flowFile: 'flows.json',
  credentialSecret: false,
  httpAdminRoot: false,
  httpNodeRoot: false,
  telemetry: { enabled: false },
  logging: { console: { level: 'info', metrics: false, audit: false } },
}
`

/** Node-RED with the same rules, under our Node; resolves when it is connected. */
export async function startNodeRed(
  folder: string,
  port: number,
  layout: NodeRedLayout,
  settings: RulesSettings,
): Promise<Subject> {
  const place = join(folder, 'node-red')
  const file = join(place, 'settings.cjs')
  await mkdir(place)
  await writeFile(join(place, 'flows.json'), JSON.stringify(describeFlows(port, layout, settings)))
  await writeFile(file, SETTINGS)
  const peer = runPeer(process.execPath, [peerProgram('node-red'), '--userDir', place, '--settings', file])
  await untilReady(peer, async () => (peer.output().includes('Connected to broker') ? true : undefined))
  return { pid: peer.child.pid!, close: peer.close }
}
