import { Hono } from 'hono'

export { Outbox } from './objects/outbox.ts'
export { RelayGate } from './objects/relay-gate.ts'

const app = new Hono()
app.get('/health', (c) => c.json({ status: 'ok' }))

export default { fetch: app.fetch }
