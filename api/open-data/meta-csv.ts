import { z } from 'zod'
import { spreadsheetRecord } from '../../model/csv.ts'
import type { Server } from '../server.ts'
import type { Publication } from './publication.ts'
import { sendTagged, unchanged } from './send-tagged.ts'

const HEADER = ['name', 'title', 'description', 'theme', 'keyword', 'source_dataset', 'schema_file']

/**
 * What Opendatasoft's harvester of a folder reads beside the files ("FTP with meta CSV" in its user guide): UTF-8,
 * semicolons, and a list in one cell. Files are named as they are in the folder.
 */
export function addMetaCsvRoute(server: Server, publication: Publication): void {
  server.get(
    '/open-data/meta.csv',
    {
      schema: {
        tags: ['open-data'],
        summary: 'The datasets, as Opendatasoft’s harvester of a folder reads them',
        response: {
          200: { description: 'The file', content: { 'text/csv': { schema: z.any() } } },
          304: unchanged,
        },
      },
    },
    async (request, reply) => {
      const told = publication.datasets.filter(({ id }) => publication.latest(id))
      const rows = told.map(({ id, title, description, keywords }) => [
        id,
        title.fr,
        description.fr,
        '',
        keywords.join(';'),
        `${id}.csv`,
        '',
      ])
      const body = [HEADER, ...rows].map(spreadsheetRecord).join('')
      return sendTagged(request, reply, 'text/csv; charset=utf-8', body)
    },
  )
}
