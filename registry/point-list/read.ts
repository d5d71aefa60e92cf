import { stringify } from 'yaml'
import { doubtPoints } from '../checks/doubts.ts'
import { checkGateways } from '../checks/gateways.ts'
import { checkIds } from '../checks/ids.ts'
import { checkPoints } from '../checks/points.ts'
import { readDeviceFiles } from '../device-files.ts'
import { devicesOf, draftRegistry, pointsOf } from '../draft.ts'
import { describePlace, describeProblem, RegistryError, sortProblems } from '../problem.ts'
import { MISSING } from '../shape.ts'
import { problemAt } from '../source.ts'
import { assemble } from './assemble.ts'
import { columnNamed, NEEDED } from './columns.ts'
import { readRows } from './row.ts'

/**
 * The gateways of a point list as YAML, to lay beside the other files of a registry, and what in it is most likely a
 * slip.
 * @throws RegistryError with everything that is wrong with it, by line and column; sites are not known here.
 */
export async function readPointList(
  bytes: Buffer,
  options: { file: string; gateway: string; deviceFolders: readonly string[] },
): Promise<{ yaml: string; warnings: string[] }> {
  const { file, gateway, deviceFolders } = options
  const { rows, columns, problems } = readRows(bytes, file)
  const modelColumn = columnNamed('model')!
  const models = rows.flatMap(({ cells }) => cells.get(modelColumn)?.text.trim() ?? [])
  const library = await readDeviceFiles(models, deviceFolders)
  const { deviceFiles } = library
  const assembled = assemble(rows, { file, deviceFiles, gateway })
  problems.push(...library.problems, ...assembled.problems)

  const { source } = assembled
  const shaped = draftRegistry(source)
  // What has no cell of its own right is told once.
  const told = new Set(problems.map(describePlace))
  const toldColumns = new Set(NEEDED)
  const inRows = shaped.problems.filter(({ line, path, message }) => {
    if (line === undefined) return false
    const isAbsent = message === MISSING && columnNamed(path) && !columns.has(path)
    if (!isAbsent) return true
    // A column that is not there at all is told once, too.
    const isNew = !toldColumns.has(path)
    toldColumns.add(path)
    return isNew
  })
  problems.push(...inRows.filter(problem => !told.has(describePlace(problem))))
  for (const { device, path } of devicesOf(shaped.draft)) {
    if (device.model && library.missing.has(device.model))
      problems.push(problemAt(source, [...path, 'model'], `there is no device file ${device.model}.yaml`))
  }
  const ids = { ...shaped.draft.ids, sites: undefined }
  const draft = { ...shaped.draft, ids, points: pointsOf(shaped.draft, deviceFiles) }
  for (const check of [checkIds(draft), checkGateways(draft), checkPoints(draft, deviceFiles)])
    for (const { source: at = source, path, message } of check) problems.push(problemAt(at, path, message))
  if (problems.length > 0) throw new RegistryError(sortProblems(problems))
  if (rows.length === 0)
    throw new RegistryError([{ file, line: 1, column: 1, path: '', message: 'has no row' }])
  const doubts = [...doubtPoints(draft)].map(({ path, message }) => problemAt(source, path, message))
  return {
    yaml: stringify({ gateways: assembled.gateways.map(withoutEmptyPoints) }),
    warnings: sortProblems(doubts).map(describeProblem),
  }
}

type Assembled = ReturnType<typeof assemble>['gateways'][number]

function withoutEmptyPoints(gateway: Assembled) {
  const connections = gateway.connections.map(connection => ({
    ...connection,
    devices: connection.devices.map(({ points, ...device }) =>
      Object.keys(points).length > 0 ? { ...device, points } : device,
    ),
  }))
  return { ...gateway, connections }
}
