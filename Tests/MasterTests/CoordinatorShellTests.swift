import Coordinator
import Dispatch
import Model
import Shell
import Synchronization
import Testing

@testable import Master

@Suite struct CoordinatorShellTests {
    private static func plan(_ number: Int) -> JobPlan {
        JobPlan(
            id: JobID(number: number), application: ApplicationChoice(name: "wordcount"), files: [], splits: [],
            reduceCount: 1,
            allowsSimpleWorkers: false)
    }

    @Test("Settling waits for what another thread is about to apply")
    func settle() async {
        let isHeld = DispatchSemaphore(value: 0)
        let goesOn = DispatchSemaphore(value: 0)
        let hasBeenHeld = Atomic(false)
        let shell = CoordinatorShell(Coordinator(policy: Policy())) { _, _ in
            guard !hasBeenHeld.exchange(true, ordering: .relaxed) else { return }
            isHeld.signal()
            goesOn.wait()
        }
        let other = Self.plan(2)
        // Ending a job has effects.
        DispatchQueue.global().async {
            shell.submit(.jobSubmitted(Self.plan(1)))
            shell.submit(.jobCancelled(JobID(number: 1), reason: "for a test"))
        }
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                isHeld.wait()
                continuation.resume()
            }
        }
        shell.submit(.jobSubmitted(other))
        shell.submit(.jobCancelled(other.id, reason: "for a test"))
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(100)) { _ = goesOn.signal() }
        await shell.settle()
        #expect(shell.read { $0.status(of: other.id)?.outcome } == .cancelled(reason: "for a test"))
    }
}
