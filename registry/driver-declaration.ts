import type { z } from 'zod'
import * as drivers from '../gateway/drivers/drivers.ts'
import type { Address } from '../model/address.ts'
import type { DriverName, PointDefinition } from './schema.ts'
import type { Path } from './source.ts'

/**
 * What the registry must know of a driver: `gateway/drivers/<name>/declaration.ts` exports all this. It is part of the
 * registry and loads nothing of the driver itself. Methods, so that each may name the types of its own schemas.
 */
export interface DriverDeclaration {
  /** What a connection says beside `id`, `driver` and `devices`. */
  connection: z.ZodRawShape
  /** What a device says beside `id`, `site`, `model` and `points`. */
  device: z.ZodRawShape
  /** Where the value of a point is, under the driver's name. */
  source: z.ZodObject
  /** The source of a point as the driver gets it: with what its device says, and placed. */
  resolve(source: unknown, device: unknown, context: ResolveContext): object
  /** What does not fit together in a connection, a device, or a source whatever the device. */
  checkConnection?(connection: unknown): Iterable<Misfit>
  checkDevice?(device: unknown): Iterable<Misfit>
  checkSource?(source: unknown, definition: PointDefinition): Iterable<Misfit>
  /** Why a device cannot serve a source of its points. */
  whyUnfit?(source: unknown, device: unknown): string | undefined
  /** What a connection must have for itself, such as a serial line. */
  lineOf?(connection: unknown): string | undefined
  /** Where a simulator of its devices listens; absent where there is none. */
  addressOf?(connection: unknown): Address | undefined
}

/** Something that does not fit, beside the path of what was asked about. */
export interface Misfit {
  path: Path
  message: string
}

export interface ResolveContext {
  /** Of the territory: for times that name none. */
  timeZone: string
}

/** The declaration of every driver. */
export const DECLARATIONS: Readonly<Record<DriverName, DriverDeclaration>> = drivers
