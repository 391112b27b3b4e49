/// Who is told what becomes of local workers. Called on any thread.
package struct LocalWorkerWatcher: Sendable {
    /// A worker's process has ended though nobody told it to: its name, and how, as in "was killed by signal 9".
    package let onEnd: @Sendable (_ name: String, _ how: String) -> Void
    /// The last of them was given up.
    package let onNoneLeft: @Sendable (_ reason: String) -> Void

    package init(
        onEnd: @escaping @Sendable (_ name: String, _ how: String) -> Void,
        onNoneLeft: @escaping @Sendable (_ reason: String) -> Void
    ) {
        self.onEnd = onEnd
        self.onNoneLeft = onNoneLeft
    }
}
