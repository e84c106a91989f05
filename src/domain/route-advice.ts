/** What can be wrong with the ports of a relay, and the cure: one row for each word that a check of a route may end with. */

import { listed } from './listed.ts'
import type { Advice, RouteCheck } from './relay-check.ts'
import { portOf } from './route.ts'

interface RouteFacts {
  host: string
  /** The ports of this outcome: `587 and 2525`. */
  ports: string
  /** The ports that work; empty for none. */
  working: string
  /** The verb for one port or for several. */
  verb(one: string, several: string): string
}

type RouteRow = (facts: RouteFacts) => Advice

const unanswered: RouteRow = ({ host, ports, working, verb }) =>
  working
    ? {
        what: `${ports} ${verb('does', 'do')} not answer from here, ${working} ${working.includes(' ') ? 'work' : 'works'}: your network or the relay blocks ${ports}.`,
        do: `Nothing has to be done: mail goes over ${working}. List it first in routes to save the detour.`,
      }
    : {
        what: `${host} lets no connection in from here on ${ports}: the name is wrong, the server is down, or a firewall stands between.`,
        do: 'Check the name and try from another network. On a server of your own open the port to all addresses, since the gateway has no fixed one.',
      }

const untrusted: RouteRow = ({ host, ports }) => ({
  what: `TLS could not be proven on ${ports}: the certificate is not from a public authority, has expired or is for another name than ${host}, or what answers there speaks no TLS.`,
  do: `Give the server a certificate of a public authority for exactly ${host}, with its intermediate ones (Let's Encrypt does), or give as host the name that the certificate has. There is no switch to ignore it.`,
})

const ROUTES: Record<string, RouteRow> = {
  connect_failed: unanswered,
  connect_timeout: unanswered,
  connect_refused: ({ ports, verb }) => ({
    what: `${ports} ${verb('closes', 'close')} the connection without a greeting: a firewall or the relay does not want this address.`,
    do: 'On a server of your own admit all addresses to the submission ports; elsewhere ask the relay.',
  }),
  banner_timeout: ({ ports }) => ({
    what: `The relay lets a connection in on ${ports} and says nothing: most likely it speaks TLS there from the first octet, or it makes newcomers wait.`,
    do: 'Give the route "tls": "implicit" if it is the port of submissions (465, 2465).',
  }),
  protocol_error: ({ ports }) => ({
    what: `What answers on ${ports} does not speak SMTP.`,
    do: 'Check host and port; a proxy or a captive portal on the way answers like this too.',
  }),
  relay_busy: ({ ports }) => ({
    what: `The relay is busy or limits this address (${ports}).`,
    do: 'Read its words in the steps and try again later; fewer sessions (max_sessions) help against limits.',
  }),
  relay_refuses: ({ ports }) => ({
    what: `The relay greets with a refusal on ${ports}: it takes no mail, or has this address on a block list.`,
    do: 'Its greeting names the list. Ask the relay to admit you, or use another one.',
  }),
  ehlo_unsupported: ({ ports, verb }) => ({
    what: `${ports} ${verb('knows', 'know')} no EHLO, so there is neither TLS nor a login.`,
    do: 'Use a submission port (587, 465) of a mail server of this age.',
  }),
  ehlo_name: () => ({
    what: 'The relay dislikes the name that the gateway gives itself.',
    do: 'Set ehlo_name to a host name of yours that resolves.',
  }),
  tls_not_offered: ({ ports, verb }) => ({
    what: `${ports} ${verb('offers', 'offer')} no STARTTLS: the relay has none there, or somebody on the way takes the offer out.`,
    do: 'Use 465 with "tls": "implicit". On a server of your own switch STARTTLS on (Postfix: smtpd_tls_security_level = may). Nothing goes out in clear.',
  }),
  tls_refused: ({ ports }) => ({
    what: `The relay offers STARTTLS on ${ports} and then refuses it: its certificate or key is missing or cannot be read.`,
    do: 'Look into the log of the mail server.',
  }),
  starttls_injection: ({ ports }) => ({
    what: `Octets came before TLS on ${ports}: somebody may be injecting commands.`,
    do: 'Use 465 with "tls": "implicit", and treat the network between as hostile until it is explained.',
  }),
  tls_handshake: untrusted,
  tls_untrusted: untrusted,
  auth_unavailable: ({ ports, verb }) => ({
    what: `${ports} ${verb('offers', 'offer')} no login after TLS that these credentials can use.`,
    do: 'Use a submission port (587, 465), not one for servers. On a server of your own switch AUTH PLAIN on (Postfix: smtpd_sasl_auth_enable = yes).',
  }),
  not_tried: ({ ports, verb }) => ({
    what: `${ports} ${verb('was', 'were')} not tried: connections to other ports still hang.`,
    do: 'Take the ports that do not answer out of routes.',
  }),
}

/** One piece of advice for all ports that fail alike. */
export function routeAdvice(host: string, routes: RouteCheck[]): Advice[] {
  const portsOf = (some: RouteCheck[]) => listed(some.map(({ route }) => portOf(route)))
  const working = portsOf(routes.filter(({ outcome }) => outcome === 'ok'))
  const groups = Map.groupBy(routes, ({ outcome }) => ROUTES[outcome])
  return [...groups].flatMap(([row, group]) => {
    if (!row) return []
    const verb = (one: string, several: string) => (group.length > 1 ? several : one)
    return [row({ host, ports: portsOf(group), working, verb })]
  })
}
