/// What SQLite's write-ahead log takes.
enum WriteAheadLog {
    private static let pageByteCount = 4096
    /// A page with the header of its frame.
    private static let frameByteCount = pageByteCount + 24
    /// Pages that hold no part of the row's bytes: the first page, leaves that split and the pages above them, free list.
    private static let otherPageCountMax = 6

    /// The most that storing a row of so many bytes adds. Each overflow page holds 4 bytes less than a page.
    static func byteCountMax(storing byteCount: Int) -> Int {
        (byteCount / (pageByteCount - 4) + 1 + otherPageCountMax) * frameByteCount
    }
}
