/// How much a search for bad records may cost.
package struct SearchBounds: Sendable {
    package var tryMax: Int
    package var timeMax: Duration?

    /// To name one record: the job fails anyway, and should not wait for long.
    package static let naming = SearchBounds(tryMax: 64, timeMax: .seconds(600))

    /// To leave records out.
    package static func skipping(countMax: Int) -> SearchBounds {
        SearchBounds(tryMax: 64 * (countMax + 1), timeMax: nil)
    }

    package init(tryMax: Int, timeMax: Duration?) {
        self.tryMax = tryMax
        self.timeMax = timeMax
    }

    func limits(foundMax: Int) -> BadRecordSearch.Limits {
        let deadline = timeMax.map { ContinuousClock.now + $0 }
        return BadRecordSearch.Limits(foundMax: foundMax, tryMax: tryMax) {
            deadline.map { ContinuousClock.now >= $0 } ?? false
        }
    }
}
