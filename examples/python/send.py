"""python3 send.py TO SUBJECT TEXT [FILE…]

Standard library only. POSTERN_URL is the gateway, POSTERN_KEY a key with the scope "send", POSTERN_FROM the sender.
"""

import base64
import http.client
import json
import os
import pathlib
import sys
import time
import urllib.error
import urllib.request
import uuid

WAITS_S = [1, 2]


class Refused(Exception):
    """The gateway's reason, for good."""


def send(message: dict, idempotency_key: str) -> dict:
    """Hand over a message; a repeated request with the same key is answered again, never sent again."""
    request = urllib.request.Request(
        os.environ["POSTERN_URL"].rstrip("/") + "/v1/messages",
        data=json.dumps(message).encode(),
        headers={
            "Authorization": "Bearer " + os.environ["POSTERN_KEY"],
            "Content-Type": "application/json",
            "Idempotency-Key": idempotency_key,
        },
    )
    for wait in [*WAITS_S, None]:
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            reason = reason_of(error)
            # 409: the first request is still running.
            if error.code < 500 and error.code not in (409, 429):
                raise Refused(reason) from error
            wait = wait and float(error.headers.get("Retry-After", wait))
        except (OSError, http.client.HTTPException) as error:
            reason = f"The gateway can't be reached: {error}"
        if wait is None:
            raise Refused(reason)
        time.sleep(wait)


def reason_of(error: urllib.error.HTTPError) -> str:
    try:
        problem = json.load(error)
        return f"{problem['code']}: {problem['detail']}"
    except (ValueError, LookupError, TypeError):
        return f"HTTP {error.code}"


def attachment(path: str) -> dict:
    file = pathlib.Path(path)
    return {"filename": file.name, "content": base64.b64encode(file.read_bytes()).decode()}


def main() -> None:
    needed = ("POSTERN_URL", "POSTERN_KEY", "POSTERN_FROM")
    if len(sys.argv) < 4 or not all(os.environ.get(name) for name in needed):
        print(__doc__, end="", file=sys.stderr)
        sys.exit(2)
    to, subject, text, *files = sys.argv[1:]
    message = {"from": os.environ["POSTERN_FROM"], "to": to, "subject": subject, "text": text}
    try:
        if files:
            message["attachments"] = [attachment(path) for path in files]
        answer = send(message, str(uuid.uuid4()))
    except (Refused, OSError, ValueError) as error:
        sys.exit(str(error))
    print(answer["id"], answer["status"])


if __name__ == "__main__":
    main()
