/// What a program that answers several calls writes for one of them: `stay LENGTH` or `end LENGTH`, a line feed, and a
/// methodResponse of so many bytes. After `end` it ends.
struct RunnerAnswer {
    let stays: Bool
    /// Of the document.
    let byteCount: Int
    private let bytes: [UInt8]
    private let start: Int

    static let headerByteCountMax = 32

    /// nil while the first line has not come, or is none.
    init?(_ bytes: [UInt8]) {
        guard let end = bytes.prefix(Self.headerByteCountMax).firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let words = bytes[..<end].split(separator: UInt8(ascii: " "))
        guard words.count == 2, words[0].elementsEqual("stay".utf8) || words[0].elementsEqual("end".utf8),
            let count = Int(String(decoding: words[1], as: UTF8.self)), count >= 0
        else { return nil }
        stays = words[0].elementsEqual("stay".utf8)
        byteCount = count
        self.bytes = bytes
        start = end + 1
    }

    var isWhole: Bool { bytes.count - start == byteCount }

    var document: [UInt8] { Array(bytes[start...]) }
}
