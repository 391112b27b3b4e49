/// The project's own fault codes; those of the XML-RPC layer are negative.
package enum FaultCode {
    /// The worker is not known here: it must register again.
    package static let unknownWorker = 100
    /// A limit of the master was passed; the text names it.
    package static let refused = 101
    /// The credential is for something else; the text says what it lacks.
    package static let forbidden = 102
    /// The worker was sent away: it should end, and not register again.
    package static let dismissed = 103
    /// A job that is submitted can't be: its command line, its input or its output is wrong.
    package static let unfit = 104
}

/// Method names of the full protocol.
package enum MethodName {
    package static let register = "worker.register"
    package static let poll = "worker.poll"
    package static let leave = "worker.leave"
    package static let drain = "worker.drain"
    package static let status = "job.status"
    package static let tasks = "job.tasks"
    package static let workers = "job.workers"
    package static let why = "job.why"
    package static let diagnose = "job.diagnose"
    package static let cancel = "job.cancel"
    package static let submit = "job.submit"
    package static let list = "job.list"
    package static let wait = "job.wait"
    package static let pause = "job.pause"
    package static let resume = "job.resume"
    package static let prioritize = "job.prioritize"
    package static let kick = "worker.kick"
    package static let token = "access.token"
    package static let certificate = "access.certificate"
    package static let launchWorkers = "launch_workers"
    package static let listWorkers = "list_workers"
    package static let stopWorkers = "stop_workers"
    package static let awaitWorkers = "await_workers"
    package static let sendMessage = "send_message"
    package static let receiveMessage = "receive_message"
}
