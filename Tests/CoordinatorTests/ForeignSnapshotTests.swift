import Coordinator
import Testing

@Suite("Bytes that are no snapshot")
struct ForeignSnapshotTests {
    @Test("A duration of the least number there is, in any of its parts, is an error", arguments: 0..<3)
    func leastDuration(place: Int) {
        // The zigzag form of Int64.min has all 64 bits set.
        let least = [UInt8](repeating: 0xFF, count: 9) + [1]
        let bytes = [UInt8](repeating: 0, count: place) + least + [UInt8](repeating: 0, count: 100)
        #expect(throws: RecordError.self) { try Coordinator(snapshot: bytes) }
    }

    @Test("No bytes, few bytes and a snapshot that was cut off are errors")
    func cutOff() {
        var scene = Scene()
        _ = scene.join()
        scene.submit(maps: [3, 2], reduces: 2, cutPoints: [[1, 2]], options: ["o": [3]])
        let whole = scene.coordinator.snapshot
        #expect((try? Coordinator(snapshot: whole, assertsInvariants: false)) == scene.coordinator)
        for count in 0..<whole.count {
            #expect(throws: RecordError.self, "\(count) bytes") { try Coordinator(snapshot: Array(whole[..<count])) }
        }
    }
}
