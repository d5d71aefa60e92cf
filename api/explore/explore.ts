import { createAnswerMemory } from '../open-data/answer-memory.ts'
import type { Server } from '../server.ts'
import { addCatalogueRoutes } from './catalogue.ts'
import { addCatalogueExports } from './catalogue-exports.ts'
import type { Parts } from './context.ts'
import { answerExploreError } from './errors.ts'
import { addExportRoutes } from './export-routes.ts'
import { addFacetRoutes } from './facet-routes.ts'
import { addRecordRoutes } from './record-routes.ts'

/** The published versions in the shape of Opendatasoft's Explore API v2.1: read only. */
export function addExploreRoutes(server: Server, given: Omit<Parts, 'memory'>): void {
  const parts = { ...given, memory: createAnswerMemory() }
  server.register(async (scope: Server) => {
    scope.setErrorHandler(answerExploreError)
    addCatalogueRoutes(scope, parts)
    addCatalogueExports(scope, parts)
    addRecordRoutes(scope, parts)
    addExportRoutes(scope, parts)
    addFacetRoutes(scope, parts)
  })
}
