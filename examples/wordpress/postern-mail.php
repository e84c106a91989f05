<?php
/**
 * Plugin Name: Mail through Postern
 * Description: Sends everything that goes through wp_mail() over a Postern gateway.
 *
 * Copy to wp-content/mu-plugins/ and set in wp-config.php:
 *   define('POSTERN_URL', 'https://postern.example.workers.dev');
 *   define('POSTERN_KEY', 'pst_…');              // scope `send`
 *   define('POSTERN_FROM', 'site@example.com');  // used where a mail names no sender
 */

declare(strict_types=1);

/** wp_mail()'s headers, a text or a list, as [lower-case name, value] pairs. */
function postern_headers(string|array $headers): array
{
    $pairs = [];
    foreach (is_array($headers) ? $headers : preg_split('/\R/', $headers) as $line) {
        if (preg_match('/^\s*([!-9;-~]+)\s*:\s*(.*?)\s*$/', (string) $line, $match)) {
            $pairs[] = [strtolower($match[1]), $match[2]];
        }
    }
    return $pairs;
}

/** A list of addresses as wp_mail() takes it: an array, or a text with commas between. */
function postern_addresses(string|array $list): array
{
    $parts = is_array($list) ? $list : preg_split('/,(?=(?:[^"]*"[^"]*")*[^"]*$)/', $list);
    return array_values(array_filter(array_map('trim', $parts), fn ($part) => $part !== ''));
}

/** The request for what wp_mail() was asked to send. */
function postern_message(array $mail): array
{
    $message = ['to' => postern_addresses($mail['to']), 'subject' => $mail['subject']];
    $type = 'text/plain';
    foreach (postern_headers($mail['headers'] ?: []) as [$name, $value]) {
        if ($name === 'from') {
            $message['from'] = $value;
        } elseif ($name === 'cc' || $name === 'bcc' || $name === 'reply-to') {
            $field = str_replace('-', '_', $name);
            $message[$field] = [...($message[$field] ?? []), ...postern_addresses($value)];
        } elseif ($name === 'content-type') {
            $type = strtolower(trim(explode(';', $value)[0]));
        } elseif (str_starts_with($name, 'x-')) {
            $message['headers'][$name] = $value;
        }
    }
    $message['from'] ??= apply_filters('wp_mail_from', POSTERN_FROM);
    $type = apply_filters('wp_mail_content_type', $type);
    $message[$type === 'text/html' ? 'html' : 'text'] = $mail['message'];
    $files = $mail['attachments'] ?: [];
    foreach (is_array($files) ? $files : preg_split('/\R/', $files) as $name => $path) {
        $message['attachments'][] = [
            'filename' => is_string($name) ? $name : basename($path),
            'content' => base64_encode(file_get_contents($path)),
        ];
    }
    return $message;
}

/** True or false ends wp_mail() with it; null would let WordPress send the mail itself. */
function postern_send_mail(?bool $return, array $mail): bool
{
    $response = wp_remote_post(POSTERN_URL . '/v1/messages', [
        'timeout' => 30,
        'headers' => [
            'Authorization' => 'Bearer ' . POSTERN_KEY,
            'Content-Type' => 'application/json',
        ],
        'body' => wp_json_encode(postern_message($mail)),
    ]);
    if (is_wp_error($response)) {
        do_action('wp_mail_failed', $response);
        return false;
    }
    $answer = json_decode(wp_remote_retrieve_body($response), true);
    if (intdiv((int) wp_remote_retrieve_response_code($response), 100) === 2) {
        do_action('wp_mail_succeeded', $mail);
        return true;
    }
    do_action('wp_mail_failed', new WP_Error($answer['code'] ?? 'postern', $answer['detail'] ?? '', $mail));
    return false;
}

add_filter('pre_wp_mail', 'postern_send_mail', 10, 2);
