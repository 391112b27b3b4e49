import Model
import Synchronization

/// How much text each worker of the simple calls was given last, for the job's counters.
///
/// One entry a worker, because a worker of the simple calls has one task at a time.
final class HandedOutTexts: Sendable {
    private let texts: Mutex<[String: (attempt: AttemptID, counters: TaskCounters)]> = Mutex([:])

    func remember(_ attempt: AttemptID, text: String, for name: String) {
        var counters = TaskCounters()
        counters.inputBytes = Int64(text.utf8.count)
        counters.inputRecords = Int64(text.utf8.count { $0 == UInt8(ascii: "\n") })
        if let last = text.utf8.last, last != UInt8(ascii: "\n") { counters.inputRecords += 1 }
        texts.withLock { texts in
            if texts.count >= Self.textsMax { texts.removeAll() }
            texts[name] = (attempt, counters)
        }
    }

    /// More names than workers that may live: only counters are lost.
    private static let textsMax = 10_000

    /// Bytes of the text that was handed out for the attempt; nil when that is not known any more.
    func byteCount(_ attempt: AttemptID, of name: String) -> Int64? {
        texts.withLock { texts in
            guard let text = texts[name], text.attempt == attempt else { return nil }
            return text.counters.inputBytes
        }
    }

    /// Zeros for an attempt that was not the last one of that worker.
    func take(_ attempt: AttemptID, of name: String) -> TaskCounters {
        texts.withLock { texts in
            guard let text = texts[name], text.attempt == attempt else { return TaskCounters() }
            texts[name] = nil
            return text.counters
        }
    }
}
