import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describeTerritory } from '../load/territory.ts'
import { FIRST_LIMIT } from './traffic.ts'

export interface RulesSettings {
  points: number
  /** Each watches every point. */
  rules: number
  webhookUrl: string
}

/** Within which a value that comes back is not back yet. */
export const HYSTERESIS = 0.5

/** The limit of each rule; only the first one is ever passed. */
export function limitsOf({ rules }: Pick<RulesSettings, 'rules'>): number[] {
  return Array.from({ length: rules }, (_, i) => FIRST_LIMIT + i)
}

/** Writes the registry of points that are all watched by all rules, which tell a webhook. Returns its file. */
export async function writeTerritory(folder: string, settings: RulesSettings): Promise<string> {
  const file = join(folder, 'territory.yaml')
  const rules = limitsOf(settings).map((above, i) => ({
    id: `rule-${i}`,
    name: { fr: `Règle ${i}`, en: `Rule ${i}` },
    select: { quantity: 'active-power' },
    condition: { type: 'threshold', above, hysteresis: HYSTERESIS },
    severity: 'warning',
    channels: ['hook'],
  }))
  const channels = [{ id: 'hook', type: 'webhook', url: settings.webhookUrl }]
  // No gateway of it runs, so the broker that it names is none.
  const territory = JSON.parse(describeTerritory('mqtt://127.0.0.1:1', settings.points))
  // JSON is YAML.
  await writeFile(file, JSON.stringify({ ...territory, rules, channels }))
  return file
}
