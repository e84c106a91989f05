/**
 * Dials over `cloudflare:sockets`, by host name so that TLS is checked against the name that was configured (RFC 7817).
 * Implicit TLS too is dialled as `starttls`: only so does the runtime tell a refused port from a bad certificate.
 */

import { connect } from 'cloudflare:sockets'
import type { Dial } from '../ports/socket.ts'

export const dialCloudflare: Dial = (host, port) =>
  connect({ hostname: host, port }, { secureTransport: 'starttls', allowHalfOpen: false })
