/** Where a topic's region speaks from. A message may name no other place: neither for a certificate nor for a confirmation. */

export interface SnsPlace {
  host: string
  /** One of these is the certificate's. */
  certificateNames: string[]
}

const TOPIC =
  /^arn:(aws(?:-cn|-us-gov|-eusc)?):sns:([a-z]{2,4}(?:-[a-z]+)+-\d):\d{12}:[\w-]{1,256}(?:\.fifo)?$/
const SUFFIXES: Record<string, string> = {
  aws: 'amazonaws.com',
  'aws-us-gov': 'amazonaws.com',
  'aws-cn': 'amazonaws.com.cn',
  'aws-eusc': 'amazonaws.eu',
}
/** A file of SNS itself, named by its hash: no query, so that nothing of the API's answers can be passed off as one. */
const CERTIFICATE_PATH = /^\/SimpleNotificationService-[0-9a-f]{32,64}\.pem$/
const TOKEN = /^[0-9a-zA-Z]{1,1024}$/

/** Undefined where this is no ARN of a topic in a public region. */
export function snsPlace(topicArn: string): SnsPlace | undefined {
  const [, partition = '', region = ''] = TOPIC.exec(topicArn) ?? []
  const suffix = SUFFIXES[partition]
  if (suffix === undefined) return undefined
  // The oldest regions share a name, the two of GovCloud another, those that must be opted in to have each their own.
  const shared = partition === 'aws-us-gov' ? 'sns-us-gov-west-1' : 'sns'
  return {
    host: `sns.${region}.${suffix}`,
    certificateNames: [
      `${shared}.${suffix}`,
      `sns-${region}.${suffix}`,
      `sns-signing.${region}.${suffix}`,
    ],
  }
}

/** The URL is of a certificate at this place. */
export function isCertificateUrl(text: string, { host }: SnsPlace): boolean {
  const prefix = `https://${host}`
  return text.startsWith(prefix) && CERTIFICATE_PATH.test(text.slice(prefix.length))
}

/** The call that confirms a subscription, put together from what was signed; undefined where the token is none. */
export function confirmationUrl(
  { host }: SnsPlace,
  topicArn: string,
  token: string,
): string | undefined {
  if (!TOKEN.test(token)) return undefined
  const query = new URLSearchParams({
    Action: 'ConfirmSubscription',
    TopicArn: topicArn,
    Token: token,
  })
  return `https://${host}/?${query}`
}
