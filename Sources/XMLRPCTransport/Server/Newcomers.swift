import NIOCore

/// Connections that have not shown valid credentials yet, in the order in which they came.
///
/// When their places are all taken, the one that came first makes room: whoever means well shows what it has at once, and whoever
/// only sits there can't keep others out, from however many addresses it comes.
struct Newcomers {
    /// The number of one connection; none comes twice.
    typealias Number = UInt64

    private var last: Number = 0
    private var here: [Number: any Channel] = [:]
    /// Also of those that have gone, until they come to its front or are too many.
    private var order = CircularBuffer<(number: Number, since: NIODeadline)>()

    mutating func add(_ channel: any Channel, now: NIODeadline) -> Number {
        last += 1
        here[last] = channel
        order.append((last, now))
        return last
    }

    /// It is known now, or gone. Harmless when repeated.
    mutating func remove(_ number: Number) {
        guard here.removeValue(forKey: number) != nil else { return }
        guard order.count > 2 * here.count + Self.staleMax else { return }
        order = CircularBuffer(order.filter { here[$0.number] != nil })
    }

    private static let staleMax = 64

    /// The one that has been here longest, which is none of these any more; nil where nobody has been for so long.
    mutating func takeOldest(since latest: NIODeadline) -> (any Channel)? {
        while let first = order.first {
            guard let channel = here[first.number] else {
                order.removeFirst()
                continue
            }
            guard first.since <= latest else { return nil }
            order.removeFirst()
            here[first.number] = nil
            return channel
        }
        return nil
    }
}
