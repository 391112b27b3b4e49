#!/usr/bin/env php
<?php
// A worker of swift-mapreduce with what Debian's package php-cli brings; docs/worker-protocol.md explains each step.
//
//     php worker.php LINE         a join line as mr-master prints it; - reads it from standard input, where nobody sees it
//     php worker.php HOST:PORT    a master of yours on this machine
//
// It counts words by itself (--app wordcount) and runs the programs of streaming jobs, one task at a time, in memory.
declare(strict_types=1);
ini_set('memory_limit', '-1');
error_reporting(E_ALL & ~E_WARNING); // functions that fail say so by what they return

const PATIENCE = 900; // seconds for which a master that does not answer is waited for

function finish(int $code, string $text = ''): never
{
    if ($text !== '') fwrite(STDERR, "worker.php: $text\n");
    exit($code);
}

/** Why an attempt ends without success. */
class Outcome extends Exception
{
    public function __construct(public readonly string $outcome, string $reason) { parent::__construct($reason); }
}

/** Who it is, what to show it, and how to speak to it. */
class Master
{
    public ?string $token = null;
    public ?string $secret = null;
    private ?string $pin = null;
    private ?string $record = null;
    private string $address;

    public function __construct(string $place)
    {
        if (preg_match('/^mr1\.(\w+)\.(\w+)@(\S+)\s*$/', $place, $line)) {
            [, $this->pin, $this->secret, $this->address] = $line;
            return;
        }
        // What it has left in its user's state folder lets in, and is gone when the master has ended.
        $state = getenv('MR_STATE_DIR') ?: (getenv('XDG_STATE_HOME') ?: getenv('HOME') . '/.local/state') . '/swift-mapreduce';
        $this->address = $place;
        $this->record = "$state/" . strtr($place, ':', '-');
        if (!is_file($this->record)) finish(1, "no master has left word in $this->record");
        $this->secret = preg_match('/^token (\S+)/m', file_get_contents($this->record), $found) ? $found[1] : null;
    }

    /** A connection; false where there is none. Nothing is sent before the key is checked: the pin says more than names and authorities. */
    private function connect()
    {
        $context = stream_context_create(['ssl' => ['verify_peer' => false, 'verify_peer_name' => false, 'capture_peer_cert' => true]]);
        $socket = stream_socket_client(($this->pin ? 'tls' : 'tcp') . "://$this->address", $code, $text, 10, STREAM_CLIENT_CONNECT, $context);
        if (!$socket || !$this->pin) return $socket;
        $certificate = stream_context_get_params($socket)['options']['ssl']['peer_certificate'];
        $key = openssl_pkey_get_details(openssl_pkey_get_public($certificate))['key'];
        $der = base64_decode(preg_replace('/-----[^-]+-----/', '', $key));
        if (base32(substr(hash('sha256', $der, true), 0, 20)) !== $this->pin) {
            finish(1, "$this->address is not the master that made this join line: its key is another");
        }
        return $socket;
    }

    /** One request, and the connection ends with it: status and body, status 0 where there is no answer. */
    public function request(string $method, string $path, string $body = ''): array
    {
        $none = [0, "no answer from $this->address"];
        if (!($socket = $this->connect())) return $none;
        stream_set_timeout($socket, 60);
        $head = "$method $path HTTP/1.1\r\nHost: $this->address\r\nConnection: close\r\nContent-Type: text/xml\r\n"
            . ($this->token ? "Authorization: Bearer $this->token\r\n" : '') . 'Content-Length: ' . strlen($body) . "\r\n\r\n";
        for ($rest = $head . $body; $rest !== ''; $rest = substr($rest, $sent)) {
            if (!($sent = fwrite($socket, substr($rest, 0, 1 << 20)))) break; // it may have answered already
        }
        $answer = explode("\r\n\r\n", stream_get_contents($socket), 2);
        if (!preg_match('/^HTTP\/1\.1 (\d+)/', $answer[0], $status) || count($answer) < 2) return $none;
        // A connection that breaks ends a body too early.
        if (preg_match('/^content-length: (\d+)/mi', $answer[0], $length) && strlen($answer[1]) < $length[1]) return $none;
        return [(int) $status[1], $answer[1]];
    }

    /** One bulky request. The status of a refusal says what becomes of the attempt; without an answer nobody is to blame. */
    public function data(string $method, string $path, string $body = ''): string
    {
        [$status, $answer] = $this->request($method, $path, $body);
        if ($status >= 200 && $status < 300) return $answer;
        throw new Outcome([0 => 'handed_back', 409 => 'handed_back', 422 => 'refused'][$status] ?? 'failed', "$method $path: $status $answer");
    }

    /** One call, the same again and again until there is an answer; null: the master does not know us. */
    public function call(string $method, mixed ...$parameters): mixed
    {
        $document = "<?xml version=\"1.0\"?><methodCall><methodName>$method</methodName><params>"
            . implode('', array_map(fn ($one) => '<param>' . xml($one) . '</param>', $parameters)) . '</params></methodCall>';
        for ($deadline = time() + PATIENCE; ; usleep(500_000)) {
            [$status, $answer] = $this->request('POST', '/RPC2', $document);
            if ($status === 401) return null;
            if ($status === 200) {
                preg_match_all('/<[^>]+>|[^<]+/', $answer, $found);
                $tokens = array_slice($found[0], array_search('<value>', $found[0]) + 1);
                $value = value($tokens);
                if (!in_array('<fault>', $found[0])) return $value;
                if ($value['faultCode'] === 100) return null;
                finish(1, $value['faultString']);
            }
            if ($this->record && !file_exists($this->record)) finish(0); // it has ended, and the job with it
            if (time() > $deadline) finish(1, "$status $answer");
        }
    }
}

function base32(string $bytes): string
{
    $bits = implode('', array_map(fn ($byte) => sprintf('%08b', ord($byte)), str_split($bytes)));
    return implode('', array_map(fn ($five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[bindec($five)], str_split($bits, 5)));
}

/** A value in XML-RPC, by its type; an array is a struct if its keys are names. */
function xml(mixed $value): string
{
    $member = fn ($name) => "<member><name>$name</name>" . xml($value[$name]) . '</member>';
    $inner = match (true) {
        is_int($value) => "<int>$value</int>",
        is_float($value) => '<double>' . sprintf('%.3f', $value) . '</double>',
        is_string($value) => '<string>' . htmlspecialchars(preg_replace('/[^\n -~]/', ' ', $value)) . '</string>',
        array_is_list($value) => '<array><data>' . implode('', array_map('xml', $value)) . '</data></array>',
        default => '<struct>' . implode('', array_map($member, array_keys($value))) . '</struct>',
    };
    return "<value>$inner</value>";
}

/** Takes a value's tags and texts from the beginning of a list, in which <value> itself has been passed. */
function value(array &$rest): mixed
{
    $type = array_shift($rest);
    if ($type === '<struct>' || $type === '<array>') {
        $found = [];
        while (($tag = array_shift($rest)) !== '</value>') {
            if ($tag === '<name>') {
                [$name] = array_splice($rest, 0, 3);
                $found[$name] = value($rest);
            } elseif ($tag === '<value>') {
                $found[] = value($rest);
            }
        }
        return $found;
    }
    $text = $rest[0][0] === '<' ? '' : array_shift($rest);
    array_splice($rest, 0, 2);
    return match ($type) {
        '<base64>' => base64_decode($text),
        '<int>' => (int) $text,
        '<double>' => (float) $text,
        default => html_entity_decode($text),
    };
}

/** Words are what stands between ASCII white space. */
function countWords(string $input): string
{
    // A word of digits would become a number as a key, so each key begins with a letter.
    $counts = [];
    foreach (preg_split('/[\t-\r ]+/', $input, -1, PREG_SPLIT_NO_EMPTY) as $word) $counts["w$word"] = ($counts["w$word"] ?? 0) + 1;
    return implode('', array_map(fn ($word, $count) => substr($word, 1) . "\t$count\n", array_keys($counts), $counts));
}

/** They are sorted: the counts of one word, each from another map task, follow each other. */
function addCounts(string $pairs): string
{
    $sums = [];
    foreach (explode("\n", $pairs, -1) as $line) {
        [$word, $count] = explode("\t", $line);
        $sums["w$word"] = ($sums["w$word"] ?? 0) + (int) $count;
    }
    return implode('', array_map(fn ($word, $sum) => substr($word, 1) . "\t$sum\n", array_keys($sums), $sums));
}

/** A file that is gone when it is closed, however this process ends. */
function unnamedFile()
{
    $file = tmpfile();
    unlink(stream_get_meta_data($file)['uri']);
    return $file;
}

function runProgram(string $command, string $folder, string $input): string
{
    // Files, because pipes want to be read and written at once.
    [$in, $out, $errors] = [unnamedFile(), unnamedFile(), unnamedFile()];
    for ($rest = $input; $rest !== ''; $rest = substr($rest, fwrite($in, $rest)));
    rewind($in);
    $code = proc_close(proc_open(['sh', '-c', $command], [$in, $out, $errors], $pipes, is_dir($folder) ? $folder : null));
    rewind($out);
    if ($code === 0) return stream_get_contents($out);
    rewind($errors);
    throw new Exception("the program ended with $code: " . substr(stream_get_contents($errors), -2000));
}

function work(array $job, bool $maps, string $input): string
{
    $options = $job['options'];
    if ($job['application'] === 'streaming') {
        $command = $options[$maps ? 'mapper' : 'reducer'] ?? null;
        return $command === null ? $input : runProgram($command, $options['folder'] ?? '', $input);
    }
    if ($options) throw new Outcome('refused', 'worker.php knows no ' . implode(', ', array_keys($options)));
    return $maps ? countWords($input) : addCounts($input);
}

/**
 * One try at one task, in a process group of its own, so that it can be stopped with all that it has started: the process, and where
 * its report comes from.
 */
function start(Master $master, array $assignment, array $jobs): array
{
    [$ours, $theirs] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
    $child = pcntl_fork();
    if ($child < 0) finish(1, 'no process can be made');
    if ($child > 0) {
        fclose($theirs);
        return [$child, $ours];
    }
    posix_setpgid(0, 0);
    pcntl_signal(SIGTERM, SIG_DFL);
    $name = $assignment['attempt'];
    $job = current(array_filter($jobs, fn ($job) => str_starts_with($name, "$job[job]-")));
    $maps = isset($assignment['input']); // a job without a reduce step maps in its reduce tasks
    $report = ['attempt' => $name, 'outcome' => 'succeeded'];
    try {
        $input = $master->data('GET', ($maps ? '/records/' : '/pairs/') . $name);
        $master->data('PUT', (str_contains($name, '-map-') ? '/pairs/' : '/output/') . $name, work($job, $maps, $input));
    } catch (Throwable $error) {
        $report['outcome'] = $error instanceof Outcome ? $error->outcome : 'failed';
        $report['reason'] = $error->getMessage();
    }
    fwrite($theirs, serialize($report));
    exit(0);
}

/** From one registration to the next: comes back when the master does not know this worker any more. */
function serve(Master $master): void
{
    $master->token = $master->secret;
    $joined = $master->call('worker.register', [
        'version' => 7, 'name' => 'php-' . gethostname() . '-' . getmypid(), 'slots' => 1, 'applications' => ['wordcount', 'streaming'],
    ]) ?? finish(1, 'the master refuses the secret');
    $me = ['worker' => $joined['worker'], 'instance' => $joined['instance']];
    $heartbeat = $joined['heartbeat_seconds'];
    $master->token = $joined['token'] ?? null; // for this worker alone
    [$name, $child, $pipe] = [null, 0, null];
    $stop = function () use (&$child) { if ($child) posix_kill(-$child, SIGKILL); };
    $leave = function () use ($master, $me, $stop) { $stop(); $master->call('worker.leave', ...array_values($me)); finish(130); };
    foreach ([SIGINT, SIGTERM] as $signal) pcntl_signal($signal, $leave);
    for ($sequence = 1; ; $sequence++) {
        [$reports, $running, $read, $none] = [[], [], [$pipe], null];
        if ($name && stream_select($read, $none, $none, (int) $heartbeat, (int) (fmod($heartbeat, 1) * 1e6))) {
            $report = unserialize(stream_get_contents($pipe));
            $reports = [$report ?: ['attempt' => $name, 'outcome' => 'failed', 'reason' => 'it was stopped']];
            pcntl_waitpid($child, $status);
            $child = 0;
        } elseif ($name) {
            $running = [$name];
        }
        $answer = $master->call('worker.poll', $me + [
            'sequence' => $sequence, 'reports' => $reports, 'running' => $running, 'capacity' => 1 - count($running),
            'wait_seconds' => $name ? 0.0 : $heartbeat,
        ]);
        if ($answer === null || ($running && in_array($name, $answer['cancelled']))) $stop();
        if ($answer === null) return;
        if (isset($answer['stop'])) {
            $stop();
            finish(0, $answer['stop']);
        }
        if ($reports) $name = null;
        foreach ($answer['assignments'] as $assignment) {
            $name = $assignment['attempt'];
            [$child, $pipe] = start($master, $assignment, $answer['jobs']);
        }
    }
}

pcntl_async_signals(true);
$place = $argv[1] ?? finish(1, 'give a join line, - or HOST:PORT');
$master = new Master($place === '-' ? fgets(STDIN) : $place);
while (true) serve($master);
