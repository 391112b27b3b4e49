#!/usr/bin/env ruby
# A worker of swift-mapreduce with what Debian's package ruby brings (its xmlrpc is a gem of its own elsewhere).
# docs/worker-protocol.md explains each step.
#
#     ruby worker.rb LINE         a join line as mr-master prints it; - reads it from standard input, where nobody sees it
#     ruby worker.rb HOST:PORT    a master of yours on this machine
#
# It counts words by itself (--app wordcount) and runs the programs of streaming jobs, one task at a time, in memory.
require "digest"
require "net/http"
require "open3"
require "socket"
require "xmlrpc/client"

PATIENCE = 900 # seconds for which a master that does not answer is waited for

class Unreachable < StandardError; end
class Refused < StandardError; end

# Who it is, what to show it, and how to speak to it.
class Master
  attr_reader :secret
  attr_writer :token

  def initialize(place)
    if (line = /\Amr1\.(\w+)\.(\w+)@(\S+):(\d+)\s*\z/.match(place))
      @pin, @secret, @host, @port = line.captures
    else # what it has left in its user's state folder lets in, and is gone when the master has ended
      @host, @port = place.split(":")
      state = ENV["MR_STATE_DIR"] || File.join(ENV["XDG_STATE_HOME"] || File.expand_path("~/.local/state"), "swift-mapreduce")
      @record = File.join(state, "#{@host}-#{@port}")
      @secret = File.read(@record)[/^token (\S+)/, 1]
    end
  end

  # The pin says more than names and authorities. It is compared in the handshake, before anything is sent.
  def connect
    http = Net::HTTP.new(@host, @port.to_i, nil)
    http.read_timeout = 60
    http.max_retries = 0
    return http unless @pin
    http.use_ssl = true
    http.verify_hostname = false
    http.verify_callback = ->(_, chain) { chain.error_depth.positive? || pin(chain.current_cert) == @pin }
    http
  end

  def pin(certificate)
    bits = Digest::SHA256.digest(certificate.public_key.to_der)[0, 20].unpack1("B*")
    bits.scan(/.{5}/).map { |five| [*"A".."Z", *"2".."7"][five.to_i(2)] }.join
  end

  def request(method, path, body = nil)
    headers = { "Content-Type" => "text/xml" }
    headers["Authorization"] = "Bearer #{@token}" if @token
    answer = connect.start { |http| http.send_request(method, path, body, headers) }
    # Net::HTTP takes what came before a connection broke for all of it.
    raise Unreachable, "the answer was cut off" if answer.content_length && answer.body.bytesize < answer.content_length
    answer
  rescue OpenSSL::SSL::SSLError => error
    abort "worker.rb: #{@host}:#{@port} is not the master that made this join line" if error.message.include?("certificate verify failed")
    raise Unreachable, error.message
  rescue SystemCallError, IOError, Timeout::Error, SocketError, Net::ProtocolError => error
    raise Unreachable, "no answer from #{@host}:#{@port}: #{error.message}"
  end

  # One bulky request. The status of a refusal says what becomes of the attempt.
  def data(method, path, body = nil)
    answer = request(method, path, body)
    return answer.body.b if answer.is_a?(Net::HTTPSuccess)
    kind = { "409" => Unreachable, "422" => Refused }.fetch(answer.code, RuntimeError)
    raise kind, "#{method} #{path}: #{answer.code} #{answer.body}"
  end

  # One call, the same again and again until there is an answer; nil: the master does not know us.
  def call(method, *parameters)
    document = XMLRPC::Create.new.methodCall(method, *parameters)
    deadline = Process.clock_gettime(Process::CLOCK_MONOTONIC) + PATIENCE
    loop do
      begin
        answer = request("POST", "/RPC2", document)
        return nil if answer.code == "401"
        if answer.code == "200"
          succeeded, value = XMLRPC::XMLParser::REXMLStreamParser.new.parseMethodResponse(answer.body)
          return value if succeeded
          return nil if value.faultCode == 100
          abort "worker.rb: #{value.faultString}"
        end
        problem = "#{answer.code} #{answer.body}"
      rescue Unreachable => error
        problem = error.message
      end
      exit if @record && !File.exist?(@record) # it has ended, and the job with it
      abort "worker.rb: #{problem}" if Process.clock_gettime(Process::CLOCK_MONOTONIC) > deadline
      sleep 0.5
    end
  end
end

# Words are what stands between ASCII white space; the strings are bytes.
def count_words(input)
  input.scan(/[^\t-\r ]+/n).tally.map { |word, count| "#{word}\t#{count}\n" }.join
end

# They are sorted: the counts of one word, each from another map task, follow each other.
def add_counts(pairs)
  counts = pairs.each_line("\n", chomp: true).map { |line| line.split("\t") }
  counts.chunk_while { |one, next_one| one[0] == next_one[0] }
        .map { |group| "#{group[0][0]}\t#{group.sum { |_, count| count.to_i }}\n" }.join
end

# One try at one task, in a thread: gets the input, works on it, sends the output, and leaves what is to be reported.
class Attempt
  attr_reader :name, :report

  def initialize(master, assignment, jobs)
    @master, @name = master, assignment["attempt"]
    @job = jobs.find { |job| @name.start_with?("#{job['job']}-") }
    @maps = assignment.key?("input") # a job without a reduce step maps in its reduce tasks
    @thread = Thread.new { @report = { "attempt" => @name }.merge(run) }
  end

  def over_within?(seconds) = !@thread.join(seconds).nil?

  def run
    input = @master.data("GET", (@maps ? "/records/" : "/pairs/") + @name)
    @master.data("PUT", (@name.include?("-map-") ? "/pairs/" : "/output/") + @name, work(input))
    { "outcome" => "succeeded" }
  rescue Unreachable
    { "outcome" => "handed_back" } # nobody is to blame
  rescue Refused => refusal
    { "outcome" => "refused", "reason" => refusal.message }
  rescue StandardError => error
    { "outcome" => "failed", "reason" => error.message.b.gsub(/[^\n -~]/n, " ").encode("UTF-8") } # what XML can carry
  end

  def work(input)
    options = @job["options"]
    if @job["application"] == "streaming"
      command = options[@maps ? "mapper" : "reducer"]
      return command ? run_program(command, options["folder"], input) : input
    end
    raise Refused, "worker.rb knows no #{options.keys.join(', ')}" unless options.empty?
    @maps ? count_words(input) : add_counts(input)
  end

  def run_program(command, folder, input)
    place = folder && File.directory?(folder) ? { chdir: folder } : {}
    output, errors, status = Open3.popen3("sh", "-c", command, pgroup: true, **place) do |stdin, stdout, stderr, process|
      @program = process.pid
      [stdin, stdout, stderr].each(&:binmode)
      readers = [stdout, stderr].map { |stream| Thread.new { stream.read } }
      begin
        stdin.write(input)
        stdin.close
      rescue Errno::EPIPE # it need not read everything
      end
      [*readers.map(&:value), process.value]
    end
    return output if status.success?
    raise "the program ended with #{status.exitstatus || "signal #{status.termsig}"}: #{errors[-2000..] || errors}"
  end

  def stop
    Process.kill(:KILL, -@program) if @program # all that it has started
  rescue Errno::ESRCH # it has ended
  end
end

# From one registration to the next: comes back when the master does not know this worker any more.
def serve(master)
  master.token = master.secret
  joined = master.call("worker.register", {
    "version" => 7, "name" => "ruby-#{Socket.gethostname}-#{Process.pid}", "slots" => 1,
    "applications" => %w[wordcount streaming] }) or abort "worker.rb: the master refuses the secret"
  me, heartbeat = joined.slice("worker", "instance"), joined["heartbeat_seconds"]
  master.token = joined["token"] # for this worker alone
  attempt, sequence = nil, 0
  loop do
    reports, running = [], []
    (attempt.over_within?(heartbeat) ? reports << attempt.report : running << attempt.name) if attempt
    answer = master.call("worker.poll", me.merge(
      "sequence" => sequence += 1, "reports" => reports, "running" => running, "capacity" => 1 - running.size,
      "wait_seconds" => attempt ? 0.0 : heartbeat)) or return
    if answer["stop"]
      warn "worker.rb: #{answer['stop']}"
      exit
    end
    attempt = nil unless reports.empty?
    attempt.stop if attempt && answer["cancelled"].include?(attempt.name)
    answer["assignments"].each { |assignment| attempt = Attempt.new(master, assignment, answer["jobs"]) }
  end
rescue Interrupt
  master.call("worker.leave", me["worker"], me["instance"]) if me
  exit 130
ensure
  attempt&.stop
end

trap("TERM") { raise Interrupt }
place = ARGV[0] or abort "give a join line, - or HOST:PORT"
master = Master.new(place == "-" ? $stdin.read : place)
loop { serve(master) }
