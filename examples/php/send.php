<?php
// PHP 8, no extension needed. Copy what you need.

declare(strict_types=1);

const USAGE = 'php send.php TO SUBJECT TEXT
POSTERN_URL is the gateway, POSTERN_KEY a key with the scope "send", POSTERN_FROM the sender.
';
const WAITS_S = [1, 2, null];

/** Hands over a message; a repeated request with the same key is answered again, never sent again. */
function postern_send(array $message, string $idempotencyKey): array
{
    foreach (WAITS_S as $wait) {
        [$status, $answer, $retryAfter] = postern_post($message, $idempotencyKey);
        if ($status >= 200 && $status < 300) {
            return $answer;
        }
        // 409: the first request is still running. 0: there was no answer.
        $final = $status > 0 && $status < 500 && $status !== 409 && $status !== 429;
        if ($final || $wait === null) {
            break;
        }
        sleep($retryAfter ?? $wait);
    }
    throw new RuntimeException(match (true) {
        $status === 0 => "The gateway can't be reached",
        isset($answer['code']) => "{$answer['code']}: {$answer['detail']}",
        default => "HTTP $status",
    });
}

/** The status (0: none came), the answer and the seconds to wait, where they are said. */
function postern_post(array $message, string $idempotencyKey): array
{
    $context = stream_context_create(['http' => [
        'method' => 'POST',
        'header' => [
            'Authorization: Bearer ' . getenv('POSTERN_KEY'),
            'Content-Type: application/json',
            'Idempotency-Key: ' . $idempotencyKey,
        ],
        'content' => json_encode($message, JSON_THROW_ON_ERROR),
        'timeout' => 30,
        'follow_location' => 0,
        'ignore_errors' => true,
    ]]);
    $stream = @fopen(rtrim(getenv('POSTERN_URL'), '/') . '/v1/messages', 'r', false, $context);
    if ($stream === false) {
        return [0, [], null];
    }
    $headers = implode("\n", stream_get_meta_data($stream)['wrapper_data']);
    preg_match('#^HTTP/\S+ (\d{3})#', $headers, $status);
    preg_match('#^retry-after: *(\d+)#mi', $headers, $retryAfter);
    $answer = json_decode(stream_get_contents($stream), true);
    return [(int) $status[1], is_array($answer) ? $answer : [], isset($retryAfter[1]) ? (int) $retryAfter[1] : null];
}

[, $to, $subject, $text] = $argv + [null, null, null, null];
if ($text === null || !getenv('POSTERN_URL') || !getenv('POSTERN_KEY') || !getenv('POSTERN_FROM')) {
    fwrite(STDERR, USAGE);
    exit(2);
}
try {
    $answer = postern_send(
        ['from' => getenv('POSTERN_FROM'), 'to' => $to, 'subject' => $subject, 'text' => $text],
        bin2hex(random_bytes(16)),
    );
    echo "{$answer['id']} {$answer['status']}\n";
} catch (Exception $error) {
    fwrite(STDERR, $error->getMessage() . "\n");
    exit(1);
}
