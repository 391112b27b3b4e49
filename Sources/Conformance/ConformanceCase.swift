/// One thing that a worker must do right.
struct ConformanceCase: Sendable {
    let name: String
    /// What a right worker does, for people.
    let summary: String
    /// The heading on docs/worker-protocol.md under which it stands.
    let chapter: String
    let body: @Sendable (Stage) async throws -> Void

    init(
        _ name: String, _ summary: String, chapter: String, body: @escaping @Sendable (Stage) async throws -> Void
    ) {
        self.name = name
        self.summary = summary
        self.chapter = chapter
        self.body = body
    }

    static let page = "docs/worker-protocol.md"

    /// In the order in which they are tried: what fails first is best mended first.
    static let all = counting + answers + attempts + comingAndGoing
}
