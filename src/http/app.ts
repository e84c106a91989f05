/** The HTTP edge: what happens to every request, in order. */

import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { ContentBudget } from '../app/content-budget.ts'
import { PosternError } from '../domain/errors.ts'
import { newId } from '../domain/id.ts'
import type { SettingProblem } from '../domain/setting-reader.ts'
import type { Env } from '../env.ts'
import { authenticate } from './auth.ts'
import { discardRest } from './body-stream.ts'
import type { AppEnv, Deps } from './context.ts'
import { allowedMethods } from './methods.ts'
import { problemResponse } from './problem.ts'
import { callRoutes } from './routes/calls.ts'
import { dkimRoutes } from './routes/dkim.ts'
import { e2eeRoutes } from './routes/e2ee.ts'
import { e2eePolicyRoutes } from './routes/e2ee-policy.ts'
import { keyRoutes } from './routes/keys.ts'
import { messageRoutes } from './routes/messages.ts'
import { relayRoutes } from './routes/relays.ts'
import { resealRoutes } from './routes/reseal.ts'
import { type SiteTexts, siteRoutes } from './routes/site.ts'
import { statusRoutes } from './routes/status.ts'
import { templateRoutes } from './routes/templates.ts'
import { triggerCallRoutes } from './routes/trigger-calls.ts'
import { triggerRoutes } from './routes/triggers.ts'

/** What the environment came to: the graph, or everything that is wrong with the settings. */
export type Configured = { deps: Deps; problems?: never } | { problems: SettingProblem[] }

export interface AppParts {
  /** Called for every request; remembers what it built. */
  configure(env: Env): Configured
  /** What has to be in place before an API request is served; remembers that it is. */
  prepare?(env: Env): Promise<void>
  texts: SiteTexts
}

export function createApp({ configure, prepare, texts }: AppParts): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  app.use(restOfBody())
  app.use(requestId())
  app.onError(problemResponse)
  app.notFound((c) => problemResponse(noSuchRoute(app, c), c))
  app.use(hostCheck())
  app.use(settingsCheck(configure))
  app.route('/', siteRoutes(configure, texts))
  const prepared: MiddlewareHandler<AppEnv> = async (c, next) => {
    await prepare?.(c.env)
    await next()
  }
  const budget = new ContentBudget()
  app.use('/t/*', prepared)
  app.route('/t', callRoutes(budget))
  app.use('/v1/*', prepared)
  app.use('/v1/*', authenticate())
  app.route('/v1/messages', messageRoutes(budget))
  app.route('/v1/relays', relayRoutes)
  app.route('/v1/keys', keyRoutes)
  app.route('/v1/dkim', dkimRoutes)
  app.route('/v1/e2ee', e2eeRoutes)
  app.route('/v1/templates', templateRoutes)
  app.route('/v1/triggers', triggerRoutes)
  app.route('/v1/triggers', triggerCallRoutes)
  app.route('/v1/e2ee', e2eePolicyRoutes)
  app.route('/v1/status', statusRoutes)
  app.route('/v1/reseal', resealRoutes)
  return app
}

/** A body that was refused before its end is taken off the line, so that the answer arrives. */
function restOfBody(): MiddlewareHandler<AppEnv> {
  return async function restOfBody(c, next) {
    await next()
    await discardRest(c.req.raw)
  }
}

/** Always our own: a caller's value could forge a log line or hide one. */
function requestId(): MiddlewareHandler<AppEnv> {
  return async function requestId(c, next) {
    const id = newId('req', Date.now())
    c.set('requestId', id)
    c.header('Request-Id', id)
    c.header('X-Content-Type-Options', 'nosniff')
    await next()
  }
}

const HOST = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i

/** The runtime makes the request's URL of it as it came: another sign would move the path, or leave no URL at all. */
function hostCheck(): MiddlewareHandler<AppEnv> {
  return async function hostCheck(c, next) {
    const host = c.req.header('Host')
    if (host !== undefined && !(HOST.test(host) && URL.canParse(c.req.url))) {
      throw new PosternError('request.malformed', 'The Host header is no host name.')
    }
    await next()
  }
}

/** Without sound settings only `/` and `/health` answer; the names of all that are wrong, never a value. */
function settingsCheck(configure: (env: Env) => Configured): MiddlewareHandler<AppEnv> {
  return async function settingsCheck(c, next) {
    const configured = configure(c.env)
    if (configured.problems === undefined) c.set('deps', configured.deps)
    else if (c.req.path !== '/' && c.req.path !== '/health') {
      throw settingsError(configured.problems)
    }
    await next()
  }
}

function settingsError(problems: SettingProblem[]): PosternError {
  const named = problems.map(({ setting, problem }) => `${setting} ${problem}`).join('; ')
  return new PosternError('config.invalid', `Set what is missing and deploy again: ${named}.`, {
    violations: problems.map(({ setting, problem }) => ({
      pointer: `/settings/${setting}`,
      code: 'config.invalid',
      message: `${setting} ${problem}`,
    })),
  })
}

function noSuchRoute(app: Hono<AppEnv>, c: Context<AppEnv>): PosternError {
  const allowed = allowedMethods(app.routes, c.req.path)
  if (allowed.length === 0) {
    return new PosternError(
      'route.not_found',
      'There is no such route; /docs lists those there are.',
    )
  }
  c.header('Allow', allowed.join(', '))
  return new PosternError('route.method', `Only ${allowed.join(' and ')} can be used here.`)
}
