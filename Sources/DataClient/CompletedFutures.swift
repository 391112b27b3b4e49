import DataProtocol

/// Futures in the order in which they end.
public struct CompletedFutures: AsyncSequence, Sendable {
    let client: DataClient
    let futures: [DataFuture]

    public func makeAsyncIterator() -> Iterator { Iterator(client: client, futures: futures) }

    /// Asks the center again when all that it has told of are used up.
    public struct Iterator: AsyncIteratorProtocol {
        private let client: DataClient
        private var left: [DataFuture]
        private var over: ArraySlice<DataFuture> = []

        /// Of many a few at a time: each question names all that are left.
        private static let sharePerQuestion = 50
        private static let pause: Duration = .milliseconds(500)

        init(client: DataClient, futures: [DataFuture]) {
            self.client = client
            left = futures
        }

        public mutating func next() async throws -> DataFuture? {
            while over.isEmpty, !left.isEmpty {
                let keys = Set(try left.map { try $0.objectKey })
                let count = 1 + keys.count / Self.sharePerQuestion
                let ended = Set(
                    try await client.look(
                        at: Array(keys), for: count == 1 ? DataClient.heldBackMax : Self.pause, count: count
                    ).filter(\.status.isOver).map(\.key))
                over = ArraySlice(try left.filter { ended.contains(try $0.objectKey) })
                left = try left.filter { !ended.contains(try $0.objectKey) }
            }
            return over.popFirst()
        }
    }
}
