import { addressOf, type Entity, TYPES } from './model.ts'

const DEFAULT = ['id', 'phenomenonTime', 'resultTime', 'result', 'resultQuality']
const KNOWN = ['id', ...TYPES.Observations.properties]

/** Observations by Datastream, each as its values in the order of the components (OGC 18-088, 13.1). */
export function describeDataArray(
  observations: readonly Entity[],
  select: readonly string[] | undefined,
  root: string,
): object[] {
  const components = (select ?? DEFAULT).filter(name => KNOWN.includes(name))
  const groups = Map.groupBy(observations, ({ links }) => links.Datastream![0]!)
  return [...groups].map(([datastream, own]) => ({
    'Datastream@iot.navigationLink': `${root}/${addressOf({ set: 'Datastreams', id: datastream })}`,
    components,
    dataArray: own.map(({ id, values }) =>
      components.map(name => (name === 'id' ? id : (values[name] ?? null))),
    ),
  }))
}
