import ApplicationAPI
import Glibc

/// What a program has written so far and nobody has taken yet.
struct Received {
    let bytes: Bytes
    /// How many of them were there, and left, the last time.
    let seenByteCount: Int
    /// Whether nothing follows.
    let isEnd: Bool
}

/// Takes what a program wrote.
/// - Returns: How many bytes were taken; at the end that must be all.
typealias ProgramOutput = (Received) throws -> Int

/// Memory for what a program wrote. It grows while the beginning of a line is not taken.
final class ReceivedBytes {
    private var memory = GrowingMemory(capacity: ReceivedBytes.capacityFirst)
    private var byteCount = 0
    private var seenByteCount = 0

    private static let capacityFirst = 256 << 10
    /// The longest line that can be a pair.
    static let byteCountMax = DataLimits.keyByteCountMax + DataLimits.valueByteCountMax + 2

    /// Reads once.
    /// - Returns: As read(2).
    func read(from descriptor: CInt) throws -> Int {
        if byteCount == memory.capacity { try grow() }
        let count = Glibc.read(descriptor, memory.start + byteCount, memory.capacity - byteCount)
        if count > 0 { byteCount += count }
        return count
    }

    /// Gives what is there to `take`, and keeps what it leaves.
    func give(isEnd: Bool, to take: ProgramOutput) rethrows {
        guard byteCount > 0 else { return }
        let received = Received(
            bytes: Bytes(start: memory.start, count: byteCount), seenByteCount: seenByteCount, isEnd: isEnd)
        let taken = try take(received)
        byteCount -= taken
        seenByteCount = byteCount
        if taken > 0 && byteCount > 0 { memmove(memory.start, memory.start + taken, byteCount) }
    }

    private func grow() throws {
        guard byteCount <= ReceivedBytes.byteCountMax else {
            throw ProgramOutputError.lineTooLong(byteCountMax: ReceivedBytes.byteCountMax)
        }
        memory.grow()
    }
}

/// Why what a program wrote cannot be used.
enum ProgramOutputError: Error, Hashable, CustomStringConvertible {
    case lineTooLong(byteCountMax: Int)

    var description: String {
        switch self {
        case .lineTooLong(let byteCountMax):
            "the program wrote a line of more than \(byteCountMax) bytes, the most that a key and a value may have"
        }
    }
}
