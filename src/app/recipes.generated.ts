/** Generated from examples/triggers/ by `npm run generate`. Do not edit. */

import type { Recipe } from './apply-recipe.ts'

export const RECIPES: Record<string, Recipe> = {
  "alertmanager": {
    "setup": [
      "In alertmanager.yml add a receiver, with the `secret` of this answer (or the one that you gave) as credentials:\nreceivers:\n  - name: mail\n    webhook_configs:\n      - url: {url}\n        send_resolved: true\n        http_config:\n          authorization:\n            credentials: <secret>\n",
      "Name the receiver in a route and reload Alertmanager.",
      "A notification that comes again word by word within 10 minutes is taken as a retry: leave repeat_interval longer."
    ],
    "trigger": {
      "source": {
        "type": "bearer"
      },
      "rules": [
        {
          "name": "alerts",
          "when": "payload.alerts",
          "then": {
            "subject": "{%- assign firing = payload.alerts | where: \"status\", \"firing\" -%}\n[{{ payload.status | upcase }}{% if firing.size > 0 %}:{{ firing.size }}{% endif %}]\n{%- assign group = \"\" %}\n{%- for label in payload.groupLabels %}{% assign group = group | append: \" \" | append: label[1] %}{% endfor %}\n{%- if group == \"\" %} {{ payload.alerts[0].labels.alertname | default: \"alert\" }}{% else %}{{ group }}{% endif %}\n",
            "html": "{%- for alert in payload.alerts %}\n<h3>{{ alert.status | capitalize }}: {% if alert.annotations.summary %}{{ alert.annotations.summary }}{% else %}{{ alert.labels.alertname | default: \"alert\" }}{% endif %}</h3>\n{%- if alert.annotations.description %}<p>{{ alert.annotations.description | newline_to_br }}</p>{% endif %}\n<p>Since {{ alert.startsAt | date: \"%Y-%m-%d %H:%M UTC\" }}\n{%- if alert.status == \"resolved\" %} until {{ alert.endsAt | date: \"%Y-%m-%d %H:%M UTC\" }}{% endif %}.\n{%- if alert.generatorURL and alert.generatorURL != \"\" %} <a href=\"{{ alert.generatorURL }}\">Source</a>{% endif %}</p>\n<table>\n{%- for label in alert.labels %}\n<tr><td>{{ label[0] }}</td><td>{{ label[1] }}</td></tr>\n{%- endfor %}\n</table>\n{%- endfor %}\n<p><a href=\"{{ payload.externalURL }}\">Alertmanager</a></p>\n",
            "tags": {
              "status": "{{ payload.status }}"
            }
          }
        }
      ]
    }
  },
  "contact-form": {
    "setup": [
      "Put a form on your page: <form method=\"post\" action=\"{url}\">, with the fields name, email and message.",
      "For robots add a field that people do not see, and leave it empty: <input name=\"website\" style=\"display:none\" tabindex=\"-1\" autocomplete=\"off\">. A post in which it is filled is answered like any other and makes no mail.",
      "The page has to be one of `origins`, as browsers say it: https://www.example.com. Answers to the mail go to the address that the visitor gave.",
      "A page ready to copy, and one that posts by script: examples/contact-form."
    ],
    "trigger": {
      "source": {
        "type": "form",
        "honeypot": "website"
      },
      "rules": [
        {
          "name": "message",
          "then": {
            "reply_to": "{{ payload.email | default: \"\" }}",
            "subject": "Message from {{ payload.name | default: \"a visitor\" }}",
            "text": "{{ payload.message | default: \"\" }}\n\n--{{ \" \" }}\n{{ payload.name | default: \"No name\" }} <{{ payload.email | default: \"no address\" }}>, by the form on {{ headers.origin }}\n"
          }
        }
      ]
    }
  },
  "github-issue": {
    "setup": [
      "On GitHub open the repository, or the organization, and there Settings, Webhooks, Add webhook.",
      "Payload URL: {url}",
      "Content type: application/json.",
      "Secret: the `secret` of this answer, or the one that you gave.",
      "Which events: Let me select individual events, and of those only Issues.",
      "GitHub says hello with a ping, which makes no mail. Open an issue to see one."
    ],
    "trigger": {
      "source": {
        "type": "github"
      },
      "rules": [
        {
          "name": "issue-opened",
          "when": "payload.action == \"opened\" and payload.issue",
          "then": {
            "subject": "[{{ payload.repository.full_name }}] {{ payload.issue.title }} (#{{ payload.issue.number }})",
            "html": "<p>{{ payload.issue.user.login }} opened\n<a href=\"{{ payload.issue.html_url }}\">{{ payload.repository.full_name }}#{{ payload.issue.number }}</a>:\n<b>{{ payload.issue.title }}</b></p>\n{%- if payload.issue.labels.size > 0 %}\n<p>Labels: {{ payload.issue.labels | map: \"name\" | join: \", \" }}</p>\n{%- endif %}\n<blockquote>{{ payload.issue.body | default: \"No description.\" | newline_to_br }}</blockquote>\n",
            "tags": {
              "repository": "{{ payload.repository.full_name }}"
            }
          }
        }
      ]
    }
  },
  "grafana": {
    "setup": [
      "In Grafana open Alerting, Contact points, Add contact point, and choose the integration Webhook.",
      "URL: {url}",
      "Under Optional Webhook settings, Authorization Header - Scheme: Bearer; Credentials: the `secret` of this answer, or the one that you gave.",
      "Press Test: a mail comes. Then name the contact point in a notification policy.",
      "A notification that comes again word by word within 10 minutes is taken as a retry: leave the repeat interval longer."
    ],
    "trigger": {
      "source": {
        "type": "bearer"
      },
      "rules": [
        {
          "name": "alerts",
          "when": "payload.alerts",
          "then": {
            "subject": "{{ payload.title | default: \"Grafana alert\" }}",
            "html": "{%- for alert in payload.alerts %}\n<h3>{{ alert.status | capitalize }}: {{ alert.labels.alertname | default: \"Alert\" }}</h3>\n{%- if alert.annotations.summary %}<p>{{ alert.annotations.summary }}</p>{% endif %}\n{%- if alert.annotations.description %}<p>{{ alert.annotations.description | newline_to_br }}</p>{% endif %}\n<table>\n{%- for label in alert.labels %}\n<tr><td>{{ label[0] }}</td><td>{{ label[1] }}</td></tr>\n{%- endfor %}\n{%- if alert.values %}{% for value in alert.values %}\n<tr><td>value {{ value[0] }}</td><td>{{ value[1] }}</td></tr>\n{%- endfor %}{% endif %}\n</table>\n<p>Since {{ alert.startsAt | date: \"%Y-%m-%d %H:%M UTC\" }}\n{%- if alert.status == \"resolved\" %} until {{ alert.endsAt | date: \"%Y-%m-%d %H:%M UTC\" }}{% endif %}.\n{%- if alert.generatorURL and alert.generatorURL != \"\" %} <a href=\"{{ alert.generatorURL }}\">Rule</a>{% endif %}\n{%- if alert.dashboardURL and alert.dashboardURL != \"\" %} <a href=\"{{ alert.dashboardURL }}\">Dashboard</a>{% endif %}\n{%- if alert.silenceURL and alert.silenceURL != \"\" %} <a href=\"{{ alert.silenceURL }}\">Silence</a>{% endif %}</p>\n{%- endfor %}\n",
            "tags": {
              "status": "{{ payload.status }}"
            }
          }
        }
      ]
    }
  },
  "json-to-table": {
    "setup": [
      "Post to {url} with the header Authorization: Bearer, and the `secret` of this answer, or the one that you gave.",
      "For example: curl {url} -H 'Authorization: Bearer <secret>' -H 'Content-Type: application/json' -d '{\"subject\": \"Backup\", \"host\": \"db1\", \"ok\": true}'",
      "The field `subject` or `title`, where there is one, is the subject."
    ],
    "trigger": {
      "source": {
        "type": "bearer"
      },
      "rules": [
        {
          "name": "table",
          "then": {
            "subject": "{%- assign subject = payload.subject | default: \"\" %}\n{%- if subject == \"\" %}{% assign subject = payload.title | default: \"\" %}{% endif %}\n{%- assign sign = subject | json | slice: 0 %}\n{%- if subject == \"\" or sign == \"{\" or sign == \"[\" %}New data{% else %}{{ subject }}{% endif %}\n",
            "html": "{%- assign kind = payload | json | slice: 0 %}\n{%- assign entry = \"\" %}\n{%- if kind == \"[\" and payload.size > 0 %}{% assign entry = payload | first | json | slice: 0 %}{% endif %}\n<table border=\"1\" cellpadding=\"6\" style=\"border-collapse: collapse\">\n{%- if entry == \"{\" %}\n{%- assign columns = payload | first %}\n<tr>{% for column in columns %}<th align=\"left\">{{ column[0] }}</th>{% endfor %}</tr>\n{%- for row in payload %}\n<tr>\n{%- for column in columns %}\n{%- assign name = column[0] %}\n{%- assign cell = row[name] | default: \"\", allow_false: true %}\n{%- assign sign = cell | json | slice: 0 %}\n<td>{% if sign == \"{\" or sign == \"[\" %}<code>{{ cell | json }}</code>{% else %}{{ cell | newline_to_br }}{% endif %}</td>\n{%- endfor %}</tr>\n{%- endfor %}\n{%- elsif kind == \"{\" %}\n{%- for pair in payload %}\n{%- assign cell = pair[1] %}\n{%- assign sign = cell | json | slice: 0 %}\n<tr><th align=\"left\">{{ pair[0] }}</th><td>{% if sign == \"{\" or sign == \"[\" %}<code>{{ cell | json }}</code>{% else %}{{ cell | newline_to_br }}{% endif %}</td></tr>\n{%- endfor %}\n{%- elsif kind == \"[\" %}\n{%- for cell in payload %}\n{%- assign sign = cell | json | slice: 0 %}\n<tr><td>{% if sign == \"{\" or sign == \"[\" %}<code>{{ cell | json }}</code>{% else %}{{ cell | newline_to_br }}{% endif %}</td></tr>\n{%- endfor %}\n{%- else %}\n<tr><td>{{ payload | newline_to_br }}</td></tr>\n{%- endif %}\n</table>\n"
          }
        }
      ]
    }
  },
  "sentry": {
    "secret": "the Client Secret of the integration, which Sentry makes and shows when the integration is saved, then no more",
    "setup": [
      "In Sentry open Settings, Custom Integrations (once Developer Settings), Create New Integration, Internal Integration.",
      "Webhook URL: {url}",
      "Switch Alert Rule Action on and save. The Client Secret among the credentials is the one you gave here.",
      "In an alert rule, under \"Then perform these actions\", choose \"Send a notification via\" this integration."
    ],
    "trigger": {
      "source": {
        "type": "hmac",
        "header": "Sentry-Hook-Signature"
      },
      "rules": [
        {
          "name": "issue-alert",
          "when": "payload.action == \"triggered\" and payload.data.event",
          "then": {
            "subject": "{{ payload.data.event.title }}",
            "html": "{%- assign event = payload.data.event %}\n<p><b><a href=\"{{ event.web_url }}\">{{ event.title }}</a></b></p>\n<ul>\n<li>Level: {{ event.level | default: \"error\" }}</li>\n{%- if event.culprit %}<li>Where: {{ event.culprit }}</li>{% endif %}\n{%- if event.release %}<li>Release: {{ event.release }}</li>{% endif %}\n{%- if event.environment %}<li>Environment: {{ event.environment }}</li>{% endif %}\n<li>When: {{ event.datetime | date: \"%Y-%m-%d %H:%M:%S UTC\" }}</li>\n{%- if payload.data.triggered_rule %}<li>Rule: {{ payload.data.triggered_rule }}</li>{% endif %}\n</ul>\n{%- if event.tags %}\n<table>\n{%- for tag in event.tags %}\n<tr><td>{{ tag[0] }}</td><td>{{ tag[1] }}</td></tr>\n{%- endfor %}\n</table>\n{%- endif %}\n",
            "tags": {
              "level": "{{ payload.data.event.level | default: \"error\" }}"
            }
          }
        }
      ]
    }
  },
  "shopify-order": {
    "secret": "the secret under \"Your webhooks will be signed with\" (Settings, Notifications, Webhooks), or an app's client secret; Shopify makes it",
    "setup": [
      "In the admin of the shop open Settings, Notifications, Webhooks, Create webhook.",
      "Event: Order creation. Format: JSON.",
      "URL: {url}",
      "Webhook API version: the newest stable one. Below the list stands what webhooks are signed with: the secret you gave here.",
      "Send test notification makes a mail of a sample order."
    ],
    "trigger": {
      "source": {
        "type": "shopify"
      },
      "rules": [
        {
          "name": "order",
          "when": "payload.line_items",
          "then": {
            "subject": "Order {{ payload.name }}: {{ payload.total_price }} {{ payload.currency }}{% if payload.cancelled_at %} (canceled){% endif %}",
            "html": "<p>{% if payload.test %}A test: order{% else %}Order{% endif %} {{ payload.name }} of {{ payload.created_at | date: \"%Y-%m-%d %H:%M UTC\" }},\n{{ payload.financial_status | default: \"not paid\" }}.\n{%- if payload.cancelled_at %} Canceled: {{ payload.cancel_reason | default: \"no reason given\" }}.{% endif %}</p>\n<table>\n{%- for item in payload.line_items %}\n<tr><td>{{ item.quantity }} ×</td><td>{{ item.title }}{% if item.variant_title %}, {{ item.variant_title }}{% endif %}{% if item.sku %} ({{ item.sku }}){% endif %}</td><td>{{ item.price }}</td></tr>\n{%- endfor %}\n{%- for line in payload.shipping_lines %}\n<tr><td></td><td>{{ line.title }}</td><td>{{ line.price }}</td></tr>\n{%- endfor %}\n<tr><td></td><td><b>Total</b></td><td><b>{{ payload.total_price }} {{ payload.currency }}</b></td></tr>\n</table>\n{%- if payload.shipping_address %}\n{%- assign to = payload.shipping_address %}\n<p>To: {{ to.name }}{% if to.company %}, {{ to.company }}{% endif %}<br>\n{{ to.address1 }}{% if to.address2 %}, {{ to.address2 }}{% endif %}<br>\n{{ to.zip }} {{ to.city }}, {{ to.country }}</p>\n{%- endif %}\n{%- if payload.email and payload.email != \"\" %}<p>Customer: {{ payload.email }}</p>{% endif %}\n{%- if payload.note and payload.note != \"\" %}<p>Note: {{ payload.note | newline_to_br }}</p>{% endif %}\n",
            "tags": {
              "order": "{{ payload.name }}"
            }
          }
        }
      ]
    }
  },
  "slack-command": {
    "secret": "the Signing Secret of the app (Basic Information, App Credentials), which Slack makes",
    "setup": [
      "At api.slack.com/apps open or make an app, and there Slash Commands, Create New Command.",
      "Request URL: {url}",
      "Give the command a name and a description, save, and install the app to the workspace. The Signing Secret under Basic Information is the one you gave here.",
      "Whoever uses the command sees nothing but that it was taken."
    ],
    "trigger": {
      "source": {
        "type": "slack"
      },
      "rules": [
        {
          "name": "command",
          "when": "payload.command",
          "then": {
            "subject": "{{ payload.command }} {{ payload.text | default: \"\" }}",
            "text": "{{ payload.text | default: \"(nothing)\" }}\n\n--{{ \" \" }}\n{{ payload.command }} by {{ payload.user_name | default: \"somebody\" }} in #{{ payload.channel_name | default: \"\" }}, {{ payload.team_domain | default: \"\" }}\n",
            "tags": {
              "command": "{{ payload.command | remove: \"/\" }}"
            }
          }
        }
      ]
    }
  },
  "stripe-payment-failed": {
    "secret": "the signing secret of the endpoint (whsec_…), which Stripe makes and shows once the endpoint is there",
    "setup": [
      "In the Stripe dashboard open Developers, Webhooks, Add destination (or Add endpoint).",
      "Endpoint URL: {url}",
      "Events: payment_intent.payment_failed. Others make no mail.",
      "The signing secret that Stripe shows there is the one you gave here. After you roll it, PUT the trigger with both in `secrets`."
    ],
    "trigger": {
      "source": {
        "type": "stripe"
      },
      "rules": [
        {
          "name": "payment-failed",
          "when": "payload.type == \"payment_intent.payment_failed\"",
          "then": {
            "subject": "{%- assign intent = payload.data.object %}\n{%- assign whole = \"bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf\" | split: \" \" %}\n{%- assign mils = \"bhd jod kwd omr tnd\" | split: \" \" %}\n{%- assign places = 2 %}{% assign unit = 100 %}\n{%- if whole contains intent.currency %}{% assign places = 0 %}{% assign unit = 1 %}{% endif %}\n{%- if mils contains intent.currency %}{% assign places = 3 %}{% assign unit = 1000 %}{% endif %}\n{%- assign from = 0 | minus: places -%}\nPayment failed: {{ intent.amount | divided_by: unit | floor }}\n{%- if places > 0 %}.{{ intent.amount | modulo: unit | prepend: \"000\" | slice: from, places }}{% endif %} {{ intent.currency | upcase }}\n",
            "html": "{%- assign intent = payload.data.object %}\n<p>The payment <a href=\"https://dashboard.stripe.com/{% unless payload.livemode %}test/{% endunless %}payments/{{ intent.id }}\">{{ intent.id }}</a> failed\n{%- unless payload.livemode %} (test mode){% endunless %}.</p>\n<ul>\n{%- if intent.last_payment_error %}\n<li>Reason: {{ intent.last_payment_error.message | default: \"none given\" }} ({{ intent.last_payment_error.decline_code | default: \"\" }}{% unless intent.last_payment_error.decline_code %}{{ intent.last_payment_error.code | default: \"no code\" }}{% endunless %})</li>\n{%- endif %}\n{%- if intent.description %}<li>Description: {{ intent.description }}</li>{% endif %}\n{%- if intent.customer %}<li>Customer: {{ intent.customer }}</li>{% endif %}\n{%- if intent.receipt_email %}<li>Address: {{ intent.receipt_email }}</li>{% endif %}\n</ul>\n",
            "tags": {
              "event": "{{ payload.type }}"
            }
          }
        }
      ]
    }
  },
  "uptime-kuma": {
    "setup": [
      "In Uptime Kuma open Settings, Notifications, Setup Notification, and choose the type Webhook.",
      "Post URL: {url}",
      "Request Body: Preset - application/json.",
      "Additional Headers: {\"Authorization\": \"Bearer <secret>\"}, with the `secret` of this answer, or the one that you gave.",
      "Press Test: a mail comes. Then turn the notification on for your monitors."
    ],
    "trigger": {
      "source": {
        "type": "bearer"
      },
      "rules": [
        {
          "name": "monitor",
          "when": "payload.heartbeat and payload.monitor",
          "then": {
            "subject": "{{ payload.monitor.name }} is {% case payload.heartbeat.status %}{% when 0 %}down{% when 1 %}up{% when 3 %}in maintenance{% else %}pending{% endcase %}",
            "html": "<p><b>{{ payload.msg }}</b></p>\n<p>{{ payload.heartbeat.time | default: \"\" }} UTC\n{%- if payload.monitor.url and payload.monitor.url != \"\" and payload.monitor.url != \"https://\" %}, {{ payload.monitor.url }}{% endif %}\n{%- if payload.monitor.hostname and payload.monitor.hostname != \"\" %}, {{ payload.monitor.hostname }}{% endif %}</p>\n",
            "tags": {
              "monitor": "{{ payload.monitor.name }}"
            }
          }
        },
        {
          "name": "notice",
          "when": "payload.msg",
          "then": {
            "subject": "Uptime Kuma: {{ payload.msg }}",
            "text": "{{ payload.msg }}"
          }
        }
      ]
    }
  }
}
