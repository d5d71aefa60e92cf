import type { Finding } from '../check.ts'
import { checkCondition } from '../conditions/conditions.ts'
import type { Draft } from '../draft.ts'
import { selectPoints } from '../select.ts'

/** Rules that watch something, can come true, and reach somebody. */
export function* checkRules(draft: Draft): Iterable<Finding> {
  const { channels } = draft.ids
  const siteKinds = new Map(draft.sites.map(({ value }) => [value.id, value.kind]))
  const points = draft.points.map(({ id, device, definition }) => ({
    id,
    site: device.site,
    quantityName: definition.quantity,
    interval: definition.heartbeat ?? definition.interval,
  }))
  const known = new Set(points.map(({ id }) => id))
  const selectable = draft.complete.has('points') && draft.complete.has('sites')

  for (const { value: channel, path } of draft.channels) {
    const other = 'otherwise' in channel ? channel.otherwise : undefined
    if (other !== undefined && channels && !channels.has(other))
      yield { path: [...path, 'otherwise'], message: `there is no channel ${other}` }
    if (comesBack(channel.id, draft))
      yield { path: [...path, 'otherwise'], message: 'leads back here: the last channel has none' }
  }

  for (const { value: rule, path } of draft.rules) {
    for (const [index, channel] of rule.channels.entries()) {
      if (channels && !channels.has(channel))
        yield { path: [...path, 'channels', index], message: `there is no channel ${channel}` }
    }
    for (const [index, other] of rule.inhibitedBy.entries()) {
      const at = [...path, 'inhibitedBy', index]
      if (other === rule.id) yield { path: at, message: 'a rule does not inhibit itself' }
      else if (!draft.rules.some(({ value }) => value.id === other))
        yield { path: at, message: `there is no rule ${other}` }
      else if (inhibits(rule.id, other, draft))
        yield { path: at, message: `${other} is inhibited by ${rule.id}: neither would be told` }
    }
    if (!selectable) continue

    const [list, named] =
      'points' in rule.select ? ['points', rule.select.points] : ['except', rule.select.except]
    for (const [index, point] of named.entries()) {
      if (!known.has(point))
        yield { path: [...path, 'select', list, index], message: `there is no point ${point}` }
    }
    const selected = selectPoints(rule.select, points, site => siteKinds.get(site))
    if (selected.length === 0 && list === 'except')
      yield { path: [...path, 'select'], message: 'no point fits this' }

    for (const point of selected) {
      const misfit = checkCondition(rule.condition, point, points)
      if (!misfit) continue
      yield { path: [...path, 'condition', ...misfit.path], message: misfit.message }
      break
    }
  }
}

/** Whether the channels that stand in for a channel end at itself. */
function comesBack(channel: string, { channels }: Draft): boolean {
  const next = new Map(
    channels.map(({ value }) => [value.id, 'otherwise' in value ? value.otherwise : undefined]),
  )
  const seen = new Set<string>()
  for (let at = next.get(channel); at !== undefined && !seen.has(at); at = next.get(at)) seen.add(at)
  return seen.has(channel)
}

/** Whether a rule inhibits another one, through others or directly. */
function inhibits(rule: string, other: string, { rules }: Draft): boolean {
  const by = new Map(rules.map(({ value }) => [value.id, value.inhibitedBy]))
  const seen = new Set<string>()
  const open = [other]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (seen.has(at)) continue
    seen.add(at)
    open.push(...(by.get(at) ?? []))
  }
  return seen.has(rule)
}
