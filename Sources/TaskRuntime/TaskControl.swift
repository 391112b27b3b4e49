import ApplicationAPI
import Synchronization

/// What another thread may do with a running task: stop it, see how far it is, and read what its programs complain of.
package final class TaskControl: Sendable {
    private let cancelled = Atomic<Bool>(false)
    private let done = Atomic<Int64>(0)
    private let written: Mutex<AttemptLog?> = Mutex(nil)

    private let said: Mutex<(text: [UInt8], isNew: Bool)?> = Mutex(nil)

    package init() {}

    /// Makes the task throw ``TaskError/cancelled`` within the next MiB of its work.
    package func cancel() { cancelled.store(true, ordering: .relaxed) }

    package var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

    /// Bytes of input that a map task has mapped, or of segments that a reduce task has read.
    package var bytesDone: Int64 { done.load(ordering: .relaxed) }

    func add(bytes: Int) { done.wrappingAdd(Int64(bytes), ordering: .relaxed) }

    func check() throws {
        if isCancelled { throw TaskError.cancelled }
    }

    /// What programs wrote to standard error; nil as long as that is nothing, so that it costs nothing.
    package var log: AttemptLog? { written.withLock { $0 } }
}

extension TaskControl {
    /// What a program last said that it is about, if it has said so since this was last asked.
    package func takeStatus() -> [UInt8]? {
        said.withLock { said in
            guard let status = said, status.isNew else { return nil }
            said = (status.text, false)
            return status.text
        }
    }
}

extension TaskControl: ProgramLog {
    package func setStatus(_ text: [UInt8]) {
        said.withLock { said in
            guard said?.text != text else { return }
            said = (text, true)
        }
    }

    package func append(_ bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty else { return }
        let log = written.withLock { log in
            let known = log ?? AttemptLog()
            log = known
            return known
        }
        log.append(bytes)
    }
}
