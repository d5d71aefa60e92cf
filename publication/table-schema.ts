import type { Field, TableSchema } from './dataset.ts'

/** The fields that a version of a schema had; undefined for a version that there never was. */
export function fieldsOf(schema: TableSchema, version: string): readonly Field[] | undefined {
  const versions = schema.changes.map(change => change.version)
  const at = versions.indexOf(version)
  if (at < 0) return undefined
  const later = new Set(versions.slice(0, at))
  return schema.fields.filter(({ since }) => since === undefined || !later.has(since))
}

/** A schema as it was in a version. */
export function earlierVersion(schema: TableSchema, version: string): TableSchema {
  const at = schema.changes.findIndex(change => change.version === version)
  return { ...schema, version, fields: fieldsOf(schema, version)!, changes: schema.changes.slice(at) }
}

/**
 * A version of a schema as a Table Schema (https://specs.frictionlessdata.io/table-schema/), with the properties that
 * schema.data.gouv.fr asks for.
 * @param address of the schema itself
 */
export function tableSchema(
  schema: TableSchema,
  version: string,
  address: string,
): Record<string, unknown> | undefined {
  const fields = fieldsOf(schema, version)
  if (!fields) return undefined
  const { name, title, description, created, primaryKey, changes } = schema
  return {
    $schema: 'https://specs.frictionlessdata.io/schemas/table-schema.json',
    name,
    title,
    description,
    countryCode: 'FR',
    version,
    created,
    lastModified: changes.find(change => change.version === version)!.date,
    path: address,
    fields: fields.map(({ titleEn, since: _, ...field }) => ({ ...field, title_en: titleEn })),
    missingValues: [''],
    primaryKey,
  }
}

/** What changed with each version of a schema, in the layout that schema.data.gouv.fr expects. */
export function schemaChangelog({ name, changes }: TableSchema): string {
  const entries = changes.map(
    ({ version, date, text }) => `## ${version} – ${date}\n\n${text.fr}\n\n${text.en}\n`,
  )
  return `# ${name}\n\n${entries.join('\n')}`
}

/** What a schema is for and which columns it has. */
export function schemaReadme({ title, name, description, fields, version }: TableSchema): string {
  const rows = fields.map(
    ({ name: column, titleEn, type, description: text }) =>
      `| \`${column}\` | ${type} | ${text} | ${titleEn} |`,
  )
  return [
    `# ${title}\n\n\`${name}\`, version ${version}\n\n${description}\n`,
    '| Colonne | Type | Description | In English |\n|---|---|---|---|',
    `${rows.join('\n')}\n`,
  ].join('\n')
}

export function schemaPath(id: string, version: string): string {
  return `/open-data/schemas/${id}/${version}/schema.json`
}
