import { z } from 'zod'
import { jpegFault } from '../../model/jpeg.ts'
import { Problem, problems } from '../problem.ts'
import type { Server } from '../server.ts'
import { photoHash } from './entry-schema.ts'
import type { PhotoStore } from './photo-store.ts'

/** 1600 pixels of a JPEG need a quarter of it. */
const MOST_BYTES = 2 * 1024 * 1024

const TYPE = 'image/jpeg'
const FAULTS = {
  'no-jpeg': 'It is no JPEG.',
  'more-than-a-picture': 'It holds Exif, XMP or the like, which tell a position: send it encoded anew.',
}

/** Photos of what was done, by their hash, which the entry that refers to them seals. Not for everybody. */
export function addPhotoRoutes(server: Server, { photos }: { photos: PhotoStore }): void {
  const params = z.strictObject({ hash: photoHash })

  server.register(async (scope: Server) => {
    scope.addContentTypeParser(
      TYPE,
      { parseAs: 'buffer', bodyLimit: MOST_BYTES },
      async (_: unknown, body: Buffer) => body,
    )

    scope.put(
      '/v1/winter-service/photos/:hash',
      {
        bodyLimit: MOST_BYTES,
        config: { write: { action: 'add-photo', credential: 'account' }, crew: true },
        schema: {
          tags: ['winter-service'],
          summary:
            'Keep a photo, a JPEG of 2 MiB at most without Exif, by its SHA-256; a repeat changes nothing',
          consumes: [TYPE],
          params,
          response: { 204: z.undefined(), ...problems(400, 401, 403, 413, 415) },
        },
      },
      async ({ params: { hash }, body }, reply) => {
        if (!Buffer.isBuffer(body)) throw new Problem(415, `Send the bytes of a JPEG as ${TYPE}.`)
        const fault = jpegFault(body)
        if (fault) throw new Problem(400, FAULTS[fault])
        if (photos.hashOf(body) !== hash) throw new Problem(400, 'hash: is not the SHA-256 of what was sent.')
        photos.add(body)
        return reply.code(204).send()
      },
    )
  })

  server.get(
    '/v1/winter-service/photos/:hash',
    {
      config: { account: true, crew: true },
      schema: {
        tags: ['winter-service'],
        summary: 'A photo by its SHA-256',
        produces: [TYPE],
        params,
        response: { 200: z.unknown(), ...problems(400, 401, 404) },
      },
    },
    async ({ params: { hash } }, reply) => {
      const bytes = photos.read(hash)
      if (!bytes) throw new Problem(404, 'There is no such photo, or it is not what it was.')
      return reply
        .type(TYPE)
        .headers({ 'Cache-Control': 'private, no-store', 'Content-Disposition': 'inline' })
        .send(bytes)
    },
  )
}
