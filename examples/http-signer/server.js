// Node 18 or newer, nothing to install: signs for Postern with a key in a PEM file. What it speaks: docs/e2ee-signer.md.
import {
  constants,
  createHash,
  createPrivateKey,
  privateEncrypt,
  sign,
  timingSafeEqual,
} from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import process from 'node:process'

const USAGE = `node server.js
SIGNER_KEY is a PEM file with the private key (RSA, P-256, P-384, P-521 or Ed25519), SIGNER_KEY_NAME what Postern calls it,
SIGNER_TOKEN the bearer token, at least 32 characters; SIGNER_TLS_CERT and SIGNER_TLS_KEY are PEM files of the server's
certificate with its chain, and its key; SIGNER_PORT is 443 unless set.`

const MOST_BYTES = 16 * 1024
const CURVES = {
  'ecdsa-p256-sha256': 'prime256v1',
  'ecdsa-p384-sha384': 'secp384r1',
  'ecdsa-p521-sha512': 'secp521r1',
}
/** What stands before the hash in a DigestInfo (RFC 8017 section 9.2). */
const DIGEST_INFO = {
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
}

const {
  SIGNER_KEY,
  SIGNER_KEY_NAME,
  SIGNER_TOKEN = '',
  SIGNER_TLS_CERT,
  SIGNER_TLS_KEY,
  SIGNER_PORT = '443',
} = process.env
if (
  !SIGNER_KEY ||
  !SIGNER_KEY_NAME ||
  SIGNER_TOKEN.length < 32 ||
  !SIGNER_TLS_CERT ||
  !SIGNER_TLS_KEY
) {
  console.error(USAGE)
  process.exit(2)
}
const privateKey = createPrivateKey(readFileSync(SIGNER_KEY))
const authorization = hash(`Bearer ${SIGNER_TOKEN}`)

class Refusal extends Error {
  constructor(status, reason) {
    super(reason)
    this.status = status
  }
}

function hash(text) {
  return createHash('sha256').update(text).digest()
}

/** Standard base64 and nothing beside it. */
function octetsOf(text) {
  const octets = Buffer.from(String(text), 'base64')
  if (octets.toString('base64') !== text) throw new Refusal(400, 'that is no base64')
  return octets
}

async function readBody(request) {
  const chunks = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes > MOST_BYTES) throw new Refusal(413, 'that is too long')
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString()) ?? {}
  } catch {
    throw new Refusal(400, 'that is no JSON')
  }
}

function signatureOf({ key, algorithm, message, digest }) {
  if (key !== SIGNER_KEY_NAME) throw new Refusal(404, 'there is no such key')
  if ((message === undefined) === (digest === undefined)) {
    throw new Refusal(400, 'give either message or digest')
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = privateKey
  if (type === 'ed25519' && algorithm === 'ed25519') {
    return sign(null, octetsOf(message ?? digest), privateKey)
  }
  const name = String(algorithm)
  const sha = name.split('-').at(-1)
  const [, padding] = /^rsa-(pkcs1|pss)-sha(?:256|384|512)$/.exec(name) ?? []
  if (type === 'rsa' && padding === 'pkcs1' && digest !== undefined)
    return signDigest(sha, octetsOf(digest))
  const isCurve =
    type === 'ec' && Object.hasOwn(CURVES, name) && CURVES[name] === details.namedCurve
  if (!isCurve && !(type === 'rsa' && padding)) throw new Refusal(422, 'the key cannot do that')
  if (message === undefined) throw new Refusal(422, 'only a message can be signed so here')
  const how = {
    pkcs1: { padding: constants.RSA_PKCS1_PADDING },
    pss: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
  }[padding] ?? { dsaEncoding: 'ieee-p1363' }
  return sign(sha, octetsOf(message), { key: privateKey, ...how })
}

/** Node hashes what it signs; so the padding alone is asked for, around what is hashed already. */
function signDigest(sha, digest) {
  const info = Buffer.from(DIGEST_INFO[sha], 'hex')
  if (digest.length !== info.at(-1)) throw new Refusal(400, `that is no digest of ${sha}`)
  return privateEncrypt(
    { key: privateKey, padding: constants.RSA_PKCS1_PADDING },
    Buffer.concat([info, digest]),
  )
}

async function answer(request) {
  if (!timingSafeEqual(hash(request.headers.authorization ?? ''), authorization)) {
    throw new Refusal(401, 'the token is wrong')
  }
  if (request.method !== 'POST') throw new Refusal(405, 'only POST')
  return { signature: signatureOf(await readBody(request)).toString('base64') }
}

const server = createServer(
  { cert: readFileSync(SIGNER_TLS_CERT), key: readFileSync(SIGNER_TLS_KEY) },
  async (request, response) => {
    let status = 200
    let body
    try {
      body = await answer(request)
    } catch (error) {
      status = error instanceof Refusal ? error.status : 500
      body = { error: status === 500 ? 'internal error' : error.message }
      console.error(`${status} ${error.message}`)
    }
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  },
)
server.listen(Number(SIGNER_PORT), () => console.log(`Signing on port ${server.address().port}`))
