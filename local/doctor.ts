/**
 * `npm run doctor -- HOST`: tries a relay from this machine with the gateway's own code. Sends no mail. Exit code 0 where
 * a route works, and the login too if one was asked for; 1 where not; 2 for wrong arguments.
 */

import { examineRelay, UNCOUNTED } from '../src/app/doctor.ts'
import type { RelayCredential } from '../src/domain/relay.ts'
import { readRelayHost } from '../src/domain/relay-host-guard.ts'
import { defaultRoutes, parseRoute } from '../src/domain/relay-hosts.ts'
import { RELAY_PORTS, type Route } from '../src/domain/route.ts'
import { relayConnector } from '../src/net/ladder.ts'
import { askPassword } from './ask-password.ts'
import { readCall, runCommand, UsageError } from './command.ts'
import { reportLines } from './doctor-report.ts'
import { nodeDial } from './node-dial.ts'

const USAGE = `npm run doctor -- HOST [--user USER] [--port PORT[:starttls|:implicit]]… [--ehlo-name NAME] [--json]
  --user USER       logs in as USER, once, on the first port that works; the password is taken from
                    SMTP_PASSWORD, else asked for
  --port PORT:TLS   a port to try and how TLS begins there, several in the order to try them;
                    left out, the ports the gateway would use for this host
  --ehlo-name NAME  what to call ourselves
  --json            the answer of POST /v1/relays/{id}/check
Hosts in private networks and other ports only with ALLOW_PRIVATE_RELAYS=1.`

interface Choice {
  host: string
  routes: Route[]
  user: string | null
  ehloName: string | null
  json: boolean
}

function readArguments(): Choice {
  const { values, positionals } = readCall({
    user: { type: 'string' },
    port: { type: 'string', multiple: true, default: [] },
    'ehlo-name': { type: 'string' },
    json: { type: 'boolean', default: false },
  })
  const [name, ...more] = positionals
  if (name === undefined || more.length > 0) throw new UsageError('Give one host.')
  const reach = process.env.ALLOW_PRIVATE_RELAYS === '1' ? 'private' : 'public'
  const read = readRelayHost(name, reach)
  if ('problem' in read) throw new UsageError(`The host ${read.problem}.`)
  const routes = values.port.map((text) => readRoute(text, reach === 'private'))
  return {
    host: read.host,
    routes: routes.length > 0 ? routes : defaultRoutes(read.host),
    user: values.user ?? null,
    ehloName: values['ehlo-name'] ?? null,
    json: values.json,
  }
}

function readRoute(text: string, anyPort: boolean): Route {
  const route = parseRoute(text)
  if (!route) throw new UsageError(`"${text}" is no port like 587:starttls.`)
  if (!anyPort && !RELAY_PORTS.includes(route.port)) {
    throw new UsageError(`Port ${route.port} is no relay port: ${RELAY_PORTS.join(', ')}.`)
  }
  return route
}

async function readCredential(user: string | null): Promise<RelayCredential | null> {
  if (user === null) return null
  const password = process.env.SMTP_PASSWORD || (await askPassword(`Password of ${user}: `))
  return { user, password }
}

async function main(): Promise<number> {
  const { host, routes, user, ehloName, json } = readArguments()
  const credential = await readCredential(user)
  const check = await examineRelay({
    connector: relayConnector(nodeDial(), (error) => console.error(error)),
    relay: { host, routes, ehlo_name: ehloName },
    credential,
    desk: credential && UNCOUNTED,
  })
  console.log(json ? JSON.stringify(check, null, 2) : reportLines(check).join('\n'))
  return check.works ? 0 : 1
}

await runCommand(USAGE, main)
