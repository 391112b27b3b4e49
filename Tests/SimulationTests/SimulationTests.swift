import Simulation
import Testing

struct SimulationTests {
    @Test("Every simulated cluster ends with the right answer", arguments: UInt64(0)..<200)
    func rightAnswer(seed: UInt64) {
        let report = Cluster.run(seed: seed)
        #expect(report.isGood, "\(report.complaint)")
    }
}
