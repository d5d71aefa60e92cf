import { stringify } from 'yaml'
import { checkGateways } from '../checks/gateways.ts'
import { checkIds } from '../checks/ids.ts'
import { checkPoints } from '../checks/points.ts'
import { readDeviceFiles } from '../device-files.ts'
import { devicesOf, draftRegistry, pointsOf } from '../draft.ts'
import { describePlace, RegistryError, sortProblems } from '../problem.ts'
import { problemAt } from '../source.ts'
import { assemble } from './assemble.ts'
import { columnNamed } from './columns.ts'
import { readRows } from './row.ts'

/**
 * The gateways of a point list as YAML, to lay beside the other files of a registry.
 * @throws RegistryError with everything that is wrong with it, by line and column; sites are not known here.
 */
export async function readPointList(
  bytes: Buffer,
  options: { file: string; gateway: string; deviceFolders: readonly string[] },
): Promise<string> {
  const { file, gateway, deviceFolders } = options
  const { rows, problems } = readRows(bytes, file)
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
  const inRows = shaped.problems.filter(({ line }) => line !== undefined)
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
  return stringify({ gateways: assembled.gateways.map(withoutEmptyPoints) })
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
