/// Sizes and rates in few characters.
package enum SizeText {
    package static func of(_ byteCount: Int64) -> String {
        switch byteCount {
        case ..<1_000: "\(byteCount) B"
        case ..<1_000_000: TimeText.rounded(Double(byteCount) / 1e3, places: 1) + " kB"
        case ..<1_000_000_000: TimeText.rounded(Double(byteCount) / 1e6, places: 1) + " MB"
        default: TimeText.rounded(Double(byteCount) / 1e9, places: 2) + " GB"
        }
    }

    package static func rate(_ byteCount: Int64, in duration: Duration) -> String {
        let seconds = duration / .seconds(1)
        guard seconds > 0 else { return "- MB/s" }
        return TimeText.rounded(Double(byteCount) / 1e6 / seconds, places: 1) + " MB/s"
    }
}
