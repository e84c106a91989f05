/**
 * Generated from openapi.yaml by `npm run generate`. Do not edit.
 */
import * as zod from 'zod/mini';

export const MessageStatus = /*#__PURE__*/ zod.enum(['scheduled', 'sending', 'unknown', 'deferred', 'queued', 'partial', 'relayed', 'failed', 'canceled']);

export type MessageStatus = zod.input<typeof MessageStatus>;
export type MessageStatusOutput = zod.output<typeof MessageStatus>;

export const RecipientState = /*#__PURE__*/ zod.enum(['queued', 'deferred', 'relayed', 'delivered', 'bounced', 'expired', 'suppressed', 'canceled', 'unknown']);

export type RecipientState = zod.input<typeof RecipientState>;
export type RecipientStateOutput = zod.output<typeof RecipientState>;

export const FilterTextMax = 998;



export const FilterText = /*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(FilterTextMax));

export type FilterText = zod.input<typeof FilterText>;
export type FilterTextOutput = zod.output<typeof FilterText>;

export const FilterTagRegExp = new RegExp('^[A-Za-z0-9_-]{1,64}:[^\\r\\n\\0]{0,256}$');


export const FilterTag = /*#__PURE__*/ zod.stringFormat('tag', FilterTagRegExp);

export type FilterTag = zod.input<typeof FilterTag>;
export type FilterTagOutput = zod.output<typeof FilterTag>;

export const RelayNameRegExp = new RegExp('^[a-z0-9-]{1,64}$');


export const RelayName = /*#__PURE__*/ zod.stringFormat('relay-name', RelayNameRegExp);

export type RelayName = zod.input<typeof RelayName>;
export type RelayNameOutput = zod.output<typeof RelayName>;

export const When = /*#__PURE__*/ zod.iso.datetime({"offset":true});

export type When = zod.input<typeof When>;
export type WhenOutput = zod.output<typeof When>;

export const MailboxTextMin = 3;
export const MailboxTextMax = 998;



export const MailboxText = /*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(MailboxTextMin)).check(/*#__PURE__*/ zod.maxLength(MailboxTextMax));

export type MailboxText = zod.input<typeof MailboxText>;
export type MailboxTextOutput = zod.output<typeof MailboxText>;

export const mailboxObjectAddressMin = 3;
export const mailboxObjectAddressMax = 320;

export const mailboxObjectNameMax = 320;



export const MailboxObject = /*#__PURE__*/ zod.strictObject({
  "address": /*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(mailboxObjectAddressMin)).check(/*#__PURE__*/ zod.maxLength(mailboxObjectAddressMax)),
  "name": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.maxLength(mailboxObjectNameMax)))
});

export type MailboxObject = zod.input<typeof MailboxObject>;
export type MailboxObjectOutput = zod.output<typeof MailboxObject>;

export const Mailbox = /*#__PURE__*/ zod.union([MailboxText,MailboxObject]);

export type Mailbox = zod.input<typeof Mailbox>;
export type MailboxOutput = zod.output<typeof Mailbox>;

export const mailboxesThreeMax = 1000;



export const Mailboxes = /*#__PURE__*/ zod.union([MailboxText,MailboxObject,/*#__PURE__*/ zod.array(Mailbox).check(/*#__PURE__*/ zod.maxLength(mailboxesThreeMax))]);

export type Mailboxes = zod.input<typeof Mailboxes>;
export type MailboxesOutput = zod.output<typeof Mailboxes>;

export const recipientObjectAddressMin = 3;
export const recipientObjectAddressMax = 320;

export const recipientObjectNameMax = 320;

export const recipientObjectKeysItemMax = 65536;

export const recipientObjectKeysMax = 5;



export const RecipientObject = /*#__PURE__*/ zod.strictObject({
  "address": /*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(recipientObjectAddressMin)).check(/*#__PURE__*/ zod.maxLength(recipientObjectAddressMax)),
  "name": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.maxLength(recipientObjectNameMax))),
  "keys": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.array(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(recipientObjectKeysItemMax))).check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(recipientObjectKeysMax)))
});

export type RecipientObject = zod.input<typeof RecipientObject>;
export type RecipientObjectOutput = zod.output<typeof RecipientObject>;

export const OneRecipient = /*#__PURE__*/ zod.union([MailboxText,RecipientObject]);

export type OneRecipient = zod.input<typeof OneRecipient>;
export type OneRecipientOutput = zod.output<typeof OneRecipient>;

export const recipientsThreeMax = 1000;



export const Recipients = /*#__PURE__*/ zod.union([MailboxText,RecipientObject,/*#__PURE__*/ zod.array(OneRecipient).check(/*#__PURE__*/ zod.maxLength(recipientsThreeMax))]);

export type Recipients = zod.input<typeof Recipients>;
export type RecipientsOutput = zod.output<typeof Recipients>;

export const TemplateNameRegExp = new RegExp('^[a-z0-9-]{1,64}$');


export const TemplateName = /*#__PURE__*/ zod.stringFormat('template-name', TemplateNameRegExp);

export type TemplateName = zod.input<typeof TemplateName>;
export type TemplateNameOutput = zod.output<typeof TemplateName>;




export const VersionNumber = /*#__PURE__*/ zod.int().check(/*#__PURE__*/ zod.gte(1));

export type VersionNumber = zod.input<typeof VersionNumber>;
export type VersionNumberOutput = zod.output<typeof VersionNumber>;

export const attachmentFilenameMax = 255;

export const attachmentPartMax = 255;

export const attachmentContentTypeMax = 255;

export const attachmentContentIdMax = 202;



export const Attachment = /*#__PURE__*/ zod.strictObject({
  "filename": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(attachmentFilenameMax))),
  "content": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string()),
  "part": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(attachmentPartMax))),
  "content_type": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.maxLength(attachmentContentTypeMax))),
  "content_id": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(attachmentContentIdMax))),
  "disposition": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.enum(['attachment', 'inline']))
});

export type Attachment = zod.input<typeof Attachment>;
export type AttachmentOutput = zod.output<typeof Attachment>;

export const calendarMethodMax = 64;

export const calendarContentMax = 1048576;



export const Calendar = /*#__PURE__*/ zod.strictObject({
  "method": /*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(calendarMethodMax)),
  "content": /*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(calendarContentMax))
});

export type Calendar = zod.input<typeof Calendar>;
export type CalendarOutput = zod.output<typeof Calendar>;

export const unsubscribeUrlMax = 900;

export const unsubscribeMailtoMin = 3;
export const unsubscribeMailtoMax = 320;



export const Unsubscribe = /*#__PURE__*/ zod.strictObject({
  "url": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.maxLength(unsubscribeUrlMax))),
  "mailto": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(unsubscribeMailtoMin)).check(/*#__PURE__*/ zod.maxLength(unsubscribeMailtoMax))),
  "one_click": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.boolean())
});

export type Unsubscribe = zod.input<typeof Unsubscribe>;
export type UnsubscribeOutput = zod.output<typeof Unsubscribe>;

export const MessageIdTextMin = 5;
export const MessageIdTextMax = 500;



export const MessageIdText = /*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(MessageIdTextMin)).check(/*#__PURE__*/ zod.maxLength(MessageIdTextMax));

export type MessageIdText = zod.input<typeof MessageIdText>;
export type MessageIdTextOutput = zod.output<typeof MessageIdText>;

export const Priority = /*#__PURE__*/ zod.enum(['high', 'normal', 'low']);

export type Priority = zod.input<typeof Priority>;
export type PriorityOutput = zod.output<typeof Priority>;

export const NotifyMax = 4;



export const Notify = /*#__PURE__*/ zod.array(/*#__PURE__*/ zod.enum(['never', 'failure', 'delay'])).check(/*#__PURE__*/ zod.maxLength(NotifyMax));

export type Notify = zod.input<typeof Notify>;
export type NotifyOutput = zod.output<typeof Notify>;

export const ProtectionWish = /*#__PURE__*/ zod.enum(['off', 'prefer', 'require']);

export type ProtectionWish = zod.input<typeof ProtectionWish>;
export type ProtectionWishOutput = zod.output<typeof ProtectionWish>;

export const encryptionProtocolMax = 64;



export const Encryption = /*#__PURE__*/ zod.strictObject({
  "encrypt": /*#__PURE__*/ zod.exactOptional(ProtectionWish),
  "sign": /*#__PURE__*/ zod.exactOptional(ProtectionWish),
  "protocol": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(encryptionProtocolMax)))
});

export type Encryption = zod.input<typeof Encryption>;
export type EncryptionOutput = zod.output<typeof Encryption>;

export const OnUnknown = /*#__PURE__*/ zod.enum(['resend', 'stop']);

export type OnUnknown = zod.input<typeof OnUnknown>;
export type OnUnknownOutput = zod.output<typeof OnUnknown>;

export const messageRequestSubjectMax = 998;

export const messageRequestHeadersMaxOne = 8000;

export const messageRequestAttachmentsMax = 100;

export const messageRequestTagsMaxOne = 256;

export const messageRequestReferencesMax = 100;

export const messageRequestExpiresInMin = 60;
export const messageRequestExpiresInMax = 432000;

export const messageRequestReturnPathMax = 320;

export const messageRequestIdempotencyKeyRegExp = new RegExp('^[ -~]{1,256}$');


export const MessageRequest = /*#__PURE__*/ zod.strictObject({
  "from": Mailboxes,
  "to": /*#__PURE__*/ zod.exactOptional(Recipients),
  "cc": /*#__PURE__*/ zod.exactOptional(Recipients),
  "bcc": /*#__PURE__*/ zod.exactOptional(Recipients),
  "reply_to": /*#__PURE__*/ zod.exactOptional(Mailboxes),
  "subject": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.maxLength(messageRequestSubjectMax))),
  "text": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string()),
  "html": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string()),
  "headers": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.record(/*#__PURE__*/ zod.string(), /*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.maxLength(messageRequestHeadersMaxOne)))),
  "template": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.strictObject({
  "id": TemplateName,
  "version": /*#__PURE__*/ zod.exactOptional(VersionNumber),
  "data": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.record(/*#__PURE__*/ zod.string(), /*#__PURE__*/ zod.unknown()))
})),
  "attachments": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.array(Attachment).check(/*#__PURE__*/ zod.maxLength(messageRequestAttachmentsMax))),
  "calendar": /*#__PURE__*/ zod.exactOptional(Calendar),
  "tags": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.record(/*#__PURE__*/ zod.string(), /*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.maxLength(messageRequestTagsMaxOne)))),
  "metadata": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.record(/*#__PURE__*/ zod.string(), /*#__PURE__*/ zod.unknown())),
  "unsubscribe": /*#__PURE__*/ zod.exactOptional(Unsubscribe),
  "in_reply_to": /*#__PURE__*/ zod.exactOptional(MessageIdText),
  "references": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.array(MessageIdText).check(/*#__PURE__*/ zod.maxLength(messageRequestReferencesMax))),
  "auto_submitted": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.enum(['no', 'auto-generated', 'auto-replied', 'auto-notified'])),
  "priority": /*#__PURE__*/ zod.exactOptional(Priority),
  "send_at": /*#__PURE__*/ zod.exactOptional(When),
  "expires_in": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.int().check(/*#__PURE__*/ zod.gte(messageRequestExpiresInMin)).check(/*#__PURE__*/ zod.lte(messageRequestExpiresInMax))),
  "relay": /*#__PURE__*/ zod.exactOptional(RelayName),
  "return_path": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.maxLength(messageRequestReturnPathMax))),
  "notify": /*#__PURE__*/ zod.exactOptional(Notify),
  "require_tls": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.boolean()),
  "encryption": /*#__PURE__*/ zod.exactOptional(Encryption),
  "on_unknown": /*#__PURE__*/ zod.exactOptional(OnUnknown),
  "idempotency_key": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.stringFormat('idempotency-key', messageRequestIdempotencyKeyRegExp))
});

export type MessageRequest = zod.input<typeof MessageRequest>;
export type MessageRequestOutput = zod.output<typeof MessageRequest>;

export const batchRequestMessagesMax = 100;



export const BatchRequest = /*#__PURE__*/ zod.strictObject({
  "messages": /*#__PURE__*/ zod.array(MessageRequest).check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(batchRequestMessagesMax))
});

export type BatchRequest = zod.input<typeof BatchRequest>;
export type BatchRequestOutput = zod.output<typeof BatchRequest>;

export const BulkRequest = /*#__PURE__*/ zod.strictObject({
  "status": /*#__PURE__*/ zod.exactOptional(MessageStatus),
  "state": /*#__PURE__*/ zod.exactOptional(RecipientState),
  "from": /*#__PURE__*/ zod.exactOptional(FilterText),
  "to": /*#__PURE__*/ zod.exactOptional(FilterText),
  "tag": /*#__PURE__*/ zod.exactOptional(FilterTag),
  "relay": /*#__PURE__*/ zod.exactOptional(RelayName),
  "message_id": /*#__PURE__*/ zod.exactOptional(FilterText),
  "queue_id": /*#__PURE__*/ zod.exactOptional(FilterText),
  "created_after": /*#__PURE__*/ zod.exactOptional(When),
  "created_before": /*#__PURE__*/ zod.exactOptional(When),
  "dry_run": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.boolean())
});

export type BulkRequest = zod.input<typeof BulkRequest>;
export type BulkRequestOutput = zod.output<typeof BulkRequest>;

export const MessagePatch = /*#__PURE__*/ zod.strictObject({
  "send_at": When
});

export type MessagePatch = zod.input<typeof MessagePatch>;
export type MessagePatchOutput = zod.output<typeof MessagePatch>;

export const AddressesMax = 1000;

export const addressesItemRegExp = new RegExp('^[^\\r\\n\\0]*$');

export const addressesItemMin = 3;
export const addressesItemMax = 320;



export const Addresses = /*#__PURE__*/ zod.array(/*#__PURE__*/ zod.stringFormat('single-line', addressesItemRegExp).check(/*#__PURE__*/ zod.minLength(addressesItemMin)).check(/*#__PURE__*/ zod.maxLength(addressesItemMax))).check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(AddressesMax));

export type Addresses = zod.input<typeof Addresses>;
export type AddressesOutput = zod.output<typeof Addresses>;

export const RetryRequest = /*#__PURE__*/ zod.strictObject({
  "recipients": /*#__PURE__*/ zod.exactOptional(Addresses)
});

export type RetryRequest = zod.input<typeof RetryRequest>;
export type RetryRequestOutput = zod.output<typeof RetryRequest>;

export const ResolveRequest = /*#__PURE__*/ zod.strictObject({
  "recipients": /*#__PURE__*/ zod.exactOptional(Addresses),
  "as": /*#__PURE__*/ zod.enum(['relayed', 'not_sent'])
});

export type ResolveRequest = zod.input<typeof ResolveRequest>;
export type ResolveRequestOutput = zod.output<typeof ResolveRequest>;

export const HostNameRegExp = new RegExp('^[^\\s/@:]{1,253}$');


export const HostName = /*#__PURE__*/ zod.stringFormat('host-name', HostNameRegExp);

export type HostName = zod.input<typeof HostName>;
export type HostNameOutput = zod.output<typeof HostName>;

export const OAuthTokenUrlMax = 2048;



export const OAuthTokenUrl = /*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(OAuthTokenUrlMax));

export type OAuthTokenUrl = zod.input<typeof OAuthTokenUrl>;
export type OAuthTokenUrlOutput = zod.output<typeof OAuthTokenUrl>;

export const OAuthClientIdMax = 512;



export const OAuthClientId = /*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(OAuthClientIdMax));

export type OAuthClientId = zod.input<typeof OAuthClientId>;
export type OAuthClientIdOutput = zod.output<typeof OAuthClientId>;

export const OAuthScopeMax = 2048;



export const OAuthScope = /*#__PURE__*/ zod.nullable(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(OAuthScopeMax)));

export type OAuthScope = zod.input<typeof OAuthScope>;
export type OAuthScopeOutput = zod.output<typeof OAuthScope>;

export const OAuthGrant = /*#__PURE__*/ zod.enum(['client_credentials', 'refresh_token']);

export type OAuthGrant = zod.input<typeof OAuthGrant>;
export type OAuthGrantOutput = zod.output<typeof OAuthGrant>;

export const relayOAuthClientSecretMax = 4096;

export const relayOAuthRefreshTokenMax = 8192;



export const RelayOAuth = /*#__PURE__*/ zod.strictObject({
  "token_url": OAuthTokenUrl,
  "client_id": OAuthClientId,
  "client_secret": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(relayOAuthClientSecretMax))),
  "scope": /*#__PURE__*/ zod.exactOptional(OAuthScope),
  "grant": OAuthGrant,
  "refresh_token": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(relayOAuthRefreshTokenMax)))
});

export type RelayOAuth = zod.input<typeof RelayOAuth>;
export type RelayOAuthOutput = zod.output<typeof RelayOAuth>;

export const relayAuthUserMax = 512;

export const relayAuthPasswordMax = 4096;



export const RelayAuth = /*#__PURE__*/ zod.nullable(/*#__PURE__*/ zod.strictObject({
  "user": /*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(relayAuthUserMax)),
  "password": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(relayAuthPasswordMax))),
  "oauth": /*#__PURE__*/ zod.exactOptional(RelayOAuth)
}));

export type RelayAuth = zod.input<typeof RelayAuth>;
export type RelayAuthOutput = zod.output<typeof RelayAuth>;

export const routePortMax = 65535;



export const Route = /*#__PURE__*/ zod.strictObject({
  "port": /*#__PURE__*/ zod.int().check(/*#__PURE__*/ zod.gte(1)).check(/*#__PURE__*/ zod.lte(routePortMax)),
  "tls": /*#__PURE__*/ zod.enum(['starttls', 'implicit'])
});

export type Route = zod.input<typeof Route>;
export type RouteOutput = zod.output<typeof Route>;

export const RoutesMax = 10;



export const Routes = /*#__PURE__*/ zod.array(Route).check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(RoutesMax));

export type Routes = zod.input<typeof Routes>;
export type RoutesOutput = zod.output<typeof Routes>;

export const SendersMax = 100;

export const sendersItemRegExp = new RegExp('^[^\\r\\n\\0]*$');

export const sendersItemMax = 320;



export const Senders = /*#__PURE__*/ zod.array(/*#__PURE__*/ zod.stringFormat('single-line', sendersItemRegExp).check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(sendersItemMax))).check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(SendersMax));

export type Senders = zod.input<typeof Senders>;
export type SendersOutput = zod.output<typeof Senders>;

export const RelayPriorityMin = 0;
export const RelayPriorityMax = 1000;



export const RelayPriority = /*#__PURE__*/ zod.int().check(/*#__PURE__*/ zod.gte(RelayPriorityMin)).check(/*#__PURE__*/ zod.lte(RelayPriorityMax));

export type RelayPriority = zod.input<typeof RelayPriority>;
export type RelayPriorityOutput = zod.output<typeof RelayPriority>;

export const MaxSessionsMax = 5;



export const MaxSessions = /*#__PURE__*/ zod.int().check(/*#__PURE__*/ zod.gte(1)).check(/*#__PURE__*/ zod.lte(MaxSessionsMax));

export type MaxSessions = zod.input<typeof MaxSessions>;
export type MaxSessionsOutput = zod.output<typeof MaxSessions>;

export const MaxPerSecondMax = 100000;



export const MaxPerSecond = /*#__PURE__*/ zod.nullable(/*#__PURE__*/ zod.int().check(/*#__PURE__*/ zod.gte(1)).check(/*#__PURE__*/ zod.lte(MaxPerSecondMax)));

export type MaxPerSecond = zod.input<typeof MaxPerSecond>;
export type MaxPerSecondOutput = zod.output<typeof MaxPerSecond>;

export const MaxPerDayMax = 1000000000;



export const MaxPerDay = /*#__PURE__*/ zod.nullable(/*#__PURE__*/ zod.int().check(/*#__PURE__*/ zod.gte(1)).check(/*#__PURE__*/ zod.lte(MaxPerDayMax)));

export type MaxPerDay = zod.input<typeof MaxPerDay>;
export type MaxPerDayOutput = zod.output<typeof MaxPerDay>;

export const FlightDepthMax = 32;



export const FlightDepth = /*#__PURE__*/ zod.int().check(/*#__PURE__*/ zod.gte(1)).check(/*#__PURE__*/ zod.lte(FlightDepthMax));

export type FlightDepth = zod.input<typeof FlightDepth>;
export type FlightDepthOutput = zod.output<typeof FlightDepth>;

export const SpillOver = /*#__PURE__*/ zod.boolean();

export type SpillOver = zod.input<typeof SpillOver>;
export type SpillOverOutput = zod.output<typeof SpillOver>;

export const relayRequestEhloNameRegExp = new RegExp('^[^\\s/@:]{1,253}$');


export const RelayRequest = /*#__PURE__*/ zod.strictObject({
  "id": /*#__PURE__*/ zod.exactOptional(RelayName),
  "host": HostName,
  "auth": /*#__PURE__*/ zod.exactOptional(RelayAuth),
  "routes": /*#__PURE__*/ zod.exactOptional(Routes),
  "ehlo_name": /*#__PURE__*/ zod.nullish(/*#__PURE__*/ zod.stringFormat('host-name', relayRequestEhloNameRegExp)),
  "senders": /*#__PURE__*/ zod.exactOptional(Senders),
  "priority": /*#__PURE__*/ zod.exactOptional(RelayPriority),
  "paused": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.boolean()),
  "max_sessions": /*#__PURE__*/ zod.exactOptional(MaxSessions),
  "max_per_second": /*#__PURE__*/ zod.exactOptional(MaxPerSecond),
  "max_per_day": /*#__PURE__*/ zod.exactOptional(MaxPerDay),
  "flight_depth": /*#__PURE__*/ zod.exactOptional(FlightDepth),
  "spill_over": /*#__PURE__*/ zod.exactOptional(SpillOver),
  "check": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.boolean())
});

export type RelayRequest = zod.input<typeof RelayRequest>;
export type RelayRequestOutput = zod.output<typeof RelayRequest>;

export const relayOAuthPatchClientSecretMax = 4096;

export const relayOAuthPatchRefreshTokenMax = 8192;



export const RelayOAuthPatch = /*#__PURE__*/ zod.strictObject({
  "token_url": /*#__PURE__*/ zod.exactOptional(OAuthTokenUrl),
  "client_id": /*#__PURE__*/ zod.exactOptional(OAuthClientId),
  "client_secret": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(relayOAuthPatchClientSecretMax))),
  "scope": /*#__PURE__*/ zod.exactOptional(OAuthScope),
  "grant": /*#__PURE__*/ zod.exactOptional(OAuthGrant),
  "refresh_token": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(relayOAuthPatchRefreshTokenMax)))
});

export type RelayOAuthPatch = zod.input<typeof RelayOAuthPatch>;
export type RelayOAuthPatchOutput = zod.output<typeof RelayOAuthPatch>;

export const relayAuthPatchUserMax = 512;

export const relayAuthPatchPasswordMax = 4096;



export const RelayAuthPatch = /*#__PURE__*/ zod.nullable(/*#__PURE__*/ zod.strictObject({
  "user": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(relayAuthPatchUserMax))),
  "password": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(relayAuthPatchPasswordMax))),
  "oauth": /*#__PURE__*/ zod.exactOptional(RelayOAuthPatch)
}));

export type RelayAuthPatch = zod.input<typeof RelayAuthPatch>;
export type RelayAuthPatchOutput = zod.output<typeof RelayAuthPatch>;

export const relayPatchEhloNameRegExp = new RegExp('^[^\\s/@:]{1,253}$');


export const RelayPatch = /*#__PURE__*/ zod.strictObject({
  "host": /*#__PURE__*/ zod.exactOptional(HostName),
  "auth": /*#__PURE__*/ zod.exactOptional(RelayAuthPatch),
  "routes": /*#__PURE__*/ zod.exactOptional(Routes),
  "ehlo_name": /*#__PURE__*/ zod.nullish(/*#__PURE__*/ zod.stringFormat('host-name', relayPatchEhloNameRegExp)),
  "senders": /*#__PURE__*/ zod.exactOptional(Senders),
  "priority": /*#__PURE__*/ zod.exactOptional(RelayPriority),
  "paused": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.boolean()),
  "max_sessions": /*#__PURE__*/ zod.exactOptional(MaxSessions),
  "max_per_second": /*#__PURE__*/ zod.exactOptional(MaxPerSecond),
  "max_per_day": /*#__PURE__*/ zod.exactOptional(MaxPerDay),
  "flight_depth": /*#__PURE__*/ zod.exactOptional(FlightDepth),
  "spill_over": /*#__PURE__*/ zod.exactOptional(SpillOver),
  "check": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.boolean())
});

export type RelayPatch = zod.input<typeof RelayPatch>;
export type RelayPatchOutput = zod.output<typeof RelayPatch>;

export const CheckRequest = /*#__PURE__*/ zod.strictObject({
  "login": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.boolean())
});

export type CheckRequest = zod.input<typeof CheckRequest>;
export type CheckRequestOutput = zod.output<typeof CheckRequest>;

export const KeyNameRegExp = new RegExp('^[^\\r\\n\\0]*$');

export const KeyNameMax = 100;



export const KeyName = /*#__PURE__*/ zod.stringFormat('single-line', KeyNameRegExp).check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(KeyNameMax));

export type KeyName = zod.input<typeof KeyName>;
export type KeyNameOutput = zod.output<typeof KeyName>;

export const ScopesMax = 3;



export const Scopes = /*#__PURE__*/ zod.array(/*#__PURE__*/ zod.enum(['send', 'read', 'manage'])).check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(ScopesMax));

export type Scopes = zod.input<typeof Scopes>;
export type ScopesOutput = zod.output<typeof Scopes>;

export const KeySendersMax = 100;

export const keySendersItemRegExp = new RegExp('^[^\\r\\n\\0]*$');

export const keySendersItemMax = 320;



export const KeySenders = /*#__PURE__*/ zod.nullable(/*#__PURE__*/ zod.array(/*#__PURE__*/ zod.stringFormat('single-line', keySendersItemRegExp).check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(keySendersItemMax))).check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(KeySendersMax)));

export type KeySenders = zod.input<typeof KeySenders>;
export type KeySendersOutput = zod.output<typeof KeySenders>;

export const KeyRecipientsMax = 100;

export const keyRecipientsItemRegExp = new RegExp('^[^\\r\\n\\0]*$');

export const keyRecipientsItemMax = 320;



export const KeyRecipients = /*#__PURE__*/ zod.nullable(/*#__PURE__*/ zod.array(/*#__PURE__*/ zod.stringFormat('single-line', keyRecipientsItemRegExp).check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(keyRecipientsItemMax))).check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(KeyRecipientsMax)));

export type KeyRecipients = zod.input<typeof KeyRecipients>;
export type KeyRecipientsOutput = zod.output<typeof KeyRecipients>;

export const KeyRelaysMax = 100;



export const KeyRelays = /*#__PURE__*/ zod.nullable(/*#__PURE__*/ zod.array(RelayName).check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(KeyRelaysMax)));

export type KeyRelays = zod.input<typeof KeyRelays>;
export type KeyRelaysOutput = zod.output<typeof KeyRelays>;

export const MaxPerMinuteMax = 1000000;



export const MaxPerMinute = /*#__PURE__*/ zod.nullable(/*#__PURE__*/ zod.int().check(/*#__PURE__*/ zod.gte(1)).check(/*#__PURE__*/ zod.lte(MaxPerMinuteMax)));

export type MaxPerMinute = zod.input<typeof MaxPerMinute>;
export type MaxPerMinuteOutput = zod.output<typeof MaxPerMinute>;

export const KeyExpiry = /*#__PURE__*/ zod.nullable(/*#__PURE__*/ zod.iso.datetime({"offset":true}));

export type KeyExpiry = zod.input<typeof KeyExpiry>;
export type KeyExpiryOutput = zod.output<typeof KeyExpiry>;

export const KeyRequest = /*#__PURE__*/ zod.strictObject({
  "name": KeyName,
  "scopes": Scopes,
  "senders": /*#__PURE__*/ zod.exactOptional(KeySenders),
  "recipients": /*#__PURE__*/ zod.exactOptional(KeyRecipients),
  "relays": /*#__PURE__*/ zod.exactOptional(KeyRelays),
  "max_per_minute": /*#__PURE__*/ zod.exactOptional(MaxPerMinute),
  "expires_at": /*#__PURE__*/ zod.exactOptional(KeyExpiry),
  "sandbox": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.boolean())
});

export type KeyRequest = zod.input<typeof KeyRequest>;
export type KeyRequestOutput = zod.output<typeof KeyRequest>;

export const KeyPatch = /*#__PURE__*/ zod.strictObject({
  "name": /*#__PURE__*/ zod.exactOptional(KeyName),
  "scopes": /*#__PURE__*/ zod.exactOptional(Scopes),
  "senders": /*#__PURE__*/ zod.exactOptional(KeySenders),
  "recipients": /*#__PURE__*/ zod.exactOptional(KeyRecipients),
  "relays": /*#__PURE__*/ zod.exactOptional(KeyRelays),
  "max_per_minute": /*#__PURE__*/ zod.exactOptional(MaxPerMinute),
  "expires_at": /*#__PURE__*/ zod.exactOptional(KeyExpiry),
  "sandbox": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.boolean())
});

export type KeyPatch = zod.input<typeof KeyPatch>;
export type KeyPatchOutput = zod.output<typeof KeyPatch>;

export const rotateRequestOverlapMin = 0;
export const rotateRequestOverlapMax = 2592000;



export const RotateRequest = /*#__PURE__*/ zod.strictObject({
  "overlap": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.int().check(/*#__PURE__*/ zod.gte(rotateRequestOverlapMin)).check(/*#__PURE__*/ zod.lte(rotateRequestOverlapMax)))
});

export type RotateRequest = zod.input<typeof RotateRequest>;
export type RotateRequestOutput = zod.output<typeof RotateRequest>;

export const dkimRequestDomainRegExp = new RegExp('^[^\\s@/]{1,253}$');
export const dkimRequestSelectorRegExp = new RegExp('^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$');

export const dkimRequestSelectorMax = 63;

export const dkimRequestPrivateKeyMax = 16384;



export const DkimRequest = /*#__PURE__*/ zod.strictObject({
  "domain": /*#__PURE__*/ zod.stringFormat('domain', dkimRequestDomainRegExp),
  "selector": /*#__PURE__*/ zod.stringFormat('selector', dkimRequestSelectorRegExp).check(/*#__PURE__*/ zod.maxLength(dkimRequestSelectorMax)),
  "algorithm": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.enum(['rsa-sha256', 'ed25519-sha256'])),
  "private_key": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(dkimRequestPrivateKeyMax)))
});

export type DkimRequest = zod.input<typeof DkimRequest>;
export type DkimRequestOutput = zod.output<typeof DkimRequest>;

export const publicKeyRequestMaterialMax = 1048576;



export const PublicKeyRequest = /*#__PURE__*/ zod.strictObject({
  "material": /*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(publicKeyRequestMaterialMax)),
  "address": /*#__PURE__*/ zod.exactOptional(MailboxText),
  "trust": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.enum(['pinned', 'verified']))
});

export type PublicKeyRequest = zod.input<typeof PublicKeyRequest>;
export type PublicKeyRequestOutput = zod.output<typeof PublicKeyRequest>;

export const PublicKeyPatch = /*#__PURE__*/ zod.strictObject({
  "trust": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.enum(['pinned', 'verified', 'rejected'])),
  "address": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.union([MailboxText,/*#__PURE__*/ zod.null()]))
});

export type PublicKeyPatch = zod.input<typeof PublicKeyPatch>;
export type PublicKeyPatchOutput = zod.output<typeof PublicKeyPatch>;

export const PolicyAddressesMax = 100;

export const policyAddressesItemRegExp = new RegExp('^[^\\r\\n\\0]*$');

export const policyAddressesItemMax = 320;



export const PolicyAddresses = /*#__PURE__*/ zod.nullable(/*#__PURE__*/ zod.array(/*#__PURE__*/ zod.stringFormat('single-line', policyAddressesItemRegExp).check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(policyAddressesItemMax))).check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(PolicyAddressesMax)));

export type PolicyAddresses = zod.input<typeof PolicyAddresses>;
export type PolicyAddressesOutput = zod.output<typeof PolicyAddresses>;

export const MissingKey = /*#__PURE__*/ zod.enum(['reject-all', 'withhold-recipient', 'plain-for-others', 'plain-for-all']);

export type MissingKey = zod.input<typeof MissingKey>;
export type MissingKeyOutput = zod.output<typeof MissingKey>;

export const PolicyProtocolsMax = 8;

export const policyProtocolsItemMax = 64;



export const PolicyProtocols = /*#__PURE__*/ zod.nullable(/*#__PURE__*/ zod.array(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(policyProtocolsItemMax))).check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(PolicyProtocolsMax)));

export type PolicyProtocols = zod.input<typeof PolicyProtocols>;
export type PolicyProtocolsOutput = zod.output<typeof PolicyProtocols>;

export const PolicyRule = /*#__PURE__*/ zod.strictObject({
  "senders": /*#__PURE__*/ zod.exactOptional(PolicyAddresses),
  "recipients": /*#__PURE__*/ zod.exactOptional(PolicyAddresses),
  "sign": /*#__PURE__*/ zod.exactOptional(ProtectionWish),
  "encrypt": /*#__PURE__*/ zod.exactOptional(ProtectionWish),
  "missing_key": /*#__PURE__*/ zod.exactOptional(MissingKey),
  "protocols": /*#__PURE__*/ zod.exactOptional(PolicyProtocols),
  "headers": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.enum(['hcp_baseline', 'hcp_shy'])),
  "legacy_display": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.boolean()),
  "profile": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.enum(['compatible', 'modern'])),
  "hide_key_ids": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.boolean()),
  "gossip": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.boolean()),
  "self": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.boolean()),
  "discovery": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.boolean())
});

export type PolicyRule = zod.input<typeof PolicyRule>;
export type PolicyRuleOutput = zod.output<typeof PolicyRule>;

export const protectionPolicyRequestRulesMax = 200;



export const ProtectionPolicyRequest = /*#__PURE__*/ zod.strictObject({
  "rules": /*#__PURE__*/ zod.array(PolicyRule).check(/*#__PURE__*/ zod.maxLength(protectionPolicyRequestRulesMax))
});

export type ProtectionPolicyRequest = zod.input<typeof ProtectionPolicyRequest>;
export type ProtectionPolicyRequestOutput = zod.output<typeof ProtectionPolicyRequest>;

export const PlanRequest = /*#__PURE__*/ zod.strictObject({
  "from": Mailboxes,
  "to": /*#__PURE__*/ zod.exactOptional(Recipients),
  "cc": /*#__PURE__*/ zod.exactOptional(Recipients),
  "bcc": /*#__PURE__*/ zod.exactOptional(Recipients),
  "encryption": /*#__PURE__*/ zod.exactOptional(Encryption)
});

export type PlanRequest = zod.input<typeof PlanRequest>;
export type PlanRequestOutput = zod.output<typeof PlanRequest>;

export const SignAlgorithm = /*#__PURE__*/ zod.enum(['rsa-pkcs1-sha256', 'rsa-pkcs1-sha384', 'rsa-pkcs1-sha512', 'rsa-pss-sha256', 'rsa-pss-sha384', 'rsa-pss-sha512', 'ecdsa-p256-sha256', 'ecdsa-p384-sha384', 'ecdsa-p521-sha512', 'ed25519']);

export type SignAlgorithm = zod.input<typeof SignAlgorithm>;
export type SignAlgorithmOutput = zod.output<typeof SignAlgorithm>;

export const identityRequestProtocolMax = 32;

export const identityRequestPrivateKeyMax = 262144;

export const identityRequestPassphraseMax = 1024;

export const identityRequestCertificateMax = 262144;

export const identityRequestSelfItemMax = 262144;

export const identityRequestSelfMax = 10;

export const identityRequestSignerUrlMax = 2048;

export const identityRequestSignerKeyMax = 512;

export const identityRequestSignerTokenMax = 8192;

export const identityRequestSignerAlgorithmsMax = 10;



export const IdentityRequest = /*#__PURE__*/ zod.strictObject({
  "protocol": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(identityRequestProtocolMax))),
  "private_key": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(identityRequestPrivateKeyMax))),
  "passphrase": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(identityRequestPassphraseMax))),
  "certificate": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(identityRequestCertificateMax))),
  "self": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.array(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(identityRequestSelfItemMax))).check(/*#__PURE__*/ zod.maxLength(identityRequestSelfMax))),
  "check": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.boolean()),
  "signer": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.strictObject({
  "url": /*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(identityRequestSignerUrlMax)),
  "key": /*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(identityRequestSignerKeyMax)),
  "token": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(identityRequestSignerTokenMax))),
  "algorithms": /*#__PURE__*/ zod.array(SignAlgorithm).check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(identityRequestSignerAlgorithmsMax))
}))
});

export type IdentityRequest = zod.input<typeof IdentityRequest>;
export type IdentityRequestOutput = zod.output<typeof IdentityRequest>;

export const templateRequestSubjectMax = 8192;

export const templateRequestTextMax = 262144;

export const templateRequestHtmlMax = 262144;

export const templateRequestHeadersMaxOne = 8192;



export const TemplateRequest = /*#__PURE__*/ zod.strictObject({
  "subject": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.maxLength(templateRequestSubjectMax))),
  "text": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.maxLength(templateRequestTextMax))),
  "html": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.maxLength(templateRequestHtmlMax))),
  "headers": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.record(/*#__PURE__*/ zod.string(), /*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.maxLength(templateRequestHeadersMaxOne)))),
  "sample": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.record(/*#__PURE__*/ zod.string(), /*#__PURE__*/ zod.unknown()))
});

export type TemplateRequest = zod.input<typeof TemplateRequest>;
export type TemplateRequestOutput = zod.output<typeof TemplateRequest>;

export const RenderRequest = /*#__PURE__*/ zod.strictObject({
  "data": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.record(/*#__PURE__*/ zod.string(), /*#__PURE__*/ zod.unknown())),
  "version": /*#__PURE__*/ zod.exactOptional(VersionNumber)
});

export type RenderRequest = zod.input<typeof RenderRequest>;
export type RenderRequestOutput = zod.output<typeof RenderRequest>;

export const TriggerNameRegExp = new RegExp('^[a-z0-9-]{1,64}$');


export const TriggerName = /*#__PURE__*/ zod.stringFormat('trigger-name', TriggerNameRegExp);

export type TriggerName = zod.input<typeof TriggerName>;
export type TriggerNameOutput = zod.output<typeof TriggerName>;

export const liquidTextsOneMax = 4096;

export const liquidTextsTwoMax = 100;

export const liquidTextsTwoItemMax = 4096;



export const LiquidTexts = /*#__PURE__*/ zod.union([/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.maxLength(liquidTextsOneMax)),/*#__PURE__*/ zod.array(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.maxLength(liquidTextsTwoItemMax))).check(/*#__PURE__*/ zod.maxLength(liquidTextsTwoMax))]);

export type LiquidTexts = zod.input<typeof LiquidTexts>;
export type LiquidTextsOutput = zod.output<typeof LiquidTexts>;

export const recipeRequestSecretMax = 1024;

export const recipeRequestOriginsItemMax = 512;

export const recipeRequestOriginsMax = 20;

export const recipeRequestRedirectMax = 2048;



export const RecipeRequest = /*#__PURE__*/ zod.strictObject({
  "recipe": /*#__PURE__*/ zod.enum(['alertmanager', 'contact-form', 'github-issue', 'grafana', 'json-to-table', 'sentry', 'shopify-order', 'slack-command', 'stripe-payment-failed', 'uptime-kuma']),
  "id": /*#__PURE__*/ zod.exactOptional(TriggerName),
  "from": Mailbox,
  "to": LiquidTexts,
  "secret": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.maxLength(recipeRequestSecretMax))),
  "origins": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.array(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.maxLength(recipeRequestOriginsItemMax))).check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(recipeRequestOriginsMax))),
  "redirect": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.maxLength(recipeRequestRedirectMax)))
});

export type RecipeRequest = zod.input<typeof RecipeRequest>;
export type RecipeRequestOutput = zod.output<typeof RecipeRequest>;

export const TriggerSource = /*#__PURE__*/ zod.strictObject({
  "type": /*#__PURE__*/ zod.enum(['standard-webhooks', 'github', 'meta', 'stripe', 'slack', 'shopify', 'gitlab', 'twilio', 'sns', 'hmac', 'basic', 'bearer', 'form']),
  "tolerance": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.int()),
  "verify_token": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string()),
  "by": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.enum(['token', 'signature'])),
  "url": /*#__PURE__*/ zod.nullish(/*#__PURE__*/ zod.string()),
  "topics": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.array(/*#__PURE__*/ zod.string())),
  "header": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string()),
  "algorithm": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string()),
  "encoding": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string()),
  "prefix": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string()),
  "content": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string()),
  "timestamp_header": /*#__PURE__*/ zod.nullish(/*#__PURE__*/ zod.string()),
  "timestamp_unit": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string()),
  "origins": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.array(/*#__PURE__*/ zod.string())),
  "honeypot": /*#__PURE__*/ zod.nullish(/*#__PURE__*/ zod.string()),
  "redirect": /*#__PURE__*/ zod.nullish(/*#__PURE__*/ zod.string()),
  "max_per_address": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.int())
});

export type TriggerSource = zod.input<typeof TriggerSource>;
export type TriggerSourceOutput = zod.output<typeof TriggerSource>;

export const triggerMailSubjectMax = 8192;

export const triggerMailTextMax = 262144;

export const triggerMailHtmlMax = 262144;

export const triggerMailHeadersMaxOne = 8192;

export const triggerMailTemplateDataMaxOne = 4096;

export const triggerMailTagsMaxOne = 4096;



export const TriggerMail = /*#__PURE__*/ zod.strictObject({
  "to": /*#__PURE__*/ zod.exactOptional(LiquidTexts),
  "cc": /*#__PURE__*/ zod.exactOptional(LiquidTexts),
  "bcc": /*#__PURE__*/ zod.exactOptional(LiquidTexts),
  "reply_to": /*#__PURE__*/ zod.exactOptional(LiquidTexts),
  "subject": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.maxLength(triggerMailSubjectMax))),
  "text": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.maxLength(triggerMailTextMax))),
  "html": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.maxLength(triggerMailHtmlMax))),
  "headers": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.record(/*#__PURE__*/ zod.string(), /*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.maxLength(triggerMailHeadersMaxOne)))),
  "template": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.strictObject({
  "id": TemplateName,
  "version": /*#__PURE__*/ zod.exactOptional(VersionNumber),
  "data": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.record(/*#__PURE__*/ zod.string(), /*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.maxLength(triggerMailTemplateDataMaxOne))))
})),
  "tags": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.record(/*#__PURE__*/ zod.string(), /*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.maxLength(triggerMailTagsMaxOne)))),
  "encryption": /*#__PURE__*/ zod.exactOptional(Encryption),
  "relay": /*#__PURE__*/ zod.exactOptional(RelayName),
  "priority": /*#__PURE__*/ zod.exactOptional(Priority)
});

export type TriggerMail = zod.input<typeof TriggerMail>;
export type TriggerMailOutput = zod.output<typeof TriggerMail>;

export const triggerRuleNameRegExp = new RegExp('^[a-z0-9-]{1,64}$');
export const triggerRuleWhenMax = 4096;

export const triggerRuleEachMax = 4096;



export const TriggerRule = /*#__PURE__*/ zod.strictObject({
  "name": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.stringFormat('rule-name', triggerRuleNameRegExp)),
  "when": /*#__PURE__*/ zod.nullish(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.maxLength(triggerRuleWhenMax))),
  "each": /*#__PURE__*/ zod.nullish(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.maxLength(triggerRuleEachMax))),
  "then": TriggerMail
});

export type TriggerRule = zod.input<typeof TriggerRule>;
export type TriggerRuleOutput = zod.output<typeof TriggerRule>;

export const triggerRequestSecretsItemMax = 1024;

export const triggerRequestSecretsMax = 5;

export const triggerRequestRecipientsItemMax = 320;

export const triggerRequestRecipientsMax = 100;

export const triggerRequestRulesMax = 50;

export const triggerRequestMaxBodyMin = 1024;
export const triggerRequestMaxBodyMax = 1048576;

export const triggerRequestMaxPerMinuteMax = 10000;

export const triggerRequestMaxMailsMax = 100;



export const TriggerRequest = /*#__PURE__*/ zod.strictObject({
  "source": TriggerSource,
  "secrets": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.array(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.maxLength(triggerRequestSecretsItemMax))).check(/*#__PURE__*/ zod.maxLength(triggerRequestSecretsMax))),
  "from": Mailbox,
  "recipients": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.array(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.maxLength(triggerRequestRecipientsItemMax))).check(/*#__PURE__*/ zod.maxLength(triggerRequestRecipientsMax))),
  "match": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.enum(['first', 'all'])),
  "rules": /*#__PURE__*/ zod.array(TriggerRule).check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(triggerRequestRulesMax)),
  "max_body": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.int().check(/*#__PURE__*/ zod.gte(triggerRequestMaxBodyMin)).check(/*#__PURE__*/ zod.lte(triggerRequestMaxBodyMax))),
  "max_per_minute": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.int().check(/*#__PURE__*/ zod.gte(1)).check(/*#__PURE__*/ zod.lte(triggerRequestMaxPerMinuteMax))),
  "max_mails": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.int().check(/*#__PURE__*/ zod.gte(1)).check(/*#__PURE__*/ zod.lte(triggerRequestMaxMailsMax))),
  "keep_bodies": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.boolean())
});

export type TriggerRequest = zod.input<typeof TriggerRequest>;
export type TriggerRequestOutput = zod.output<typeof TriggerRequest>;

export const testRequestBodyMax = 1048576;

export const testRequestHeadersMaxOne = 8192;

export const testRequestQueryMaxOne = 8192;



export const TestRequest = /*#__PURE__*/ zod.strictObject({
  "payload": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.unknown()),
  "body": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.maxLength(testRequestBodyMax))),
  "headers": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.record(/*#__PURE__*/ zod.string(), /*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.maxLength(testRequestHeadersMaxOne)))),
  "query": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.record(/*#__PURE__*/ zod.string(), /*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.maxLength(testRequestQueryMaxOne)))),
  "verify": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.boolean())
});

export type TestRequest = zod.input<typeof TestRequest>;
export type TestRequestOutput = zod.output<typeof TestRequest>;
export const listMessagesQueryFromMax = 998;

export const listMessagesQueryToMax = 998;

export const listMessagesQueryTagRegExp = new RegExp('^[A-Za-z0-9_-]{1,64}:[^\\r\\n\\0]{0,256}$');
export const listMessagesQueryRelayRegExp = new RegExp('^[a-z0-9-]{1,64}$');
export const listMessagesQueryMessageIdMax = 998;

export const listMessagesQueryQueueIdMax = 998;

export const listMessagesQueryLimitMax = 100;

export const listMessagesQueryAfterMax = 100;

export const listMessagesQueryBeforeMax = 100;



export const ListMessagesQueryParams = /*#__PURE__*/ zod.strictObject({
  "status": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.enum(['scheduled', 'sending', 'unknown', 'deferred', 'queued', 'partial', 'relayed', 'failed', 'canceled'])),
  "state": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.enum(['queued', 'deferred', 'relayed', 'delivered', 'bounced', 'expired', 'suppressed', 'canceled', 'unknown'])),
  "from": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(listMessagesQueryFromMax))),
  "to": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(listMessagesQueryToMax))),
  "tag": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.stringFormat('tag', listMessagesQueryTagRegExp)),
  "relay": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.stringFormat('relay-name', listMessagesQueryRelayRegExp)),
  "message_id": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(listMessagesQueryMessageIdMax))),
  "queue_id": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(listMessagesQueryQueueIdMax))),
  "created_after": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.iso.datetime({"offset":true})),
  "created_before": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.iso.datetime({"offset":true})),
  "limit": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.int().check(/*#__PURE__*/ zod.gte(1)).check(/*#__PURE__*/ zod.lte(listMessagesQueryLimitMax))),
  "after": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(listMessagesQueryAfterMax))),
  "before": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(listMessagesQueryBeforeMax)))
})

export type ListMessagesQueryParams = zod.input<typeof ListMessagesQueryParams>;
export type ListMessagesQueryParamsOutput = zod.output<typeof ListMessagesQueryParams>;


export const SendMessageBody = MessageRequest

export type SendMessageBody = zod.input<typeof SendMessageBody>;
export type SendMessageBodyOutput = zod.output<typeof SendMessageBody>;


export const SendBatchBody = BatchRequest

export type SendBatchBody = zod.input<typeof SendBatchBody>;
export type SendBatchBodyOutput = zod.output<typeof SendBatchBody>;


export const RetryMessagesBody = BulkRequest

export type RetryMessagesBody = zod.input<typeof RetryMessagesBody>;
export type RetryMessagesBodyOutput = zod.output<typeof RetryMessagesBody>;


export const CancelMessagesBody = BulkRequest

export type CancelMessagesBody = zod.input<typeof CancelMessagesBody>;
export type CancelMessagesBodyOutput = zod.output<typeof CancelMessagesBody>;


export const RescheduleMessageBody = MessagePatch

export type RescheduleMessageBody = zod.input<typeof RescheduleMessageBody>;
export type RescheduleMessageBodyOutput = zod.output<typeof RescheduleMessageBody>;


export const getMessageContentQueryCopyMin = 0;
export const getMessageContentQueryCopyMax = 1000;



export const GetMessageContentQueryParams = /*#__PURE__*/ zod.strictObject({
  "copy": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.int().check(/*#__PURE__*/ zod.gte(getMessageContentQueryCopyMin)).check(/*#__PURE__*/ zod.lte(getMessageContentQueryCopyMax)))
})

export type GetMessageContentQueryParams = zod.input<typeof GetMessageContentQueryParams>;
export type GetMessageContentQueryParamsOutput = zod.output<typeof GetMessageContentQueryParams>;


export const RetryMessageBody = RetryRequest

export type RetryMessageBody = zod.input<typeof RetryMessageBody>;
export type RetryMessageBodyOutput = zod.output<typeof RetryMessageBody>;


export const ResolveMessageBody = ResolveRequest

export type ResolveMessageBody = zod.input<typeof ResolveMessageBody>;
export type ResolveMessageBodyOutput = zod.output<typeof ResolveMessageBody>;


export const CreateRelayBody = RelayRequest

export type CreateRelayBody = zod.input<typeof CreateRelayBody>;
export type CreateRelayBodyOutput = zod.output<typeof CreateRelayBody>;


export const PutRelayBody = RelayRequest

export type PutRelayBody = zod.input<typeof PutRelayBody>;
export type PutRelayBodyOutput = zod.output<typeof PutRelayBody>;


export const UpdateRelayBody = RelayPatch

export type UpdateRelayBody = zod.input<typeof UpdateRelayBody>;
export type UpdateRelayBodyOutput = zod.output<typeof UpdateRelayBody>;


export const deleteRelayQueryMoveToRegExp = new RegExp('^[a-z0-9-]{1,64}$');


export const DeleteRelayQueryParams = /*#__PURE__*/ zod.strictObject({
  "move_to": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.stringFormat('relay-name', deleteRelayQueryMoveToRegExp))
})

export type DeleteRelayQueryParams = zod.input<typeof DeleteRelayQueryParams>;
export type DeleteRelayQueryParamsOutput = zod.output<typeof DeleteRelayQueryParams>;


export const CheckRelayBody = CheckRequest

export type CheckRelayBody = zod.input<typeof CheckRelayBody>;
export type CheckRelayBodyOutput = zod.output<typeof CheckRelayBody>;


export const listKeysQueryLimitMax = 100;

export const listKeysQueryAfterMax = 100;

export const listKeysQueryBeforeMax = 100;



export const ListKeysQueryParams = /*#__PURE__*/ zod.strictObject({
  "limit": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.int().check(/*#__PURE__*/ zod.gte(1)).check(/*#__PURE__*/ zod.lte(listKeysQueryLimitMax))),
  "after": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(listKeysQueryAfterMax))),
  "before": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(listKeysQueryBeforeMax)))
})

export type ListKeysQueryParams = zod.input<typeof ListKeysQueryParams>;
export type ListKeysQueryParamsOutput = zod.output<typeof ListKeysQueryParams>;


export const CreateKeyBody = KeyRequest

export type CreateKeyBody = zod.input<typeof CreateKeyBody>;
export type CreateKeyBodyOutput = zod.output<typeof CreateKeyBody>;


export const UpdateKeyBody = KeyPatch

export type UpdateKeyBody = zod.input<typeof UpdateKeyBody>;
export type UpdateKeyBodyOutput = zod.output<typeof UpdateKeyBody>;


export const RotateKeyBody = RotateRequest

export type RotateKeyBody = zod.input<typeof RotateKeyBody>;
export type RotateKeyBodyOutput = zod.output<typeof RotateKeyBody>;


export const listDkimKeysQueryDomainMax = 253;



export const ListDkimKeysQueryParams = /*#__PURE__*/ zod.strictObject({
  "domain": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(listDkimKeysQueryDomainMax)))
})

export type ListDkimKeysQueryParams = zod.input<typeof ListDkimKeysQueryParams>;
export type ListDkimKeysQueryParamsOutput = zod.output<typeof ListDkimKeysQueryParams>;


export const CreateDkimKeyBody = DkimRequest

export type CreateDkimKeyBody = zod.input<typeof CreateDkimKeyBody>;
export type CreateDkimKeyBodyOutput = zod.output<typeof CreateDkimKeyBody>;


export const listPublicKeysQueryLimitMax = 100;

export const listPublicKeysQueryAfterMax = 100;

export const listPublicKeysQueryBeforeMax = 100;

export const listPublicKeysQueryAddressMin = 3;
export const listPublicKeysQueryAddressMax = 320;



export const ListPublicKeysQueryParams = /*#__PURE__*/ zod.strictObject({
  "limit": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.int().check(/*#__PURE__*/ zod.gte(1)).check(/*#__PURE__*/ zod.lte(listPublicKeysQueryLimitMax))),
  "after": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(listPublicKeysQueryAfterMax))),
  "before": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(1)).check(/*#__PURE__*/ zod.maxLength(listPublicKeysQueryBeforeMax))),
  "address": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.string().check(/*#__PURE__*/ zod.minLength(listPublicKeysQueryAddressMin)).check(/*#__PURE__*/ zod.maxLength(listPublicKeysQueryAddressMax)))
})

export type ListPublicKeysQueryParams = zod.input<typeof ListPublicKeysQueryParams>;
export type ListPublicKeysQueryParamsOutput = zod.output<typeof ListPublicKeysQueryParams>;


export const AddPublicKeysBody = PublicKeyRequest

export type AddPublicKeysBody = zod.input<typeof AddPublicKeysBody>;
export type AddPublicKeysBodyOutput = zod.output<typeof AddPublicKeysBody>;


export const UpdatePublicKeyBody = PublicKeyPatch

export type UpdatePublicKeyBody = zod.input<typeof UpdatePublicKeyBody>;
export type UpdatePublicKeyBodyOutput = zod.output<typeof UpdatePublicKeyBody>;


export const PutProtectionPolicyBody = ProtectionPolicyRequest

export type PutProtectionPolicyBody = zod.input<typeof PutProtectionPolicyBody>;
export type PutProtectionPolicyBodyOutput = zod.output<typeof PutProtectionPolicyBody>;


export const PlanProtectionBody = PlanRequest

export type PlanProtectionBody = zod.input<typeof PlanProtectionBody>;
export type PlanProtectionBodyOutput = zod.output<typeof PlanProtectionBody>;


export const PutIdentityBody = IdentityRequest

export type PutIdentityBody = zod.input<typeof PutIdentityBody>;
export type PutIdentityBodyOutput = zod.output<typeof PutIdentityBody>;





export const GetTemplateQueryParams = /*#__PURE__*/ zod.strictObject({
  "version": /*#__PURE__*/ zod.exactOptional(/*#__PURE__*/ zod.int().check(/*#__PURE__*/ zod.gte(1)))
})

export type GetTemplateQueryParams = zod.input<typeof GetTemplateQueryParams>;
export type GetTemplateQueryParamsOutput = zod.output<typeof GetTemplateQueryParams>;


export const PutTemplateBody = TemplateRequest

export type PutTemplateBody = zod.input<typeof PutTemplateBody>;
export type PutTemplateBodyOutput = zod.output<typeof PutTemplateBody>;


export const RenderTemplateBody = RenderRequest

export type RenderTemplateBody = zod.input<typeof RenderTemplateBody>;
export type RenderTemplateBodyOutput = zod.output<typeof RenderTemplateBody>;


export const CreateTriggerBody = RecipeRequest

export type CreateTriggerBody = zod.input<typeof CreateTriggerBody>;
export type CreateTriggerBodyOutput = zod.output<typeof CreateTriggerBody>;


export const PutTriggerBody = TriggerRequest

export type PutTriggerBody = zod.input<typeof PutTriggerBody>;
export type PutTriggerBodyOutput = zod.output<typeof PutTriggerBody>;


export const TestTriggerBody = TestRequest

export type TestTriggerBody = zod.input<typeof TestTriggerBody>;
export type TestTriggerBodyOutput = zod.output<typeof TestTriggerBody>;


export const CallTriggerBody = /*#__PURE__*/ zod.unknown()

export type CallTriggerBody = zod.input<typeof CallTriggerBody>;
export type CallTriggerBodyOutput = zod.output<typeof CallTriggerBody>;
