import * as z from 'zod'
import type { Me } from './contract.ts'

/** Who is asking, after the token was found good. */
export type Principal = Me

export type Role = Me['roles'][number]
const ROLES: readonly Role[] = ['clinicians', 'leads']

/**
 * The claims that we read. Cognito and the local sign-in use the same names; API Gateway hands all of them over as
 * strings, so a list of groups may arrive as `[clinicians leads]`.
 */
const ClaimsSchema = z.looseObject({
  sub: z.string().min(1),
  username: z.string().min(1).optional(),
  name: z.string().min(1).optional(),
  'cognito:groups': z.union([z.array(z.string()), z.string()]).optional(),
})

/** Undefined when the claims name nobody. Unknown groups are left out: a group of another product opens nothing here. */
export function principalFromClaims(claims: unknown): Principal | undefined {
  const parsed = ClaimsSchema.safeParse(claims)
  if (!parsed.success) return undefined
  const { sub, username, name } = parsed.data
  const groups = groupNames(parsed.data['cognito:groups'])
  const reviewer = username ?? sub
  return { reviewer, name: name ?? reviewer, roles: ROLES.filter((role) => groups.includes(role)) }
}

/** `["clinicians","leads"]`, `"[clinicians leads]"`, `"clinicians,leads"` and `"clinicians"` all name their groups. */
export function groupNames(claim: string | readonly string[] | undefined): readonly string[] {
  if (claim === undefined) return []
  if (typeof claim !== 'string') return claim
  return claim
    .replace(/^\[|\]$/g, '')
    .split(/[\s,]+/)
    .filter((name) => name !== '')
}
