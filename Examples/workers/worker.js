#!/usr/bin/env node
// A worker of swift-mapreduce with Node.js alone, no package; docs/worker-protocol.md explains each step.
//
//     node worker.js LINE         a join line as mr-master prints it; - reads it from standard input, where nobody sees it
//     node worker.js HOST:PORT    a master of yours on this machine
//
// It counts words by itself (--app wordcount) and runs the programs of streaming jobs, one task at a time, in memory.
'use strict';
const {createHash} = require('crypto'), fs = require('fs'), http = require('http'), https = require('https'), os = require('os');
const {spawn} = require('child_process'), tls = require('tls'), {setTimeout: sleep} = require('timers/promises');

const patience = 900_000; // milliseconds for which a master that does not answer is waited for
const end = (code, text) => { if (text) console.error(`worker.js: ${text}`); process.exit(code); };

// Where the master is, what to show it, and how to know it.
function enter(place) {
  const line = /^mr1\.(\w+)\.(\w+)@(\S+):(\d+)\s*$/.exec(place);
  if (line) return {pin: line[1], secret: line[2], host: line[3], port: line[4]};
  // What it has left in its user's state folder lets in, and is gone when the master has ended.
  const state = process.env.MR_STATE_DIR ?? `${process.env.XDG_STATE_HOME ?? `${os.homedir()}/.local/state`}/swift-mapreduce`;
  const [host, port] = place.split(':'), record = `${state}/${host}-${port}`;
  return {host, port, record, secret: /^token (\S+)/m.exec(fs.readFileSync(record, 'latin1'))?.[1]};
}

function base32(bytes) {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return bits.match(/.{5}/g).map((five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[parseInt(five, 2)]).join('');
}

// A connection to a master with that key: nobody hears of it before the key is checked. The pin says more than names and authorities.
function connect(_, connected) {
  const {host, port, pin} = master;
  const socket = tls.connect({host, port, rejectUnauthorized: false}, () => {
    const key = socket.getPeerX509Certificate().publicKey.export({type: 'spki', format: 'der'});
    if (base32(createHash('sha256').update(key).digest().subarray(0, 20)) !== pin) {
      end(1, `${host}:${port} is not the master that made this join line: its key is another`);
    }
    connected(null, socket);
  });
  socket.once('error', connected);
}

// One request. Throws what has no answer.
function request(method, path, body) {
  const {host, port, pin, token} = master, headers = token ? {Authorization: `Bearer ${token}`} : {};
  if (body) Object.assign(headers, {'Content-Length': body.length, 'Content-Type': 'text/xml'});
  return new Promise((resolve, reject) => {
    const sent = (pin ? https : http).request(
      {host, port, method, path, headers, timeout: 60_000, ...(pin ? {createConnection: connect} : {agent: false})}, (answer) => {
        const parts = [];
        answer.on('data', (part) => parts.push(part)).on('error', reject);
        answer.on('end', () => resolve({status: answer.statusCode, body: Buffer.concat(parts)}));
      });
    sent.on('error', reject).on('timeout', () => sent.destroy(new Error('no answer'))).end(body);
  });
}

// Why an attempt ends without success.
class Outcome extends Error { constructor(outcome, reason) { super(reason); this.outcome = outcome; } }

// One bulky request. The status of a refusal says what becomes of the attempt; where there is no answer, nobody is to blame.
async function data(method, path, body) {
  const answer = await request(method, path, body).catch((error) => { throw new Outcome('handed_back', error.message); });
  if (answer.status < 300) return answer.body;
  throw new Outcome({409: 'handed_back', 422: 'refused'}[answer.status] ?? 'failed', `${method} ${path}: ${answer.status} ${answer.body}`);
}

// Values of XML-RPC. A double is wrapped, because numbers are ints otherwise.
class Double { constructor(number) { this.text = Number.isInteger(number) ? `${number}.0` : `${number}`; } }
function xml(value) {
  const inner = Array.isArray(value) ? `<array><data>${value.map(xml).join('')}</data></array>`
    : typeof value === 'number' ? `<int>${value}</int>`
    : value instanceof Double ? `<double>${value.text}</double>`
    : typeof value === 'object' ? `<struct>${Object.entries(value).map(([name, member]) => `<member><name>${name}</name>${xml(member)}</member>`).join('')}</struct>`
    : `<string>${value.replace(/[^\n -~]/g, ' ').replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')}</string>`;
  return `<value>${inner}</value>`;
}

// Takes a value's tags and texts from the beginning of a list, in which <value> itself has been passed.
function value(rest) {
  const type = rest.shift();
  if (type === '<struct>' || type === '<array>') {
    const found = type === '<struct>' ? {} : [];
    for (let tag; (tag = rest.shift()) !== '</value>';) {
      if (tag === '<name>') { const [name] = rest.splice(0, 3); found[name] = value(rest); }
      if (tag === '<value>') found.push(value(rest));
    }
    return found;
  }
  const text = rest[0].startsWith('<') ? '' : rest.shift();
  rest.splice(0, 2);
  if (type === '<base64>') return Buffer.from(text, 'base64');
  return /int|double/.test(type) ? Number(text) : text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');
}

// One call, the same again and again until there is an answer; nothing: the master does not know us.
async function call(method, ...parameters) {
  const document = Buffer.from(
    `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params>${parameters.map((one) => `<param>${xml(one)}</param>`).join('')}</params></methodCall>`);
  for (const deadline = Date.now() + patience; ; await sleep(500)) {
    const {status, body} = await request('POST', '/RPC2', document).catch((error) => ({status: 0, body: error.message}));
    if (status === 200) {
      const tokens = body.toString().match(/<[^>]+>|[^<]+/g);
      const answer = value(tokens.slice(tokens.indexOf('<value>') + 1));
      if (!tokens.includes('<fault>')) return answer;
      if (answer.faultCode === 100) return undefined;
      end(1, answer.faultString);
    }
    if (status === 401) return undefined;
    if (master.record && !fs.existsSync(master.record)) end(0); // it has ended, and the job with it
    if (Date.now() > deadline) end(1, `${status} ${body}`);
  }
}

// As latin1 each byte is one character, and stays what it is. Words are what stands between ASCII white space.
function countWords(input) {
  const counts = new Map();
  for (const [word] of input.toString('latin1').matchAll(/[^\t-\r ]+/g)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return lines(counts);
}

// The counts of one word come from several map tasks; a Map keeps the order in which words came, which is that of the part.
function addCounts(input) {
  const sums = new Map();
  for (const line of input.toString('latin1').split('\n').slice(0, -1)) {
    const [word, count] = line.split('\t');
    sums.set(word, (sums.get(word) ?? 0) + Number(count));
  }
  return lines(sums);
}

const lines = (counts) => Buffer.from([...counts].map(([word, count]) => `${word}\t${count}\n`).join(''), 'latin1');

// One try at one task: gets the input, works on it, sends the output; its promise `report` says what has become of it.
class Attempt {
  constructor(assignment, jobs) {
    this.name = assignment.attempt;
    this.job = jobs.find((job) => this.name.startsWith(`${job.job}-`));
    this.maps = 'input' in assignment; // a job without a reduce step maps in its reduce tasks
    this.report = this.run().then(
      () => ({attempt: this.name, outcome: 'succeeded'}),
      (error) => ({attempt: this.name, outcome: error.outcome ?? 'failed', reason: error.message}));
  }

  async run() {
    const input = await data('GET', (this.maps ? '/records/' : '/pairs/') + this.name);
    await data('PUT', (/-map-/.test(this.name) ? '/pairs/' : '/output/') + this.name, await this.work(input));
  }

  work(input) {
    const {application, options} = this.job;
    if (application === 'streaming') {
      const command = options[this.maps ? 'mapper' : 'reducer'];
      return command ? this.runProgram(command.toString(), options.folder?.toString(), input) : input;
    }
    if (Object.keys(options).length > 0) throw new Outcome('refused', 'worker.js knows no options of wordcount');
    return this.maps ? countWords(input) : addCounts(input);
  }

  runProgram(command, folder, input) {
    return new Promise((resolve, reject) => {
      const cwd = fs.existsSync(folder) ? folder : undefined, output = [], errors = [];
      this.program = spawn('sh', ['-c', command], {cwd, detached: true}); // a process group of its own
      this.program.stdout.on('data', (part) => output.push(part));
      this.program.stderr.on('data', (part) => errors.push(part));
      this.program.stdin.on('error', () => {}).end(input); // it need not read everything
      this.program.on('error', reject).on('close', (code, signal) => code === 0 ? resolve(Buffer.concat(output))
        : reject(new Error(`the program ended with ${signal ?? code}: ${Buffer.concat(errors).toString('latin1').slice(-2000)}`)));
    });
  }

  stop() { try { process.kill(-this.program.pid, 'SIGKILL'); } catch { /* there is none */ } }
}

// From one registration to the next: comes back when the master does not know this worker any more.
async function serve() {
  master.token = master.secret;
  const joined = await call('worker.register',
    {version: 7, name: `node-${os.hostname()}-${process.pid}`, slots: 1, applications: ['wordcount', 'streaming']});
  if (!joined) end(1, 'the master refuses the secret');
  const {worker, instance, heartbeat_seconds: heartbeat} = joined;
  master.token = joined.token; // for this worker alone
  let attempt;
  let leaving = false;
  const leave = () => { leaving = true; attempt?.stop(); call('worker.leave', worker, instance).then(() => end(130)); };
  for (const signal of ['SIGINT', 'SIGTERM']) process.removeAllListeners(signal).on(signal, leave);
  for (let sequence = 1; ; sequence++) {
    const timer = new AbortController();
    const report = attempt && await Promise.race([attempt.report, sleep(heartbeat * 1000, null, {signal: timer.signal}).catch(() => {})]);
    timer.abort();
    if (leaving) return new Promise(() => {}); // nothing more is asked for
    const running = attempt && !report ? [attempt.name] : [];
    const answer = await call('worker.poll', {
      worker, instance, sequence, reports: report ? [report] : [], running, capacity: 1 - running.length,
      wait_seconds: new Double(attempt ? 0 : heartbeat)});
    if (!answer || (running.length && answer.cancelled.includes(attempt.name))) attempt?.stop();
    if (!answer) return;
    if (answer.stop) end(0, answer.stop);
    if (report) attempt = undefined;
    for (const assignment of answer.assignments) attempt = new Attempt(assignment, answer.jobs);
  }
}

const place = process.argv[2] ?? end(1, 'give a join line, - or HOST:PORT');
const master = enter(place === '-' ? fs.readFileSync(0, 'latin1').trim() : place);
(async () => { for (;;) await serve(); })();
