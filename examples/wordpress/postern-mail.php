<?php
/**
 * Plugin Name: Mail through Postern
 * Description: Sends everything that goes through wp_mail() over a Postern gateway.
 *
 * Copy to wp-content/mu-plugins/ and set in wp-config.php:
 *   define('POSTERN_URL', 'https://postern.example.workers.dev');
 *   define('POSTERN_KEY', 'pst_…');              // scope `send`
 *   define('POSTERN_FROM', 'site@example.com');  // used where a mail names no sender
 *
 * Headers and filters mean what they mean in WordPress itself; Date, Message-ID and the structure are the gateway's.
 * What can't be sent makes wp_mail() return false, with the reason in wp_mail_failed.
 */

declare(strict_types=1);

/** wp_mail()'s headers, a text or a list, as [name, value] pairs. */
function postern_headers(string|array $headers): array
{
    $pairs = [];
    foreach (is_array($headers) ? $headers : preg_split('/\R/', $headers) as $line) {
        if (preg_match('/^\s*([!-9;-~]+)\s*:\s*(.*?)\s*$/s', (string) $line, $match) && $match[2] !== '') {
            $pairs[] = [$match[1], $match[2]];
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

/** "Ada <ada@example.com>" or an address alone, as name and address; no name is ''. */
function postern_mailbox(string $text): array
{
    return preg_match('/^(.*)<([^<>]*)>\s*$/s', $text, $match)
        ? ['name' => trim(str_replace('"', '', $match[1])), 'address' => trim($match[2])]
        : ['name' => '', 'address' => trim($text)];
}

/** List-Unsubscribe: the first link and the first mailto: of those in angle brackets. */
function postern_unsubscribe(string $value): array
{
    preg_match('/<\s*(https?:[^>]*?)\s*>/i', $value, $url);
    preg_match('/<\s*(mailto:[^>]*?)\s*>/i', $value, $mailto);
    return array_filter(['url' => $url[1] ?? null, 'mailto' => $mailto[1] ?? null]);
}

/** The message's fields that the headers fill, with `type` and `charset` of the text beside them. */
function postern_fields(array $pairs): array
{
    $fields = ['type' => 'text/plain', 'charset' => get_bloginfo('charset'), 'from' => postern_mailbox(POSTERN_FROM)];
    $oneClick = false;
    foreach ($pairs as [$name, $value]) {
        switch ($key = str_replace('-', '_', strtolower($name))) {
            case 'from':
                $fields['from'] = postern_mailbox($value);
                break;
            case 'cc':
            case 'bcc':
            case 'reply_to':
                $fields[$key] = [...($fields[$key] ?? []), ...postern_addresses($value)];
                break;
            case 'content_type':
                $fields['type'] = strtolower(trim(explode(';', $value)[0]));
                if (preg_match('/charset\s*=\s*"?([^";\s]+)/i', $value, $match)) {
                    $fields['charset'] = $match[1];
                }
                break;
            case 'list_unsubscribe':
                $fields['unsubscribe'] = postern_unsubscribe($value);
                break;
            case 'list_unsubscribe_post':
                $oneClick = true;
                break;
            case 'in_reply_to':
            case 'auto_submitted':
                $fields[$key] = $value;
                break;
            case 'references':
                $fields[$key] = preg_split('/\s+/', $value);
                break;
            default:
                // What the gateway or a relay writes is left to them.
                if (!preg_match('/^(date|message-id|mime-version|x-mailer|sender|return-path|(content|resent|arc|postern)-.*|received|dkim-signature|to|subject)$/i', $name)) {
                    $fields['headers'][$name] = $value;
                }
        }
    }
    if ($oneClick && str_starts_with($fields['unsubscribe']['url'] ?? '', 'https:')) {
        $fields['unsubscribe']['one_click'] = true;
    }
    return array_filter($fields, fn ($value) => $value !== []);
}

/** A file as the API takes it. */
function postern_file(string $path, string $name, array $more = []): array
{
    $content = is_file($path) && is_readable($path) ? file_get_contents($path) : false;
    if ($content === false) {
        throw new RuntimeException("The attachment $name can't be read.");
    }
    return ['filename' => $name, 'content' => base64_encode($content), ...$more];
}

/** The request for what wp_mail() was asked to send. */
function postern_message(array $mail): array
{
    ['type' => $type, 'charset' => $charset, 'from' => $from] = $fields = postern_fields(postern_headers($mail['headers'] ?: []));
    $type = apply_filters('wp_mail_content_type', $type);
    if (!str_starts_with($type, 'text/')) {
        throw new RuntimeException("A message of the type $type can't be sent: give text/plain or text/html.");
    }
    $charset = apply_filters('wp_mail_charset', $charset);
    $utf8 = fn (string $text) => strcasecmp($charset, 'UTF-8') === 0 ? $text : (@iconv($charset, 'UTF-8', $text) ?: $text);
    $message = [
        'from' => [
            'name' => (string) apply_filters('wp_mail_from_name', $from['name'] ?: 'WordPress'),
            'address' => apply_filters('wp_mail_from', $from['address'] ?: postern_mailbox(POSTERN_FROM)['address']),
        ],
        'to' => postern_addresses($mail['to']),
        'subject' => $utf8((string) $mail['subject']),
        $type === 'text/html' ? 'html' : 'text' => $utf8((string) $mail['message']),
        ...array_diff_key($fields, ['type' => 0, 'charset' => 0, 'from' => 0]),
    ];
    $files = $mail['attachments'] ?: [];
    foreach (is_array($files) ? $files : array_filter(preg_split('/\R/', $files)) as $name => $path) {
        $message['attachments'][] = postern_file($path, is_string($name) ? $name : basename($path));
    }
    foreach ($mail['embeds'] ?? [] as $id => $path) {
        $inline = ['content_id' => (string) $id, 'disposition' => 'inline'];
        $message['attachments'][] = postern_file($path, basename($path), $inline);
    }
    return $message;
}

/** Hands the message over, a second time where that may help: with the same key it is sent once. Null, or why not. */
function postern_post(array $message): ?WP_Error
{
    $request = [
        'timeout' => 30,
        'redirection' => 0,
        'headers' => [
            'Authorization' => 'Bearer ' . POSTERN_KEY,
            'Content-Type' => 'application/json',
            'Idempotency-Key' => wp_generate_uuid4(),
        ],
        'body' => wp_json_encode($message),
    ];
    foreach ([true, false] as $again) {
        $response = wp_remote_post(rtrim(POSTERN_URL, '/') . '/v1/messages', $request);
        $status = is_wp_error($response) ? 0 : (int) wp_remote_retrieve_response_code($response);
        if ($status >= 200 && $status < 300) {
            return null;
        }
        if (!$again || ($status > 0 && $status < 500 && $status !== 409 && $status !== 429)) {
            break;
        }
        sleep(1);
    }
    if (is_wp_error($response)) {
        return $response;
    }
    $problem = json_decode(wp_remote_retrieve_body($response), true);
    return new WP_Error($problem['code'] ?? 'postern', $problem['detail'] ?? "The gateway answered HTTP $status.");
}

/** True or false ends wp_mail() with it; null would let WordPress send the mail itself. */
function postern_send_mail(?bool $return, array $mail): bool
{
    if ($return !== null) {
        return $return; // another plugin has dealt with it
    }
    try {
        foreach (['POSTERN_URL', 'POSTERN_KEY', 'POSTERN_FROM'] as $name) {
            defined($name) || throw new RuntimeException("$name has to be set in wp-config.php.");
        }
        $error = postern_post(postern_message($mail));
    } catch (Throwable $exception) {
        $error = new WP_Error('wp_mail_failed', $exception->getMessage());
    }
    if ($error === null) {
        do_action('wp_mail_succeeded', $mail);
        return true;
    }
    do_action('wp_mail_failed', new WP_Error($error->get_error_code(), $error->get_error_message(), $mail));
    return false;
}

add_filter('pre_wp_mail', 'postern_send_mail', 10, 2);
