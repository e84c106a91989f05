/** A hand that signs as SNS does, with certificates of its own. */

// @peculiar/x509 needs the polyfill to be there before it.
import 'reflect-metadata'
import { sign, webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

export const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:alerts'
export const HOST = 'sns.eu-west-1.amazonaws.com'
export const CERTIFICATE_PATH = '/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem'

const DAY_MS = 86_400_000
const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 2048,
}
const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const crypto = webcrypto as unknown as Crypto

export interface SnsIdentity {
  pem: string
  subject: string
  keys: CryptoKeyPair
}

interface Asked {
  names?: string[]
  /** Days from `now`. */
  from?: number
  until?: number
  now?: number
  issuer?: SnsIdentity
  ca?: boolean
  algorithm?: object
}

export const SMALL_RSA = { ...RSA, modulusLength: 1024 }
export { EC }

export async function snsIdentity({
  names = ['sns.amazonaws.com'],
  from = -1,
  until = 30,
  now = Date.now(),
  issuer,
  ca = false,
  algorithm = RSA,
}: Asked = {}): Promise<SnsIdentity> {
  const keys = (await crypto.subtle.generateKey(algorithm as typeof EC, true, [
    'sign',
    'verify',
  ])) as CryptoKeyPair
  const subject = `CN=${names[0]}`
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: '0102030405',
      subject,
      issuer: issuer?.subject ?? subject,
      notBefore: new Date(now + from * DAY_MS),
      notAfter: new Date(now + until * DAY_MS),
      signingAlgorithm: issuer ? RSA : (algorithm as typeof RSA),
      publicKey: keys.publicKey,
      signingKey: (issuer?.keys ?? keys).privateKey,
      extensions: [
        new x509.BasicConstraintsExtension(ca, undefined, true),
        new x509.SubjectAlternativeNameExtension(
          names.map((value) => ({ type: 'dns' as const, value })),
        ),
      ],
    },
    crypto,
  )
  return { pem: certificate.toString('pem'), subject, keys }
}

/** A message as SNS posts it; `changes` are made before it is signed. */
export async function snsMessage(
  { keys }: SnsIdentity,
  at: number,
  changes: Record<string, string | undefined> = {},
): Promise<Record<string, string>> {
  const message: Record<string, string | undefined> = {
    Type: 'Notification',
    MessageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
    TopicArn: TOPIC,
    Subject: 'My First Message',
    Message: 'Hello\nworld, ünd all!',
    Timestamp: new Date(at).toISOString(),
    SignatureVersion: '2',
    SigningCertURL: `https://${HOST}${CERTIFICATE_PATH}`,
    UnsubscribeURL: `https://${HOST}/?Action=Unsubscribe&SubscriptionArn=${TOPIC}:c9135db0-26c4-47ec-8998-413945fb5a96`,
    ...changes,
  }
  const names =
    message.Type === 'Notification'
      ? ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
      : ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type']
  const text = names
    .filter((name) => message[name] !== undefined)
    .map((name) => `${name}\n${message[name]}\n`)
    .join('')
  const pkcs8 = Buffer.from(
    (await crypto.subtle.exportKey('pkcs8', keys.privateKey)) as ArrayBuffer,
  )
  const hash = message.SignatureVersion === '1' ? 'RSA-SHA1' : 'RSA-SHA256'
  const signature = sign(hash, Buffer.from(text), { key: pkcs8, format: 'der', type: 'pkcs8' })
  return JSON.parse(JSON.stringify({ ...message, Signature: signature.toString('base64') }))
}

/** What asks for a subscription to be confirmed, or tells of its end. */
export function confirmation(type: 'SubscriptionConfirmation' | 'UnsubscribeConfirmation') {
  const Token =
    '2336412f37fb687f5d51e6e241d09c805a5a57b30d712f794cc5f6a988666d92768dd60a747ba6f3beb71854e285d6ad'
  return {
    Type: type,
    Subject: undefined,
    Message: `You have chosen to subscribe to the topic ${TOPIC}.`,
    Token,
    SubscribeURL: `https://${HOST}/?Action=ConfirmSubscription&TopicArn=${TOPIC}&Token=${Token}`,
    UnsubscribeURL: undefined,
  }
}
