import type { QuantityName } from '../../model/quantity.ts'
import type { Finding } from '../check.ts'
import type { Draft, Entry } from '../draft.ts'
import type { ListName } from '../files.ts'
import type { Rota, Route } from '../on-call-schema.ts'
import type { OutOfService } from '../schema.ts'
import type { Path } from '../source.ts'

/** Who can be told: their ids stand side by side in the steps of a route. */
const RECIPIENTS = ['people', 'teams', 'rotas', 'channels'] as const satisfies readonly ListName[]

/** Routes that lead to somebody, rotas without a hole, a last resort, and what is out of service for a time. */
export function* checkOnCall(draft: Draft): Iterable<Finding> {
  const { people, teams, rotas, routes, territory } = draft
  yield* uniqueRecipients(draft)
  for (const { value, path } of people)
    yield* known(draft, ['channels'], value.channels, [...path, 'channels'])
  yield* phonesOfNobody(draft)
  for (const { value, path } of teams) yield* known(draft, ['people'], value.people, [...path, 'people'])
  for (const rota of rotas) yield* checkRota(draft, rota)
  for (const route of routes) yield* checkRoute(draft, route)
  for (const entry of draft.outOfService) yield* checkOutOfService(draft, entry)

  const { fallback, test } = territory?.alerting ?? {}
  if (test?.site !== undefined && draft.ids.sites?.has(test.site) === false)
    yield { path: ['territory', 'alerting', 'test', 'site'], message: `there is no site ${test.site}` }
  if (fallback)
    yield* known(draft, ['channels'], fallback.channels, ['territory', 'alerting', 'fallback', 'channels'])
  else if (territory && routes[0])
    yield {
      path: routes[0].path,
      message:
        'routes need a last resort: write territory.alerting.fallback, which is told when nobody else is',
    }
}

/** Rules that tell nobody: without a last resort that may be meant, for who only looks at the console. */
export function* doubtReach({ rules, channels, territory }: Draft): Iterable<Finding> {
  if (territory?.alerting?.fallback) return
  const logs = new Set(channels.flatMap(({ value: { id, type } }) => (type === 'log' ? [id] : [])))
  const [first, ...others] = rules.filter(({ value }) => value.channels.every(id => logs.has(id)))
  if (!first) return
  const more = others.length > 0 ? `, nor do ${others.length} others` : ''
  yield {
    path: first.path,
    message: `reaches nobody${more}: give it a channel that people read, or a last resort to all (territory.alerting.fallback)`,
  }
}

/** A daily test whose failure is told, and yet is no alert. */
export function* doubtTest(
  { territory }: Pick<Draft, 'territory'>,
  watched: ReadonlySet<QuantityName>,
): Iterable<Finding> {
  if (!territory?.alerting?.test || watched.has('unreached-channels')) return
  yield {
    path: ['territory', 'alerting', 'test'],
    message: 'raises no alert where it fails: no rule watches unreached-channels',
  }
}

function* checkRota(draft: Draft, { value: rota, path }: Entry<Rota>): Iterable<Finding> {
  if (rota.to <= rota.from) yield { path: [...path, 'to'], message: 'must be after from' }
  yield* known(draft, ['people'], rota.turns?.people ?? [], [...path, 'turns', 'people'])
  for (const list of ['shifts', 'replacements'] as const) {
    for (const [index, { person, from, to }] of rota[list].entries()) {
      if (to <= from) yield { path: [...path, list, index, 'to'], message: 'must be after from' }
      if (draft.ids.people?.has(person) === false)
        yield { path: [...path, list, index, 'person'], message: `there is no ${person} among the people` }
    }
  }
  const planned = new Set([...(rota.turns?.people ?? []), ...rota.shifts.map(({ person }) => person)])
  for (const [index, { for: absent }] of rota.replacements.entries()) {
    if (absent !== undefined && !planned.has(absent))
      yield { path: [...path, 'replacements', index, 'for'], message: `${absent} is never on duty here` }
  }
  if (!rota.turns) for (const message of gapsOf(rota)) yield { path: [...path, 'shifts'], message }
}

/** Local times of one form compare as texts. Who stands in for one person fills no hole: they are there when that one would be. */
function* gapsOf({ from, to, shifts, replacements }: Rota): Iterable<string> {
  let until = from
  const forAll = replacements.filter(replacement => replacement.for === undefined)
  for (const shift of [...shifts, ...forAll].sort((a, b) => (a.from < b.from ? -1 : 1))) {
    if (shift.from > until && until < to)
      yield `nobody is on duty from ${until} to ${shift.from < to ? shift.from : to}`
    if (shift.to > until) until = shift.to
  }
  if (until < to) yield `nobody is on duty from ${until} to ${to}`
}

function* checkRoute(draft: Draft, { value: route, path }: Entry<Route>): Iterable<Finding> {
  for (const list of ['rules', 'sites'] as const)
    yield* known(draft, [list], route[list] ?? [], [...path, list])
  for (const [index, { tell }] of route.steps.entries())
    yield* known(draft, RECIPIENTS, tell, [...path, 'steps', index, 'tell'])
}

function* checkOutOfService(draft: Draft, { value, path }: Entry<OutOfService>): Iterable<Finding> {
  if (value.to <= value.from) yield { path: [...path, 'to'], message: 'must be after from' }
  for (const list of ['rules', 'sites'] as const)
    yield* known(draft, [list], value[list] ?? [], [...path, list])
  if (!draft.complete.has('points')) return
  const points = new Set(draft.points.map(({ id }) => id))
  for (const [index, point] of (value.points ?? []).entries()) {
    if (!points.has(point)) yield { path: [...path, 'points', index], message: `there is no point ${point}` }
  }
}

function* known(
  { ids }: Draft,
  lists: readonly ListName[],
  named: readonly string[],
  path: Path,
): Iterable<Finding> {
  const sets = lists.map(list => ids[list])
  if (sets.some(set => !set)) return
  for (const [index, id] of named.entries()) {
    if (!sets.some(set => set!.has(id)))
      yield { path: [...path, index], message: `there is no ${id} among the ${lists.join(', ')}` }
  }
}

function* phonesOfNobody({ channels, people, complete }: Draft): Iterable<Finding> {
  if (!complete.has('people')) return
  const named = new Set(people.flatMap(({ value }) => value.channels))
  for (const { value, path } of channels) {
    if (value.type === 'push' && !named.has(value.id))
      yield { path, message: 'tells nobody: no person has it among their channels' }
  }
}

function* uniqueRecipients(draft: Draft): Iterable<Finding> {
  const seen = new Map<string, ListName>()
  for (const list of RECIPIENTS) {
    for (const { value, path } of draft[list]) {
      const other = seen.get(value.id)
      if (other !== undefined && other !== list)
        yield {
          path: [...path, 'id'],
          message: `${value.id} is among the ${other}, too: a route could not tell them apart`,
        }
      seen.set(value.id, list)
    }
  }
}
