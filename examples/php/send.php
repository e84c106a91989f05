<?php
// PHP 8, no extension needed: php send.php you@example.net "Hello" "It works."
// POSTERN_URL is the gateway, POSTERN_KEY a key with the scope `send`, POSTERN_FROM the sender.

declare(strict_types=1);

/** Hands over a message; the same key with the same message is never sent twice. */
function postern_send(array $message, string $idempotencyKey): array
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
        'ignore_errors' => true,
    ]]);
    $body = file_get_contents(getenv('POSTERN_URL') . '/v1/messages', false, $context);
    if ($body === false) {
        throw new RuntimeException('The gateway cannot be reached');
    }
    $answer = json_decode($body, true, 512, JSON_THROW_ON_ERROR);
    if (!preg_match('#^HTTP/\S+ 2\d\d#', $http_response_header[0])) {
        throw new RuntimeException("{$answer['code']}: {$answer['detail']}");
    }
    return $answer;
}

[, $to, $subject, $text] = $argv;
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
