import Model

/// What befell one task, oldest first; only setbacks are kept, so that a task without any costs nothing.
struct History: Hashable, Sendable {
    private(set) var entries: [String] = []

    /// Drops the oldest entry when there are already `entryCountMax`.
    mutating func append(_ entry: String, entryCountMax: Int) {
        if entries.count >= entryCountMax { entries.removeFirst(entries.count - entryCountMax + 1) }
        entries.append(entry)
    }
}

/// Cuts a text that a peer sent to `byteCountMax` bytes of UTF-8, and says so in the text.
func bounded(_ text: String, byteCountMax: Int) -> String {
    let byteCount = text.utf8.count
    guard byteCount > byteCountMax else { return text }
    let kept = String(decoding: text.utf8.prefix(byteCountMax), as: UTF8.self)
    return "\(kept) [... \(byteCount - byteCountMax) more bytes left out]"
}
