<?php
// As much of WordPress as the plugin touches:
// php wordpress.php <plugin> <arguments of wp_mail as JSON> [<what filters make of a value, by name, as JSON>]

declare(strict_types=1);

define('POSTERN_URL', getenv('POSTERN_URL'));
define('POSTERN_KEY', getenv('POSTERN_KEY'));
if (getenv('POSTERN_FROM')) {
    define('POSTERN_FROM', getenv('POSTERN_FROM'));
}

$filters = [];
$actions = [];

class WP_Error
{
    public function __construct(public string $code, public string $message, public mixed $data = null)
    {
    }

    public function get_error_code(): string
    {
        return $this->code;
    }

    public function get_error_message(): string
    {
        return $this->message;
    }
}

function add_filter(string $name, callable $callback, int $priority, int $arguments): void
{
    global $filters;
    $filters[$name] = $callback;
}

function apply_filters(string $name, mixed $value): mixed
{
    return json_decode($GLOBALS['argv'][3] ?? '{}', true)[$name] ?? $value;
}

function get_bloginfo(string $name): string
{
    return $name === 'charset' ? 'UTF-8' : throw new LogicException($name);
}

function wp_generate_uuid4(): string
{
    return bin2hex(random_bytes(16));
}

function do_action(string $name, mixed $argument): void
{
    global $actions;
    $actions[] = $argument instanceof WP_Error
        ? "$name $argument->code: $argument->message (to {$argument->data['to']})"
        : $name;
}

function wp_json_encode(mixed $value): string
{
    return json_encode($value, JSON_THROW_ON_ERROR);
}

function wp_remote_post(string $url, array $options): array|WP_Error
{
    $headers = array_map(fn ($name, $value) => "$name: $value", array_keys($options['headers']), $options['headers']);
    $context = stream_context_create(['http' => [
        'method' => 'POST',
        'header' => $headers,
        'content' => $options['body'],
        'timeout' => $options['timeout'],
        'ignore_errors' => true,
    ]]);
    $body = @file_get_contents($url, false, $context);
    return $body === false
        ? new WP_Error('http_request_failed', 'Could not connect')
        : ['code' => (int) explode(' ', $http_response_header[0])[1], 'body' => $body];
}

function is_wp_error(mixed $value): bool
{
    return $value instanceof WP_Error;
}

function wp_remote_retrieve_body(array $response): string
{
    return $response['body'];
}

function wp_remote_retrieve_response_code(array $response): int
{
    return $response['code'];
}

require $argv[1];
$result = $filters['pre_wp_mail'](null, json_decode($argv[2], true));
echo var_export($result, true), ' ', implode(' ', $actions), "\n";
