import Synchronization

/// What the programs of one attempt wrote to standard error: its beginning and its end, whatever there is between them.
///
/// However much they write, it takes some 140 KiB at the most, and the time of a copy.
package final class AttemptLog: Sendable {
    private struct State {
        var begin: [UInt8] = []
        /// What came after ``begin``; up to twice as much as is wanted, so that it is moved rarely.
        var end: [UInt8] = []
        var byteCount: Int64 = 0
        /// ``byteCount`` when it was last taken.
        var takenByteCount: Int64 = 0
    }

    /// The log as far as it has come.
    package struct Extract: Sendable {
        package let begin: [UInt8]
        /// Bytes between the two that are gone.
        package let leftOutByteCount: Int64
        package let end: [UInt8]
        /// All that was ever written.
        package let writtenByteCount: Int64
    }

    private let beginByteCountMax: Int
    private let endByteCountMax: Int
    private let state = Mutex(State())

    package init(beginByteCountMax: Int = 4 << 10, endByteCountMax: Int = 64 << 10) {
        self.beginByteCountMax = beginByteCountMax
        self.endByteCountMax = endByteCountMax
    }

    func append(_ bytes: UnsafeRawBufferPointer) {
        state.withLock { state in
            state.byteCount += Int64(bytes.count)
            let first = bytes.prefix(beginByteCountMax - state.begin.count)
            state.begin += first
            state.end += bytes.dropFirst(first.count)
            if state.end.count > 2 * endByteCountMax { state.end.removeFirst(state.end.count - endByteCountMax) }
        }
    }

    /// What is there now.
    package var extract: Extract { state.withLock { extract(&$0) } }

    /// The same, when something has come since this was last asked; else nil.
    package func takeChanged() -> Extract? {
        state.withLock { state in state.byteCount == state.takenByteCount ? nil : extract(&state) }
    }

    private func extract(_ state: inout State) -> Extract {
        state.takenByteCount = state.byteCount
        let end = Array(state.end.suffix(endByteCountMax))
        return Extract(
            begin: state.begin, leftOutByteCount: state.byteCount - Int64(state.begin.count + end.count), end: end,
            writtenByteCount: state.byteCount)
    }
}
