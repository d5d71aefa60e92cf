import type { Finding } from '../check.ts'
import { checkCondition } from '../conditions/conditions.ts'
import { derivedPoints, resolveDerived } from '../derived/derived.ts'
import type { Draft } from '../draft.ts'
import type { Channel } from '../schema.ts'
import { selectPoints } from '../select.ts'
import { reaches } from './reach.ts'

/** Rules that watch something, can come true, and reach somebody. */
export function* checkRules(draft: Draft): Iterable<Finding> {
  const { channels } = draft.ids
  const sites = new Map(draft.sites.map(({ value }) => [value.id, value]))
  const measured = draft.points.map(({ id, device, definition }) => ({
    id,
    site: device.site,
    device: device.id,
    quantityName: definition.quantity,
    unit: definition.unit,
    tags: definition.tags,
    interval: definition.heartbeat ?? definition.interval,
  }))
  const points = [...measured, ...derivedPoints(draft).map(resolveDerived)]
  const byId = new Map(points.map(point => [point.id, point]))
  const selectable = draft.complete.has('points') && draft.complete.has('sites')

  const standIns = new Map(draft.channels.map(({ value }) => [value.id, standInsOf(value)]))
  const inhibitors = new Map(draft.rules.map(({ value }) => [value.id, value.inhibitedBy]))

  for (const { value: channel, path } of draft.channels) {
    const [other] = standInsOf(channel)
    if (other !== undefined && channels && !channels.has(other))
      yield { path: [...path, 'otherwise'], message: `there is no channel ${other}` }
    if (other !== undefined && reaches(other, channel.id, id => standIns.get(id) ?? []))
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
      else if (draft.ids.rules && !draft.ids.rules.has(other))
        yield { path: at, message: `there is no rule ${other}` }
      else if (reaches(other, rule.id, id => inhibitors.get(id) ?? []))
        yield { path: at, message: `${other} is inhibited by ${rule.id}: neither would be told` }
    }
    if (!selectable) continue

    const [list, named] =
      'points' in rule.select ? ['points', rule.select.points] : ['except', rule.select.except]
    for (const [index, point] of named.entries()) {
      if (!byId.has(point))
        yield { path: [...path, 'select', list, index], message: `there is no point ${point}` }
    }
    const selected = selectPoints(rule.select, points, site => sites.get(site))
    if (selected.length === 0 && list === 'except')
      yield { path: [...path, 'select'], message: 'no point fits this' }

    for (const point of selected) {
      const misfit = checkCondition(rule.condition, point, byId)
      if (!misfit) continue
      yield { path: [...path, 'condition', ...misfit.path], message: misfit.message }
      break
    }
  }
}

/** The channel that tells what this one cannot, where there is one. */
function standInsOf(channel: Channel): string[] {
  return 'otherwise' in channel && channel.otherwise !== undefined ? [channel.otherwise] : []
}
