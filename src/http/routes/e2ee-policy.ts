/** `/v1/e2ee/policy` and `/v1/e2ee/plan`: who signs and encrypts what, and what that comes to for a message. */

import { Hono } from 'hono'
import { readPolicy, replacePolicy } from '../../app/manage-protection-policy.ts'
import { planRequest } from '../../app/plan-request.ts'
import { requireScope } from '../auth.ts'
import { readBody } from '../body.ts'
import type { AppEnv } from '../context.ts'
import { withinRate } from '../rate.ts'
import { PlanProtectionBody, PutProtectionPolicyBody } from '../schema.generated.ts'

export const e2eePolicyRoutes = new Hono<AppEnv>()

e2eePolicyRoutes.get('/policy', requireScope('manage'), async (c) =>
  c.json(await readPolicy(c.get('deps'))),
)

e2eePolicyRoutes.put('/policy', requireScope('manage'), async (c) => {
  const request = await readBody(c.req.raw, PutProtectionPolicyBody)
  return c.json(await replacePolicy(c.get('deps'), c.get('caller'), request))
})

e2eePolicyRoutes.post('/plan', requireScope('send'), async (c) => {
  const request = await readBody(c.req.raw, PlanProtectionBody)
  // It may look as many keys up as a message would.
  const plan = () => planRequest(c.get('deps'), c.get('caller'), request)
  return c.json(await withinRate(c, 1, plan, () => 1))
})
