import CommandSupport
import Joining
import LocalMachine
import WorkerProtocol
import XMLRPC
import XMLRPCTransport

/// Speaks to one master, and tells failures as its user can mend them.
struct MasterCaller {
    private let entry: MasterEntry
    private let client: HTTPClient

    private var address: HostPort { entry.address }
    /// It was told how to get in, and has not found it by itself.
    private var usesLine: Bool { !entry.seesRecord }

    /// Bytes of one log that are read, with room for a line before it.
    private static let bodyByteCountMax = 1 << 20
    static let answerMax: Duration = .seconds(10)

    /// - Throws: ``NoMaster``, or a ``ProgramFailure``.
    init(_ options: MasterAddress, guesses: Bool = false) throws {
        try self.init(options.entry(guesses: guesses))
    }

    init(_ entry: MasterEntry) throws {
        self.entry = entry
        do {
            client = try entry.door(environment: ProgramEnvironment.all)
                .client(threads: TransportThreads(eventLoopCount: 1, blockingThreadCount: 1))
        } catch is NoMasterYet {
            throw NoMaster(entry)
        } catch {
            throw ProgramFailure.jobFailed("\(error)")
        }
    }

    /// - Throws: ``NoMaster`` when nobody is there; else a failure with what the master says, or why it doesn't.
    ///
    /// - Parameter timeout: Longer where the master is to do more than to look something up.
    func call(
        _ method: String, _ parameters: [XMLRPCValue] = [], timeout: Duration = MasterCaller.answerMax
    ) async throws -> XMLRPCValue {
        try await told { try await client.call(method, parameters, timeout: timeout) }
    }

    func get(_ path: String) async throws -> [UInt8] {
        try await told { try await client.get(path, byteCountMax: Self.bodyByteCountMax, timeout: Self.answerMax) }
    }

    private func told<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch TransportError.connectionRefused {
            throw NoMaster(entry)
        } catch TransportError.unauthorized(_, let reason) where usesLine {
            throw ProgramFailure.jobFailed(
                "the master at \(address) refused the join line: \(TerminalText.line(reason)); 'mr-ctl token' there prints one that is good"
            )
        } catch TransportError.unauthorized {
            throw ProgramFailure.jobFailed(
                "the master at \(address) refused the token that was found for it, or none was found; "
                    + "run mr-ctl as the master's user, with the same $MR_STATE_DIR, $XDG_STATE_HOME and $HOME")
        } catch let fault as XMLRPCFault {
            guard fault.code != XMLRPCFault.methodNotFound else {
                throw ProgramFailure.jobFailed(
                    "the master at \(address) is of another version, which can't answer this; use its own mr-ctl")
            }
            let hint =
                fault.code == FaultCode.forbidden
                ? "; 'mr-ctl token --role ROLE' there prints a line for another role" : ""
            throw Refused(
                message: TerminalText.lines(fault.message) + hint, isWrongUsage: fault.code == FaultCode.unfit)
        } catch TransportError.httpStatus(404, let text) {
            throw NotThere(message: TerminalText.line(text))
        } catch let error as TransportError {
            throw ProgramFailure.jobFailed("\(error)")
        }
    }
}

/// Nobody listens there.
struct NoMaster: Error {
    let address: HostPort
    /// Of the master that has left word there and died; nil where none has, or it is at work.
    let deadProcess: Int32?

    init(_ entry: MasterEntry) {
        address = entry.address
        // A record that can't be read tells of nobody.
        let record = try? entry.record(environment: ProgramEnvironment.all)
        deadProcess = record.flatMap { $0.isOfDeadProcess ? $0.processID : nil }
    }

    var text: String {
        if let deadProcess {
            return
                "the master that listened on \(address) has died (process \(deadProcess)); the same command line as before, run again, goes on"
        }
        // Without a state folder there are no others to be named.
        let masters = (try? StateDirectory.ofUser(environment: ProgramEnvironment.all))?.masters ?? []
        let others = masters.filter { $0 != address }
        let known =
            others.isEmpty
            ? "" : "; those of yours that have left word: \(others.map(\.description).joined(separator: ", "))"
        return "no master listens on \(address): its job is over, or it listens elsewhere (--master HOST:PORT)\(known)"
    }

    var failure: ProgramFailure { .jobFailed(text) }
}

/// The master has no such thing.
struct NotThere: Error {
    let message: String
}

/// The master is there, and says no.
struct Refused: Error {
    let message: String
    /// What was asked for can't be.
    let isWrongUsage: Bool

    var failure: ProgramFailure { isWrongUsage ? .wrongUsage(message) : .jobFailed(message) }
}

/// Runs a subcommand that needs a master.
func withMaster(
    _ options: MasterAddress, guesses: Bool = false, _ body: (MasterCaller) async throws -> Void
) async throws {
    try await withMaster(at: options.entry(guesses: guesses), body)
}

func withMaster(at entry: MasterEntry, _ body: (MasterCaller) async throws -> Void) async throws {
    do {
        try await body(try MasterCaller(entry))
    } catch let error as NoMaster {
        throw error.failure
    } catch let error as NotThere {
        throw ProgramFailure.jobFailed(error.message)
    } catch let error as Refused {
        throw error.failure
    }
}
