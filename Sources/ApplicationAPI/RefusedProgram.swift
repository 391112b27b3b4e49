/// A worker may not run what a job asks for, because whoever started it allows other programs alone.
package struct RefusedProgram: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was asked for, why it is refused, and what would help.
    package let description: String

    package init(_ description: String) { self.description = description }
}
