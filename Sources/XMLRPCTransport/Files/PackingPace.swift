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
        /// Of what has been handed over, and has not left.
        var unsentByteCount: Double
        /// Bytes per second; 0: not known.
        var rate: Double
    }

    /// Of the piece's time, to be worth the processors' trouble.
    private static let gainMin = 0.05
    /// What is shortened less is stored, and not tried again for some pieces.
    static let shareMax = 0.8
    private static let piecesPassedOverMax = 16
    /// How much a new measure counts beside those before it.
    private static let weight = 0.25

    private static let forgetting = 0.02
    /// As zstd's level 1 needs.
    private static let secondsPerByteUsual = 3e-9

    /// Seconds to pack a byte, with the wait for a thread.
    private var secondsPerByte = Self.secondsPerByteUsual
    /// What is left of a piece that can be packed.
    private var share = 0.4
    private var piecesToPassOver = 0
    private var piecesPassedOver = 0

    init() {}

    /// - Parameter byteCount: The next piece's.
    mutating func wantsPacking(of byteCount: Int, _ link: Link) -> Bool {
        if piecesToPassOver > 0 {
            piecesToPassOver -= 1
            return false
        }
        // Nothing has been acknowledged yet: the first pieces show how it goes.
        guard link.rate > 0 else { return true }
        let (piece, waiting) = (Double(byteCount) / link.rate, link.unsentByteCount / link.rate)
        let packed = max(waiting, secondsPerByte * Double(byteCount)) + share * piece
        if packed < (1 - Self.gainMin) * (waiting + piece) { return true }
        // What took long once, because all threads were busy, need not for ever.
        secondsPerByte += Self.forgetting * (Self.secondsPerByteUsual - secondsPerByte)
        return false
    }

    /// - Parameter seconds: From when it was asked for to when it was there.
    mutating func notePacked(_ byteCount: Int, to packedByteCount: Int, in seconds: Double) {
        secondsPerByte += Self.weight * (seconds / Double(byteCount) - secondsPerByte)
        let newShare = Double(packedByteCount) / Double(byteCount)
        guard newShare <= Self.shareMax else {
            piecesPassedOver = min(Self.piecesPassedOverMax, max(1, 2 * piecesPassedOver))
            piecesToPassOver = piecesPassedOver
            return
        }
        piecesPassedOver = 0
        share += Self.weight * (newShare - share)
    }
}
