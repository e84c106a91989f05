/** The dry run of a trigger: what a call would be taken for, which rules hold, and the mails as they would go. Nothing is sent or stored. */

import type { Bound } from '../domain/binding.ts'
import type { CallScope } from '../domain/call.ts'
import { invalidRequest, PosternError, type Violation } from '../domain/errors.ts'
import { utf8 } from '../domain/source/octets.ts'
import { refusalDetail, type SourceReason } from '../domain/source/reason.ts'
import type { Mailbox } from '../domain/submission.ts'
import type { StoredTrigger } from '../domain/trigger.ts'
import type { Sealer } from '../ports/control-plane.ts'
import type { SnsCertificates } from '../ports/sns-certificates.ts'
import type { TriggerStore } from '../ports/trigger-store.ts'
import type { SubmitDeps } from './accept-submission.ts'
import { scopeOf } from './call-scope.ts'
import { evaluateTrigger, type PlannedMail } from './evaluate-trigger.ts'
import { findTrigger } from './manage-triggers.ts'
import { receiveCall } from './receive-call.ts'
import type { TemplateDeps } from './render-template.ts'
import { judgeSubmission } from './submit-message.ts'
import { openSecrets } from './trigger-secrets.ts'
import { submitterOf } from './trigger-submitter.ts'

export interface TestWork extends SubmitDeps, TemplateDeps {
  triggers: TriggerStore
  sealer: Sealer
  snsCertificates: SnsCertificates
}

/** `payload` is a body in JSON; `body` is one as it is. */
export interface TestRequest {
  payload?: unknown
  body?: string
  headers?: Record<string, string>
  query?: Record<string, string>
  /** Whether the proof in `headers` is looked at, as of now. */
  verify?: boolean
}

export interface TestedMail {
  rule: string
  number: number | null
  /** Null where it can't be sent. */
  message: {
    from: Mailbox
    to: Mailbox[]
    cc: Mailbox[]
    bcc: Mailbox[]
    reply_to: Mailbox[]
    subject: string
    text: string | null
    html: string | null
    headers: Record<string, string>
    tags: Record<string, string>
    /** Names of those that may carry it, in order. */
    relays: string[]
    recipients: { address: string; protection: string }[]
  } | null
  problem: { code: string; detail: string; errors: Violation[] } | null
}

export interface TestDocument {
  /** Null: nobody looked. */
  verified: { ok: boolean; code: SourceReason | null; detail: string } | null
  /** Whether it is a call, or asks for nothing but an answer. */
  kind: 'call' | 'challenge' | 'ping'
  /** What Liquid sees. */
  scope: CallScope
  rules: string[]
  mails: TestedMail[]
  left_out: number
}

/** @throws PosternError `auth.binding`, `trigger.not_found`, `request.malformed`, `request.invalid` */
export async function testTrigger(
  work: TestWork,
  caller: Bound,
  id: string,
  request: TestRequest,
  origin: string,
): Promise<TestDocument> {
  const trigger = await findTrigger(work, caller, id)
  checkBody(request)
  const headers = headersOf(request)
  const body = utf8(request.body ?? JSON.stringify(request.payload ?? {}))
  const query = new URLSearchParams(request.query)
  const url = `${origin}/t/${id}${query.size === 0 ? '' : `?${query}`}`
  const received = request.verify ? await verify(work, trigger, { url, headers, body }) : null
  const scope = await scopeOf(
    {
      query,
      headers,
      type: headers.get('content-type') ?? '',
      body,
      ...(received?.kind === 'call' &&
        received.verified.payload && { signed: received.verified.payload }),
    },
    trigger.source,
  )
  const isAsking = received?.kind === 'challenge' || received?.kind === 'ping'
  const { rules, mails, left_out } = isAsking
    ? { rules: [], mails: [], left_out: 0 }
    : await evaluateTrigger(work, trigger, scope)
  return {
    verified: received && verdictOf(received),
    kind: isAsking ? received.kind : 'call',
    scope,
    rules,
    mails: await Promise.all(mails.map((mail) => testMail(work, trigger, mail, origin))),
    left_out,
  }
}

function checkBody({ payload, body, verify }: TestRequest): void {
  const refuse = (
    pointer: string,
    code: 'field.required' | 'field.not_allowed',
    message: string,
  ) => {
    throw invalidRequest([{ pointer, code, message }])
  }
  if (body === undefined) {
    if (verify) refuse('/body', 'field.required', 'a proof is over the body as it came: give that')
  } else if (payload !== undefined) {
    refuse('/payload', 'field.not_allowed', 'stands beside body: give one of them')
  }
}

function headersOf({ headers = {}, body }: TestRequest): Headers {
  try {
    const all = new Headers(headers)
    if (body === undefined && !all.has('content-type')) all.set('content-type', 'application/json')
    return all
  } catch {
    const message = 'a header has a name or value that no header has'
    throw invalidRequest([{ pointer: '/headers', code: 'header.value', message }])
  }
}

/** Nobody is asked back: a subscription isn't confirmed by a dry run. */
async function verify(
  { sealer, clock, snsCertificates }: TestWork,
  trigger: StoredTrigger,
  call: { url: string; headers: Headers; body: Uint8Array },
) {
  const outside = async () => ({ problem: 'refused' as const, detail: 'a dry run asks nobody' })
  const secrets = await openSecrets(sealer, trigger)
  const ports = { outside, snsCertificates }
  return await receiveCall({ method: 'POST', ...call }, trigger.source, secrets, clock.now(), ports)
}

function verdictOf(received: Awaited<ReturnType<typeof receiveCall>>): TestDocument['verified'] {
  if (received.kind !== 'refused') return { ok: true, code: null, detail: '' }
  return { ok: false, code: received.reason, detail: refusalDetail(received) }
}

async function testMail(
  work: TestWork,
  trigger: StoredTrigger,
  planned: PlannedMail,
  origin: string,
): Promise<TestedMail> {
  const { rule, number } = planned
  try {
    if ('violations' in planned) throw invalidRequest(planned.violations)
    const submitted = { request: planned.request, files: [] }
    const judged = await judgeSubmission(work, submitted, {
      submitter: submitterOf(trigger),
      origin,
    })
    const { content, envelope, terms } = judged.checked
    const { from, to, cc, bcc, reply_to, subject, text, html, headers } = content
    const message = {
      from,
      to,
      cc,
      bcc,
      reply_to,
      subject,
      text,
      html,
      headers: Object.fromEntries(headers),
      tags: terms.tags,
      relays: judged.relays,
      recipients: envelope.recipients.map(({ address }, index) => ({
        address,
        protection: judged.protection.recipients[index]?.protection ?? 'none',
      })),
    }
    return { rule, number, message, problem: null }
  } catch (error) {
    if (!(error instanceof PosternError)) throw error
    const { code, message: detail, violations: errors } = error
    return { rule, number, message: null, problem: { code, detail, errors } }
  }
}
