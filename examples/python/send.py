"""Python 3, standard library only: python3 send.py you@example.net "Hello" "It works." [file…]

POSTERN_URL is the gateway, POSTERN_KEY a key with the scope `send`, POSTERN_FROM the sender.
"""

import base64
import json
import os
import pathlib
import sys
import urllib.error
import urllib.request
import uuid


def send(message: dict, idempotency_key: str) -> dict:
    """Hand over a message; the same key with the same message is never sent twice."""
    request = urllib.request.Request(
        os.environ["POSTERN_URL"] + "/v1/messages",
        data=json.dumps(message).encode(),
        headers={
            "Authorization": "Bearer " + os.environ["POSTERN_KEY"],
            "Content-Type": "application/json",
            "Idempotency-Key": idempotency_key,
        },
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)


def attachment(path: str) -> dict:
    file = pathlib.Path(path)
    return {"filename": file.name, "content": base64.b64encode(file.read_bytes()).decode()}


if __name__ == "__main__":
    to, subject, text, *files = sys.argv[1:]
    message = {"from": os.environ["POSTERN_FROM"], "to": to, "subject": subject, "text": text}
    if files:
        message["attachments"] = [attachment(path) for path in files]
    try:
        answer = send(message, str(uuid.uuid4()))
    except urllib.error.HTTPError as error:
        problem = json.load(error)
        sys.exit(f"{problem['code']}: {problem['detail']}")
    print(answer["id"], answer["status"])
