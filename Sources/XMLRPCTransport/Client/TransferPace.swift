import NIOCore

/// How slow a transfer may become before it is given up.
struct TransferPace: Hashable, Sendable {
    /// How long a window is: in each, enough bytes must come.
    let stallMax: Duration
    let byteCountMin: Int

    /// - Parameter byteRateMin: Bytes per second, averaged over a window.
    init(stallMax: Duration, byteRateMin: Int) {
        self.stallMax = stallMax
        byteCountMin = max(1, Int((stallMax / .seconds(1)) * Double(byteRateMin)))
    }
}
