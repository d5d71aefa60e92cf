/** The fluids of the published datasets, in their published (French) spelling. */
export const FLUIDS = ['electricite', 'gaz', 'eau', 'chaleur', 'froid'] as const
export type Fluid = (typeof FLUIDS)[number]
