/// Decides, piece by piece, whether packing lets what is sent arrive sooner. Pure: no clock, no I/O.
///
/// A link that is slow always has something left to send while the next piece is packed, so packing costs no time; a fast one would
/// stand still meanwhile. For each piece the time until it has left is compared:
///
///     stored   unsent / rate + piece / rate
///     packed   max(unsent / rate, time to pack it) + share * piece / rate
///
/// It belongs to a connection, and learns from one answer to the next.
struct PackingPace {
    /// What is known of a connection at one moment.
    struct Link: Hashable {
        /// Of what has been handed over, and has not gone through the slowest part of the way.
        var unsentByteCount: Double
        /// Bytes per second; 0: not known.
        var rate: Double
    }

    /// Of the time that a piece takes as it is: less is not worth the processors' trouble.
    private static let gainMin = 0.25
    /// What is shortened less than that counts as not shortened.
    private static let shareMax = 0.7
    private static let piecesPassedOverMax = 16
    /// How much a new measure counts beside those before it.
    private static let weight = 0.25
    /// A thread that was not to be had once makes no piece look slower than so many times what it took before.
    private static let surpriseMax = 2.0
    /// How much of the usual returns with each piece that is not packed: else one that took long would be the last.
    private static let forgetting = 0.05
    /// As zstd's level 1 needs.
    private static let packingUsual = 3e-9

    /// Seconds for a byte, with the wait for a thread.
    private var packing = Self.packingUsual
    /// What is left of a piece that can be packed.
    private var share = 0.4
    private var piecesToPassOver = 0
    private var piecesPassedOver = 0

    init() {}

    /// Whether an answer may arrive sooner by its pieces being packed, as far as the connection is known. One that goes as it is
    /// costs nothing more, which pieces that are stored do.
    mutating func mayPay(_ link: Link) -> Bool {
        if piecesToPassOver > 0 {
            piecesToPassOver -= 1
            return false
        }
        guard link.rate > 0 else { return true }
        if max(packing, share / link.rate) < (1 - Self.gainMin) / link.rate { return true }
        packing += Self.forgetting * (Self.packingUsual - packing)
        return false
    }

    static func isShorter(_ byteCount: Int, _ packedByteCount: Int) -> Bool {
        Double(packedByteCount) <= shareMax * Double(byteCount)
    }

    /// - Parameter byteCount: The next piece's.
    mutating func wantsPacking(of byteCount: Int, _ link: Link) -> Bool {
        if piecesToPassOver > 0 {
            piecesToPassOver -= 1
            return false
        }
        // Nothing has been acknowledged yet: the first pieces show how it goes.
        guard link.rate > 0 else { return true }
        let count = Double(byteCount)
        let waiting = link.unsentByteCount / link.rate
        let packed = max(waiting, packing * count) + share * count / link.rate
        if packed < waiting + (1 - Self.gainMin) * count / link.rate { return true }
        packing += Self.forgetting * (Self.packingUsual - packing)
        return false
    }

    /// - Parameter seconds: From when it was asked for to when it was there; nil where that says nothing of the next.
    mutating func notePacked(_ byteCount: Int, to packedByteCount: Int, in seconds: Double?) {
        if let seconds {
            packing += Self.weight * (min(seconds / Double(byteCount), Self.surpriseMax * packing) - packing)
        }
        guard Self.isShorter(byteCount, packedByteCount) else {
            piecesPassedOver = min(Self.piecesPassedOverMax, max(1, 2 * piecesPassedOver))
            piecesToPassOver = piecesPassedOver
            return
        }
        piecesPassedOver = 0
        share += Self.weight * (Double(packedByteCount) / Double(byteCount) - share)
    }
}
