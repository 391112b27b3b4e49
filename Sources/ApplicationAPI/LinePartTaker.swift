/// An application that may be given a long line in parts, one block after the other, so that nobody need hold the whole.
package protocol LinePartTaker: Application {
    /// Asked once in each map task.
    var takesLineParts: Bool { get }
}
